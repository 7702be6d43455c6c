#include <algorithm>
#include <utility>

#include "api/couch/document_in.h"
#include "api/couch/handlers.h"
#include "api/couch/names.h"
#include "api/json_out.h"
#include "api/tuning.h"
#include "document/value.h"
#include "engine/revisions.h"

// What a database lacks of the revisions that another one has: {"ID": ["N-HASH", ...], ...} is asked.

namespace quire::api::couch {

namespace {

// Documents of one question to the engine.
constexpr std::size_t kAtOnce = 1000;

struct Asked {
  std::string id;
  engine::NamedRevisions named;
};

Result<std::vector<Asked>> read_asked(const CouchCall& call) {
  QUIRE_TRY(const std::string body, whole_body(call));
  document::JsonLimits limits;
  limits.document_bytes = tuning::kBulkBytes;
  limits.members = tuning::kBulkDocuments;
  std::string text;
  if (const Status good = document::minify(body, limits, text); !good) {
    return bad_request("invalid UTF-8 JSON: " + good.error().message());
  }
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, text));
  if (!root.is_object()) return bad_request("Request body must be a JSON object");
  Places places(call);
  std::vector<Asked> all;
  all.reserve(root.size());
  for (const document::Member& member : root.members()) {
    Asked asked{.id = member.name.to_string(), .named = {}};
    if (!member.value.is_array()) return bad_request("Invalid list of revisions");
    QUIRE_TRY(Place place, places.of(asked.id));
    asked.named.collection = std::move(place.collection);
    asked.named.id = std::move(place.id);
    for (const document::Value& one : member.value.elements()) {
      if (!one.is_string()) return bad_request("Invalid rev format");
      QUIRE_TRY(auto revision, parse_revision(one.to_string()));
      asked.named.revisions.push_back(std::move(revision));
    }
    all.push_back(std::move(asked));
  }
  return all;
}

Result<std::vector<engine::MissingRevisions>> ask(const CouchCall& call, const std::vector<Asked>& all) {
  std::vector<engine::MissingRevisions> answers;
  answers.reserve(all.size());
  std::size_t at = 0;
  do {
    std::vector<engine::NamedRevisions> some;
    for (const std::size_t end = std::min(all.size(), at + kAtOnce); at < end; ++at) {
      some.push_back(all[at].named);
    }
    QUIRE_TRY(auto found, engine::wait<std::vector<engine::MissingRevisions>>([&](auto done) {
                call.parts().revisions.missing(call.call.caller, call.call.limits(), call.database(), some,
                                               std::move(done));
              }));
    std::move(found.begin(), found.end(), std::back_inserter(answers));
  } while (at < all.size());
  return answers;
}

void print_list(const std::vector<document::Revision>& revisions, std::string& out) {
  out.push_back('[');
  Separator separator;
  for (const auto& revision : revisions) {
    separator.before(out);
    document::append_json_string(out, revision.to_string());
  }
  out.push_back(']');
}

template <class Print>
Result<std::string> print_missing(const CouchCall& call, const Print& print) {
  QUIRE_TRY(const auto all, read_asked(call));
  QUIRE_TRY(const auto answers, ask(call, all));
  std::string out = "{";
  Separator separator;
  for (std::size_t i = 0; i < all.size() && i < answers.size(); ++i) {
    if (answers[i].missing.empty()) continue;
    separator.before(out);
    document::append_json_string(out, all[i].id);
    out.push_back(':');
    print(answers[i], out);
  }
  out.push_back('}');
  return out;
}

Result<net::Response> diff(CouchCall& call) {
  QUIRE_TRY(std::string out,
            print_missing(call, [](const engine::MissingRevisions& found, std::string& text) {
              print_list(found.missing, text += "{\"missing\":");
              if (!found.possible_ancestors.empty()) {
                print_list(found.possible_ancestors, text += ",\"possible_ancestors\":");
              }
              text.push_back('}');
            }));
  return json_answer(200, std::move(out));
}

Result<net::Response> list(CouchCall& call) {
  QUIRE_TRY(const std::string found,
            print_missing(call, [](const auto& row, std::string& text) { print_list(row.missing, text); }));
  return json_answer(200, "{\"missing_revs\":" + found + "}");
}

}  // namespace

void revs_diff(const Call& call) { wherever<diff>(call); }
void missing_revs(const Call& call) { wherever<list>(call); }

}  // namespace quire::api::couch
