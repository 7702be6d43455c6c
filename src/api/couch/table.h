#pragma once

#include <array>

#include "api/couch/handlers.h"
#include "api/route.h"

// The rows of this surface, for the table of routes. A pattern that ends with a slash is one without it too.
namespace quire::api::couch {

namespace rows {

using engine::Action;
using net::Method;
using Kind = Parameter::Kind;

inline constexpr std::array<Parameter, 0> kNone{};
inline constexpr std::array kCount{Parameter{"count", Kind::number, "so many, 1000 at most"}};
inline constexpr std::array kPage{
    Parameter{"startkey", Kind::text, "from this name on, as JSON"},
    Parameter{"endkey", Kind::text, "up to this name"}, Parameter{"limit", Kind::number, "so many at most"},
    Parameter{"skip", Kind::number, "behind so many"}, Parameter{"descending", Kind::flag, "names fall"}};
inline constexpr std::array kNewDatabase{
    Parameter{"q", Kind::number, "taken, and without a meaning here"},
    Parameter{"n", Kind::number, "taken, and without a meaning here"},
    Parameter{"partitioned", Kind::flag, "taken: every database is, by its collections"}};

constexpr std::uint64_t Options::*limit_of(Body body) {
  switch (body) {
    case Body::none: return nullptr;
    case Body::couch_login: return &Options::body_bytes;
    default: return &Options::attachment_bytes;  // attachments stand in bodies of JSON too
  }
}

// What is the same for all.
constexpr Route row(std::string_view name, Method method, std::string_view pattern,
                    std::optional<Action> action, Who who, Csrf csrf, Body body,
                    std::span<const Parameter> parameters, std::string_view answer, unsigned success,
                    std::string_view summary, Handler handler) {
  return {name,
          method,
          pattern,
          Surface::couch,
          action,
          who,
          csrf,
          body,
          limit_of(body),
          parameters,
          body == Body::none || body == Body::bytes ? "" : "CouchObject",
          answer,
          success,
          summary,
          handler};
}

// Of the server.
constexpr Route server_row(std::string_view name, std::string_view pattern, Who who,
                           std::span<const Parameter> parameters, std::string_view answer,
                           std::string_view summary, Handler handler, Method method = Method::get) {
  return row(name, method, pattern, std::nullopt, who, Csrf::safe, Body::none, parameters, answer, 200,
             summary, handler);
}

// Of a database, and changes nothing.
constexpr Route read_row(std::string_view name, Method method, std::string_view pattern, Action action,
                         Body body, std::span<const Parameter> parameters, std::string_view answer,
                         std::string_view summary, Handler handler) {
  return row(name, method, pattern, action, Who::granted, Csrf::safe, body, parameters, answer, 200, summary,
             handler);
}

constexpr Route write_row(std::string_view name, Method method, std::string_view pattern, Action action,
                          Body body, std::span<const Parameter> parameters, std::string_view answer,
                          unsigned success, std::string_view summary, Handler handler) {
  return row(name, method, pattern, action, Who::granted, Csrf::unsafe, body, parameters, answer, success,
             summary, handler);
}

}  // namespace rows

#define DB "/couch/{database}"

inline constexpr std::array kRoutes{
    rows::server_row("couch.welcome", "/couch/", Who::anybody, rows::kNone, "CouchObject",
                     "What this is: clients look at it first.", at_once<welcome>),
    rows::server_row("couch.welcome.head", "/couch/", Who::anybody, rows::kNone, "CouchObject",
                     "The same, without a body.", at_once<welcome>, net::Method::head),
    rows::server_row("couch.up", "/couch/_up", Who::anybody, rows::kNone, "CouchObject",
                     "Whether the server is ready; 404 where it is not.", at_once<up>),
    rows::server_row("couch.uuids", "/couch/_uuids", Who::anybody, rows::kCount, "CouchObject",
                     "New ids for documents.", at_once<uuids>),
    rows::server_row("couch.databases", "/couch/_all_dbs", Who::known, rows::kPage, "CouchList",
                     "The databases that the caller may see.", worker<all_dbs>),
    rows::row("couch.databases.info", net::Method::post, "/couch/_dbs_info", engine::Action::describe,
              Who::known, Csrf::safe, Body::couch_json, rows::kNone, "CouchList", 200,
              "What GET says of each of several databases.", worker<dbs_info>),
    rows::server_row("couch.membership", "/couch/_membership", Who::admin, rows::kNone, "CouchObject",
                     "The nodes: this one.", at_once<membership>),
    rows::server_row("couch.utils", "/couch/_utils/", Who::anybody, rows::kNone, "CouchError",
                     "There is no page of administration here: 501.", at_once<utils>),
    rows::server_row("couch.session.get", "/couch/_session", Who::anybody, rows::kNone, "CouchObject",
                     "Who asks.", at_once<get_session>),
    rows::row("couch.session.post", net::Method::post, "/couch/_session", std::nullopt, Who::anybody,
              Csrf::unsafe, Body::couch_login, rows::kNone, "CouchObject", 200,
              "Begins a session: `name` and `password`, as a form or as JSON. A browser keeps its cookie.",
              password<post_session>),
    rows::row("couch.session.delete", net::Method::remove, "/couch/_session", std::nullopt, Who::anybody,
              Csrf::unsafe, Body::none, rows::kNone, "CouchOk", 200, "Ends it.", worker<delete_session>),

    rows::read_row("couch.database.get", net::Method::get, DB "/", engine::Action::describe, Body::none,
                   rows::kNone, "CouchObject", "What a database holds, and where its changes stand.",
                   worker<get_database>),
    rows::read_row("couch.database.head", net::Method::head, DB "/", engine::Action::describe, Body::none,
                   rows::kNone, "CouchObject", "Whether there is such a database.", worker<get_database>),
    rows::row("couch.database.put", net::Method::put, DB "/", engine::Action::administer, Who::known,
              Csrf::unsafe, Body::couch_optional_json, rows::kNewDatabase, "CouchOk", 201,
              "Makes a database.", worker<put_database>),
    rows::write_row("couch.database.delete", net::Method::remove, DB "/", engine::Action::administer,
                    Body::none, rows::kNone, "CouchOk", 200, "Removes a database with all that is in it.",
                    worker<delete_database>),
};

#undef DB

}  // namespace quire::api::couch
