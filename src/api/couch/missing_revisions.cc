#include <algorithm>
#include <utility>

#include "api/couch/bulk_in.h"
#include "api/couch/handlers.h"
#include "api/couch/names.h"
#include "api/json_out.h"
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
  QUIRE_TRY(auto list, parse_asked(body));
  Places places(call);
  std::vector<Asked> all;
  all.reserve(list.size());
  for (AskedRevisions& asked : list) {
    QUIRE_TRY(Place place, places.of(asked.id));
    all.push_back({.id = std::move(asked.id),
                   .named = {.collection = std::move(place.collection),
                             .id = std::move(place.id),
                             .revisions = std::move(asked.revisions)}});
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
