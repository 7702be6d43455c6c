#include <charconv>
#include <utility>

#include "api/couch/document_in.h"
#include "api/couch/handlers.h"
#include "api/couch/names.h"
#include "api/json_out.h"
#include "document/value.h"
#include "engine/revisions.h"

// What is done with a database as a whole: compacting, the limit of revisions, purging.

namespace quire::api::couch {

namespace {

// What an answer says as long as nobody has said anything.
constexpr std::uint64_t kPurgeLimit = 1000;

// The one number that a body is.
Result<std::uint64_t> number_of(const CouchCall& call, const char* otherwise) {
  QUIRE_TRY(const std::string body, whole_body(call));
  std::string text;
  std::uint64_t number = 0;
  if (!document::minify(body, {}, text)) return bad_request("invalid UTF-8 JSON");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return bad_request(otherwise);
  return number;
}

Result<engine::DatabaseDescription> read_description(const CouchCall& call) {
  QUIRE_TRY(auto figures, engine::wait<engine::DatabaseStatistics>([&](auto done) {
              call.parts().catalog.statistics(call.call.caller, call.call.limits(), call.database(),
                                              std::move(done));
            }));
  return std::move(figures.database);
}

Result<net::Response> change_settings(const CouchCall& call, const engine::DatabaseSettings& settings) {
  QUIRE_TRY_STATUS(engine::wait<engine::DatabaseDescription>([&](auto done) {
    call.parts().catalog.change_database(call.call.caller, call.call.limits(), call.database(), settings,
                                         std::move(done));
  }));
  return ok_answer();
}

struct Asked {
  std::vector<std::string> ids;
  std::vector<engine::NamedRevisions> leaves;
};

Result<Asked> read_asked(const CouchCall& call) {
  QUIRE_TRY(const std::string body, whole_body(call));
  std::string text;
  if (!document::minify(body, {}, text)) return bad_request("invalid UTF-8 JSON");
  document::Arena arena;
  QUIRE_TRY(const document::Value root, document::Value::parse(arena, text));
  if (!root.is_object()) return bad_request("Request body must be a JSON object");
  Places places(call);
  Asked asked;
  for (const document::Member& member : root.members()) {
    if (!member.value.is_array()) return bad_request("Invalid list of revisions");
    asked.ids.push_back(member.name.to_string());
    QUIRE_TRY(Place place, places.of(asked.ids.back()));
    engine::NamedRevisions named{.collection = std::move(place.collection), .id = std::move(place.id)};
    for (const document::Value& one : member.value.elements()) {
      if (!one.is_string()) return bad_request("Invalid rev format");
      QUIRE_TRY(auto revision, parse_revision(one.to_string()));
      named.revisions.push_back(std::move(revision));
    }
    asked.leaves.push_back(std::move(named));
  }
  return asked;
}

}  // namespace

Result<net::Response> compact(CouchCall& call) {
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().catalog.compact(call.call.caller, call.call.limits(), call.database(), std::move(done));
  }));
  return ok_answer(202);
}

// There are no views, and so nothing of old ones; whoever may not compact the database is refused as there.
Result<net::Response> view_cleanup(CouchCall& call) {
  QUIRE_TRY_STATUS(require_owner(call));
  return ok_answer(202);
}

Result<net::Response> get_revs_limit(CouchCall& call) {
  QUIRE_TRY(const auto database, read_description(call));
  return json_answer(200, std::to_string(database.revision_limit));
}

Result<net::Response> put_revs_limit(CouchCall& call) {
  engine::DatabaseSettings settings;
  QUIRE_TRY(settings.revision_limit, number_of(call, "`rev_limit` must be a positive integer"));
  return change_settings(call, settings);
}

// {"purge_seq", "purged": {ID: [REVISION...]}}
Result<net::Response> purge(CouchCall& call) {
  QUIRE_TRY(Asked asked, read_asked(call));
  QUIRE_TRY(const auto purged, engine::wait<engine::Purged>([&](auto done) {
              call.parts().revisions.purge(call.call.caller, {}, call.database(), std::move(asked.leaves),
                                           std::move(done));
            }));
  std::string out;
  ObjectOut object(out);
  object.number("purge_seq", purged.purge_sequence);
  object.member("purged").push_back('{');
  Separator documents;
  for (std::size_t i = 0; i < asked.ids.size() && i < purged.rows.size(); ++i) {
    const auto& row = purged.rows[i];
    if (!row && row.error().code() != ErrorCode::not_found) return row.error();
    documents.before(out);
    document::append_json_string(out, asked.ids[i]);
    out += ":[";
    Separator revisions;
    const std::vector<document::Revision> none;
    for (const auto& revision : row ? *row : none) {
      revisions.before(out);
      document::append_json_string(out, revision.to_string());
    }
    out.push_back(']');
  }
  out.push_back('}');
  object.end();
  return json_answer(201, std::move(out));
}

// A purge leaves nothing that would have to be remembered: the number is kept for those who set it.
Result<net::Response> get_purged_infos_limit(CouchCall& call) {
  QUIRE_TRY(const auto database, read_description(call));
  return json_answer(200, std::to_string(database.purge_limit != 0 ? database.purge_limit : kPurgeLimit));
}

Result<net::Response> put_purged_infos_limit(CouchCall& call) {
  engine::DatabaseSettings settings;
  QUIRE_TRY(settings.purge_limit, number_of(call, "`purge_infos_limit` must be positive integer"));
  return change_settings(call, settings);
}

Result<net::Response> shards(CouchCall& call) {
  QUIRE_TRY_STATUS(call.parts().accounts.reservation(call.call.caller, call.database()));
  return json_answer(200, R"({"shards":{"00000000-ffffffff":["quire@localhost"]}})");
}

}  // namespace quire::api::couch
