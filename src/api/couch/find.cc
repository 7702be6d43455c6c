#include <algorithm>
#include <utility>

#include "api/couch/design_id.h"
#include "api/couch/document_out.h"
#include "api/couch/handlers.h"
#include "api/couch/index_design.h"
#include "api/couch/indexes.h"
#include "api/couch/mango.h"
#include "api/couch/merged_find.h"
#include "api/json_out.h"
#include "api/streamed_answer.h"
#include "api/tuning.h"
#include "engine/queries.h"

// Mango on the query engine, which is asked for ids; each is then printed as any document is. A database is
// asked collection by collection, the default one first; a sort puts what several collections answer in one
// order.

namespace quire::api::couch {

namespace {

constexpr std::uint64_t kDefaultLimit = 25;

struct FindBody {
  std::string selector;  // as it came
  std::uint64_t limit = kDefaultLimit;
  std::uint64_t skip = 0;
  std::vector<SortField> sort;
  std::vector<std::string> fields;
  std::string index;       // by name; empty: the planner's choice
  std::string collection;  // of a bookmark
  std::string cursor;
  std::vector<MergedFind::Reached> reached;  // of a bookmark of several collections
  bool statistics = false;
  DocumentMembers members;
};

Result<std::uint64_t> number_of(const document::Value& root, std::string_view name, std::uint64_t otherwise) {
  const document::Value* const value = root.find(name);
  if (value == nullptr || value->is_null()) return otherwise;
  const std::string text = value->to_json();
  if (text.empty() || text.size() > 18 ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return refusal(ErrorCode::invalid, "invalid_" + std::string(name) + "_json",
                   "Invalid value for " + std::string(name) + ": " + text.substr(0, 64));
  }
  return std::stoull(text);
}

bool flag_of(const document::Value& root, std::string_view name) {
  const document::Value* const value = root.find(name);
  return value != nullptr && value->is_boolean() && value->as_boolean();
}

Status take_fields(const document::Value& root, FindBody& body) {
  const document::Value* const fields = root.find("fields");
  if (fields == nullptr || (fields->is_string() && fields->to_string() == "all_fields")) return ok();
  if (!fields->is_array()) {
    return refusal(ErrorCode::invalid, "invalid_fields_json", "Fields must be an array of strings.");
  }
  for (const document::Value& one : fields->elements()) {
    if (!one.is_string()) {
      return refusal(ErrorCode::invalid, "invalid_fields_json", "Fields must be an array of strings.");
    }
    body.fields.push_back(one.to_string());
  }
  return ok();
}

// "ddoc", or ["ddoc", "name"].
void take_index(const document::Value& root, FindBody& body) {
  const document::Value* const use = root.find("use_index");
  if (use == nullptr) return;
  std::string design;
  std::string name;
  if (use->is_string()) design = use->to_string();
  if (use->is_array() && use->size() > 0 && use->elements()[0].is_string()) {
    design = use->elements()[0].to_string();
    if (use->size() > 1 && use->elements()[1].is_string()) name = use->elements()[1].to_string();
  }
  if (design.starts_with("_design/")) design.erase(0, 8);
  if (!design.empty()) body.index = index_name(design, name.empty() ? design : name);
}

Error invalid_bookmark(const std::string& json) {
  return refusal(ErrorCode::invalid, "invalid_bookmark", "Invalid bookmark value: " + json);
}

// "COLLECTION/CURSOR", or of several collections as MergedFind has it; "nil" is none. Errors:
// invalid_bookmark.
Status take_bookmark(const document::Value& root, FindBody& body) {
  const document::Value* const value = root.find("bookmark");
  if (value == nullptr || value->is_null()) return ok();
  if (!value->is_string()) return invalid_bookmark(value->to_json());
  const std::string text = value->to_string();
  if (text.empty() || text == "nil") return ok();
  if (auto reached = MergedFind::parse(text)) {
    if (body.sort.empty()) {
      return refusal(ErrorCode::invalid, "invalid_bookmark", "The bookmark is of a request with a sort.");
    }
    body.reached = *std::move(reached);
    return ok();
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return invalid_bookmark(value->to_json());
  body.collection = text.substr(0, slash);
  body.cursor = text.substr(slash + 1);
  return ok();
}

Result<FindBody> parse_body(const CouchCall& call) {
  QUIRE_TRY(const std::string given, whole_body(call));
  std::string text;
  if (!document::minify(given, {}, text)) return bad_request("invalid UTF-8 JSON");
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, text));
  const document::Value* const selector = root.find("selector");
  if (selector == nullptr) {
    return refusal(ErrorCode::invalid, "missing_required_key", "Missing required key: selector");
  }
  if (!selector->is_object()) {
    return refusal(ErrorCode::invalid, "invalid_selector_json", "Selector must be a JSON object");
  }
  FindBody body;
  body.selector = selector->to_json();
  QUIRE_TRY(body.limit, number_of(root, "limit", kDefaultLimit));
  QUIRE_TRY(body.skip, number_of(root, "skip", 0));
  if (const document::Value* const sort = root.find("sort")) {
    QUIRE_TRY(body.sort, read_sort(*sort));
  }
  QUIRE_TRY_STATUS(take_fields(root, body));
  take_index(root, body);
  QUIRE_TRY_STATUS(take_bookmark(root, body));
  body.statistics = flag_of(root, "execution_stats");
  body.members.conflicts = flag_of(root, "conflicts");
  return body;
}

std::string sort_json(const std::vector<SortField>& sort) {
  if (sort.empty()) return {};
  std::string text = "{";
  Separator separator;
  for (const SortField& field : sort) {
    separator.before(text);
    document::append_json_string(text, field.path);
    text += field.descending ? ":-1" : ":1";
  }
  return text + "}";
}

class Find {
 public:
  Find(CouchCall& call, FindBody body) : call_(call), body_(std::move(body)), places_(call) {}

  Status run() {
    QUIRE_TRY(const auto collections, wanted_collections());
    // Errors of the request show with the first collection, before the head of the answer is sent.
    QUIRE_TRY_STATUS(check_sort(collections));
    StreamedAnswer answer(call_.call, {});
    const bool merges = !body_.reached.empty() || (!body_.sort.empty() && collections.size() > 1);
    return answer.finish(merges ? print_merged(collections, answer) : print(collections, answer));
  }

  Result<net::Response> explain() {
    QUIRE_TRY(const auto collections, wanted_collections());
    QUIRE_TRY_STATUS(check_sort(collections));
    const std::string& collection = collections.front();
    QUIRE_TRY(const engine::FindRequest request, request_of(collection));
    QUIRE_TRY(const std::string plan, engine::wait<std::string>([&](auto done) {
                call_.parts().queries.explain(call_.call.caller, call_.call.limits(),
                                              {.database = call_.database(), .collection = collection},
                                              request, false, std::move(done));
              }));
    QUIRE_TRY(const auto indexes, indexes_of(call_, collection));
    std::string out;
    ObjectOut object(out);
    object.text("dbname", call_.database_name);
    const auto used = std::find_if(indexes.begin(), indexes.end(),
                                   [&](const auto& one) { return plan.find(one.name) != std::string::npos; });
    std::string& index = object.member("index");
    if (used == indexes.end()) {
      print_all_docs_index(index);
    } else {
      QUIRE_TRY_STATUS(print_index(*used, index));
    }
    object.raw("selector", body_.selector);
    object.number("limit", body_.limit);
    object.number("skip", body_.skip);
    object.member("fields");
    print_fields(out);
    object.text("plan", plan);
    object.end();
    return json_answer(200, std::move(out));
  }

 private:
  void print_fields(std::string& out) const {
    if (body_.fields.empty()) {
      out += "\"all_fields\"";
      return;
    }
    out.push_back('[');
    Separator separator;
    for (const std::string& field : body_.fields) {
      separator.before(out);
      document::append_json_string(out, field);
    }
    out.push_back(']');
  }

  Result<std::vector<std::string>> wanted_collections() {
    if (!body_.reached.empty()) {
      std::vector<std::string> begun;
      for (const auto& one : body_.reached) begun.push_back(one.collection);
      return begun;
    }
    QUIRE_TRY(const auto* const known, places_.collections());
    if (!call_.part.empty()) {
      if (known->contains(call_.part)) return std::vector<std::string>{call_.part};
      return std::vector<std::string>{"_default"};
    }
    std::vector<std::string> all{"_default"};
    for (const std::string& name : *known) {
      if (name != "_default") all.push_back(name);
    }
    const auto begun = std::find(all.begin(), all.end(), body_.collection);
    if (begun != all.end()) all.erase(all.begin(), begun);
    // Its collection has been dropped: from the front it would all come again.
    if (begun == all.end() && !body_.collection.empty()) {
      std::string json;
      document::append_json_string(json, body_.collection);
      return invalid_bookmark(json);
    }
    if (body_.sort.empty() || all.size() == 1) return all;
    QUIRE_TRY(const auto described, engine::wait<std::vector<engine::CollectionDescription>>([&](auto done) {
                call_.parts().catalog.collections(call_.call.caller, call_.call.limits(), call_.database(),
                                                  std::move(done));
              }));
    std::vector<std::string> filled;
    for (const auto& one : described) {
      if (one.counts.documents != 0) filled.push_back(one.name);
    }
    if (filled.empty()) filled.emplace_back("_default");
    return filled;
  }

  bool sorts_by_id() const {
    return body_.sort.empty() || (body_.sort.size() == 1 && body_.sort.front().path == "_id");
  }

  // Whether there is an index for the sort: in one of the collections, or in the default one, whose indexes
  // are those that clients make. Errors: no_usable_index.
  Status check_sort(std::vector<std::string> collections) {
    if (sorts_by_id()) return ok();
    collections.emplace_back("_default");
    for (const std::string& collection : collections) {
      QUIRE_TRY(const auto indexes, indexes_of(call_, collection));
      const bool sorted = std::any_of(indexes.begin(), indexes.end(),
                                      [&](const auto& one) { return serves_sort(one, body_.sort); });
      if (sorted) return ok();
    }
    return refusal(ErrorCode::invalid, "no_usable_index",
                   "No index exists for this sort, try indexing by the sort fields.");
  }

  Result<engine::FindRequest> request_of(const std::string& collection) {
    document::Arena arena;
    QUIRE_TRY(const document::Value selector, document::Value::parse(arena, body_.selector));
    engine::FindRequest request;
    request.plain_json = true;
    const std::string prefix = collection == "_default" ? std::string() : collection + ":";
    QUIRE_TRY(request.filter, to_filter(selector, prefix));
    // A partition that is no collection is a stretch of the default one.
    if (!call_.part.empty() && collection == "_default") {
      std::string low;
      std::string high;
      document::append_json_string(low, call_.part + ":");
      document::append_json_string(high, call_.part + ";");
      request.filter =
          "{\"$and\":[{\"_id\":{\"$gte\":" + low + ",\"$lt\":" + high + "}}," + request.filter + "]}";
    }
    QUIRE_TRY_STATUS(take_hint(collection, request));
    request.sort = sort_json(body_.sort);
    request.projection = R"({"_id":1})";
    return request;
  }

  Status take_hint(const std::string& collection, engine::FindRequest& request) {
    if (body_.index.empty()) return ok();
    QUIRE_TRY(const auto indexes, indexes_of(call_, collection));
    const auto named = std::find_if(indexes.begin(), indexes.end(),
                                    [&](const auto& one) { return one.name == body_.index; });
    if (named == indexes.end() || named->state != engine::IndexDescription::State::ready) return ok();
    request.hint = named->name;
    // Whoever names a partial index means its documents.
    QUIRE_TRY(const std::string partial, partial_of(*named));
    if (!partial.empty()) request.filter = "{\"$and\":[" + partial + "," + request.filter + "]}";
    return ok();
  }

  Status print(const std::vector<std::string>& collections, StreamedAnswer& answer) {
    std::string& text = answer.text();
    text += "{\"docs\":[\n";
    std::string bookmark = "nil";
    std::uint64_t left = body_.limit;
    for (const std::string& collection : collections) {
      if (left == 0) break;
      QUIRE_TRY(engine::FindRequest request, request_of(collection));
      if (collection == body_.collection) request.cursor = body_.cursor;
      Status printed = ok();
      const auto sink = [&](const engine::FoundRow& row) {
        // Design documents say how others are found, and are not found themselves.
        if (is_design(collection, row.id)) return true;
        if (request.cursor.empty() && body_.skip != 0) {
          --body_.skip;
          return true;
        }
        printed = print_row(collection, row.id, answer);
        return printed && --left != 0;
      };
      QUIRE_TRY(const engine::FindEnd end, ask(collection, request, sink));
      QUIRE_TRY_STATUS(printed);
      if (!end.next.empty()) bookmark = collection + "/" + end.next;
    }
    return print_end(bookmark, text);
  }

  Status print_merged(const std::vector<std::string>& collections, StreamedAnswer& answer) {
    const bool goes_on = !body_.reached.empty();
    auto reached = std::move(body_.reached);
    if (!goes_on) {
      for (const std::string& collection : collections) reached.push_back({.collection = collection});
    }
    QUIRE_TRY(auto keys, engine::SortKeys::parse(sort_json(body_.sort)));
    MergedFind rows(std::move(keys), std::move(reached),
                    [&](const auto& collection, const auto& cursor, const auto& sink) {
                      return ask_page(collection, cursor, sink);
                    });
    answer.text() += "{\"docs\":[\n";
    std::uint64_t skip = goes_on ? 0 : body_.skip;
    for (std::uint64_t left = body_.limit; left != 0;) {
      QUIRE_TRY(const auto found, rows.next());
      if (!found) break;
      if (is_design(found->collection, found->id)) continue;
      if (skip != 0) {
        --skip;
        continue;
      }
      QUIRE_TRY_STATUS(print_row(found->collection, found->id, answer));
      --left;
    }
    const std::string bookmark = rows.bookmark();
    return print_end(bookmark.empty() ? "nil" : bookmark, answer.text());
  }

  // A page of whole documents, as sort keys are made of them.
  Result<engine::FindEnd> ask_page(const std::string& collection, const std::string& cursor,
                                   const engine::RowSink& sink) {
    QUIRE_TRY(engine::FindRequest request, request_of(collection));
    request.projection.clear();
    request.cursor = cursor;
    request.limit = tuning::kMergedPageRows;
    return ask(collection, request, sink);
  }

  Result<engine::FindEnd> ask(const std::string& collection, const engine::FindRequest& request,
                              const engine::RowSink& sink) {
    auto end = engine::wait<engine::FindEnd>([&](auto done) {
      call_.parts().queries.find(call_.call.caller, call_.call.limits(),
                                 {.database = call_.database(), .collection = collection}, request, sink,
                                 std::move(done));
    });
    if (!end) return in_words(end.error());
    scanned_ += end->stats.scanned;
    entries_ += end->stats.entries;
    indexed_ = indexed_ || !end->stats.index.empty();
    time_ += end->stats.time;
    return end;
  }

  static Error in_words(const Error& error) {
    if (error.code() != ErrorCode::invalid) return error;
    return refusal(ErrorCode::invalid, "invalid_selector_json", error.message());
  }

  Status print_row(const std::string& collection, std::string_view id, StreamedAnswer& answer) {
    const Place place{.collection = collection, .id = std::string(id)};
    engine::GetOptions options;
    body_.members.ask(options);
    const auto document = engine::wait<engine::Document>([&](auto done) {
      call_.parts().documents.get(call_.call.caller, call_.call.limits(), place.in(call_.database()),
                                  place.id, options, std::move(done));
    });
    if (!document) {
      // It has been removed since it was found.
      return document.error().code() == ErrorCode::not_found ? ok() : Status(document.error());
    }
    std::string& text = answer.text();
    if (returned_++ != 0) text += ",\n";
    std::string whole;
    QUIRE_TRY_STATUS(
        print_document(call_, place, couch_id(collection, id), *document, body_.members, {.text = whole}));
    if (body_.fields.empty()) {
      text += whole;
    } else {
      QUIRE_TRY(const std::string picked, pick_fields(whole, body_.fields));
      text += picked;
    }
    return answer.step();
  }

  Status print_end(const std::string& bookmark, std::string& text) const {
    document::append_json_string(text += "\n],\"bookmark\":", bookmark);
    if (!indexed_) {
      text += ",\"warning\":\"No matching index found, create an index to optimize query time.\"";
    }
    if (body_.statistics) {
      ObjectOut stats(text += ",\"execution_stats\":");
      stats.number("total_keys_examined", entries_);
      stats.number("total_docs_examined", scanned_);
      stats.number("total_quorum_docs_examined", 0);
      stats.number("results_returned", returned_);
      const auto us = static_cast<std::uint64_t>(time_.count());
      stats.raw("execution_time_ms", std::to_string(us / 1000) + "." + std::to_string(us % 1000 / 100));
      stats.end();
    }
    text += "}\n";
    return ok();
  }

  CouchCall& call_;
  FindBody body_;
  Places places_;
  std::uint64_t scanned_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t returned_ = 0;
  bool indexed_ = false;
  std::chrono::microseconds time_{0};
};

}  // namespace

Status find(CouchCall& call) {
  QUIRE_TRY(FindBody body, parse_body(call));
  return Find(call, std::move(body)).run();
}

Result<net::Response> explain(CouchCall& call) {
  QUIRE_TRY(FindBody body, parse_body(call));
  return Find(call, std::move(body)).explain();
}

}  // namespace quire::api::couch
