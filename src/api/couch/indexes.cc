#include "api/couch/indexes.h"

#include <utility>

#include "api/couch/handlers.h"
#include "api/couch/index_design.h"
#include "api/couch/write.h"
#include "api/json_out.h"
#include "api/tuning.h"
#include "base/bytes.h"
#include "base/md5.h"

namespace quire::api::couch {

namespace {

// An index of nobody's naming is called by what it is over.
std::string name_of(const std::string& definition) {
  Md5 hash;
  hash.update(definition);
  return to_hex(hash.finish());
}

struct Fields {
  std::vector<std::pair<std::string, bool>> paths;  // and whether it falls
};

Result<Fields> fields_of(const engine::IndexDescription& index) {
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, index.definition));
  Fields fields;
  const document::Value* const keys = root.find("keys");
  if (keys == nullptr || !keys->is_array()) return fields;
  for (const document::Value& key : keys->elements()) {
    for (const document::Member& member : key.members()) {
      fields.paths.emplace_back(member.name.to_string(), member.value.to_json() == "-1");
    }
  }
  return fields;
}

std::string text_of(const document::Value& root, std::string_view name) {
  const document::Value* const value = root.find(name);
  return value != nullptr && value->is_string() ? value->to_string() : std::string();
}

// A design document as it is; with an empty text: there is none.
struct Design {
  std::string body;
  std::optional<document::Revision> revision;
};

Result<Design> read_design(const CouchCall& call, const std::string& id) {
  auto found = engine::wait<engine::Document>([&](auto done) {
    call.parts().documents.get(call.call.caller, call.call.limits(), {.database = call.database()}, id, {},
                               std::move(done));
  });
  if (found) return Design{.body = std::string(found->body), .revision = std::move(found->revision)};
  const bool gone = found.error().field() == "missing" || found.error().field() == "deleted";
  return gone ? Result<Design>(Design()) : found.error();
}

// Puts the text in the place of what it was made of; an empty one removes the document. False: that has
// changed meanwhile.
Result<bool> write_design(const CouchCall& call, const std::string& id, const Design& design,
                          std::string text) {
  std::vector<engine::Change> changes(1);
  engine::Change& change = changes.front();
  change.kind = text.empty() ? engine::Change::Kind::remove : engine::Change::Kind::put;
  change.id = id;
  change.expected = design.revision;
  if (!text.empty()) change.body = engine::Body::stored(std::move(text));
  QUIRE_TRY(const auto result, engine::wait<engine::WriteResult>([&](auto done) {
              call.parts().documents.write(call.call.caller, {}, call.database(), std::move(changes), {},
                                           std::move(done));
            }));
  const auto& row = result.rows.front();
  if (row) return true;
  const Error error = explain_write(row.error(), false, true);
  return error.code() == ErrorCode::conflict ? Result<bool>(false) : error;
}

// Whether it was not there already.
Result<bool> add_index(const CouchCall& call, const std::string& id, std::string_view name,
                       const document::Value& index) {
  for (int tries = 0; tries < tuning::kDesignTries; ++tries) {
    QUIRE_TRY(const Design design, read_design(call, id));
    QUIRE_TRY(std::string text, with_index(design.body, name, index));
    if (text == design.body) return false;
    QUIRE_TRY(const bool written, write_design(call, id, design, std::move(text)));
    if (written) return true;
  }
  return document_conflict();
}

// Whether the document had it.
Result<bool> take_index(const CouchCall& call, const std::string& id, std::string_view name) {
  for (int tries = 0; tries < tuning::kDesignTries; ++tries) {
    QUIRE_TRY(const Design design, read_design(call, id));
    auto text = design.body.empty() ? std::nullopt : without_index(design.body, name);
    if (!text) return false;
    QUIRE_TRY(const bool written, write_design(call, id, design, *std::move(text)));
    if (written) return true;
  }
  return document_conflict();
}

}  // namespace

Result<std::vector<engine::IndexDescription>> indexes_of(const CouchCall& call, std::string_view collection) {
  return engine::wait<std::vector<engine::IndexDescription>>([&](auto done) {
    call.parts().queries.indexes(call.call.caller, call.call.limits(),
                                 {.database = call.database(), .collection = collection}, std::move(done));
  });
}

void print_all_docs_index(std::string& out) {
  out += R"({"ddoc":null,"name":"_all_docs","type":"special","def":{"fields":[{"_id":"asc"}]}})";
}

Status print_index(const engine::IndexDescription& index, std::string& out) {
  QUIRE_TRY(const Fields fields, fields_of(index));
  const std::size_t colon = index.name.find(':');
  ObjectOut object(out);
  object.text("ddoc", "_design/" + index.name.substr(0, colon));
  object.text("name", colon == std::string::npos ? index.name : index.name.substr(colon + 1));
  object.text("type", "json");
  object.flag("partitioned", false);
  object.member("def") += "{\"fields\":[";
  Separator separator;
  for (const auto& [path, falls] : fields.paths) {
    separator.before(out);
    document::append_json_string(out += "{", path);
    out += falls ? ":\"desc\"}" : ":\"asc\"}";
  }
  out += "]";
  QUIRE_TRY(const std::string partial, partial_of(index));
  if (!partial.empty()) out += ",\"partial_filter_selector\":" + partial;
  out += "}";
  object.end();
  return ok();
}

bool serves_sort(const engine::IndexDescription& index, const std::vector<SortField>& sort) {
  if (index.state != engine::IndexDescription::State::ready) return false;
  const auto fields = fields_of(index);
  if (!fields || fields->paths.size() < sort.size()) return false;
  // Read from either end, all directions are turned.
  const bool turned = sort.front().descending != fields->paths.front().second;
  for (std::size_t i = 0; i < sort.size(); ++i) {
    const auto& [path, falls] = fields->paths[i];
    if (path != sort[i].path || (falls != turned) != sort[i].descending) return false;
  }
  return true;
}

Result<std::string> partial_of(const engine::IndexDescription& index) {
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, index.definition));
  const document::Value* const partial = root.find("partial");
  return partial == nullptr ? std::string() : partial->to_json();
}

Result<net::Response> list_indexes(CouchCall& call) {
  QUIRE_TRY(const auto indexes, indexes_of(call, "_default"));
  std::string out = "{\"total_rows\":" + std::to_string(indexes.size() + 1) + ",\"indexes\":[";
  print_all_docs_index(out);
  for (const auto& index : indexes) {
    out.push_back(',');
    QUIRE_TRY_STATUS(print_index(index, out));
  }
  return json_answer(200, std::move(out += "]}"));
}

Result<net::Response> post_index(CouchCall& call) {
  QUIRE_TRY(const std::string body, whole_body(call));
  std::string text;
  if (!document::minify(body, {}, text)) return bad_request("invalid UTF-8 JSON");
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, text));
  const document::Value* const index = root.find("index");
  if (index == nullptr || !index->is_object()) {
    return refusal(ErrorCode::invalid, "missing_required_key", "Missing required key: index");
  }
  const std::string type = text_of(root, "type");
  if (!type.empty() && type != "json") {
    return Error(ErrorCode::not_implemented, "indexes of the type '" + type.substr(0, 32) + "' are not made");
  }
  QUIRE_TRY(const std::string definition, index_definition(*index));
  std::string design = text_of(root, "ddoc");
  if (design.starts_with("_design/")) design.erase(0, 8);
  std::string name = text_of(root, "name");
  if (name.empty()) name = design.empty() ? name_of(definition) : design;
  if (design.empty()) design = name;
  QUIRE_TRY(const bool created, add_index(call, "_design/" + design, name, *index));
  // The document may have lost its index to somebody who knows nothing of documents.
  QUIRE_TRY_STATUS(engine::wait<engine::IndexDescription>([&](auto done) {
    call.parts().queries.create_index(call.call.caller, call.call.limits(), {.database = call.database()},
                                      index_name(design, name), definition, std::move(done));
  }));
  std::string out;
  ObjectOut object(out);
  object.text("result", created ? "created" : "exists");
  object.text("id", "_design/" + design);
  object.text("name", name);
  object.end();
  return json_answer(200, std::move(out));
}

Result<net::Response> delete_index(CouchCall& call) {
  std::string design = call.id;
  if (design.starts_with("_design/")) design.erase(0, 8);
  QUIRE_TRY(const bool taken, take_index(call, "_design/" + design, call.name));
  if (taken) return ok_answer();
  // One of no document was made elsewhere.
  const auto dropped = engine::wait<void>([&](auto done) {
    call.parts().queries.drop_index(call.call.caller, call.call.limits(),
                                    {.database = call.database(), .collection = "_default"},
                                    index_name(design, call.name), std::move(done));
  });
  if (dropped) return ok_answer();
  const bool gone = dropped.error().code() == ErrorCode::not_found && dropped.error().field() != "database";
  return gone ? missing() : dropped.error();
}

}  // namespace quire::api::couch
