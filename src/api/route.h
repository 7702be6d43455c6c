#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "api/api.h"
#include "engine/decide.h"
#include "net/message.h"

// The table of routes: all that can be called. Routing, limits, refusals, metrics and the reference are made
// of it, so that what has no row cannot be reached.
namespace quire::api {

struct Call;
// Answers a call. Called on the connection's thread, which it must not block.
using Handler = void (*)(const Call& call);

// Whether a page of another site that makes a browser send the request could do harm: of the route, not of
// its method.
enum class Csrf : std::uint8_t { safe, unsafe };

// Who gets past the door. What they may is for the engine to decide.
enum class Who : std::uint8_t {
  anybody,  // needs no identity; a cookie that has run out is none, so that whoever has one can log in again
  granted,  // needs no identity where a database is open to everybody: the engine decides
  known,    // shows an identity
  admin,    // runs the server
};

// What a request may carry.
enum class Body : std::uint8_t {
  none,           // nothing
  json,           // application/json, whole
  optional_json,  // the same, or nothing
  json_or_lines,  // application/json, whole; or application/x-ndjson, streamed
  patch,          // application/json, application/merge-patch+json or application/json-patch+json, whole
  bytes,          // anything, streamed
  records,        // application/x-ndjson, application/json or text/csv, streamed
  // Of the CouchDB surface. JSON is there also text/plain or no type at all, where no page of another site
  // could have sent it: beside a key or a password; and of a PUT, which no page of another site can send, any
  // type. It is taken whole where it is small, and else streamed.
  couch_json,
  couch_optional_json,  // the same, or nothing
  couch_document,       // the same as couch_json, or multipart/related
  couch_login,          // couch_json, or a form; whole
};

struct Parameter {
  enum class Kind : std::uint8_t { text, flag, number };
  std::string_view name;
  Kind kind = Kind::text;
  std::string_view summary;
};

struct Route {
  std::string_view name;  // "rest.documents.get": in metrics, logs and the reference
  net::Method method;
  std::string_view pattern;  // "/v1/databases/{database}": what stands in braces matches one segment that is
                             // not empty, and at the end "{name...}" all that is left
  Surface surface;
  std::optional<engine::Action> action;  // what the engine is asked whether the caller may; none: nothing
  Who who;
  Csrf csrf;
  Body body;
  std::uint64_t Options::*body_limit;  // null: none
  std::span<const Parameter> parameters;
  std::string_view request;  // the name of a schema, empty: no JSON body
  std::string_view answer;   // the name of a schema, or a media type
  unsigned success;          // the status of a good answer
  std::string_view summary;
  Handler handler;
};

std::span<const Route> routes();

// A JSON Schema that the reference shows, by the name that routes give.
struct Schema {
  std::string_view name;
  std::string_view summary;
  std::string_view json;
};
std::span<const Schema> schemas();

// At most so many segments of a pattern stand in braces.
inline constexpr std::size_t kCaptures = 4;
using Captures = std::array<std::string_view, kCaptures>;

}  // namespace quire::api
