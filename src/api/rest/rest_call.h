#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/handler.h"
#include "api/query.h"
#include "document/revision.h"
#include "engine/address.h"
#include "engine/documents.h"

namespace quire::api::rest {

// A call whose path, parameters and conditions have been read; `id` may be that of a key.
struct RestCall : DatabaseCall {
  using DatabaseCall::DatabaseCall;

  // Errors: invalid.
  static Result<RestCall> parse(const Call& call);

  engine::CollectionAddress collection() const {
    return {.database = database(), .collection = collection_name};
  }
  // Whether the client asks for lines.
  bool wants_lines() const;

  std::string collection_name;
  std::string user;  // an account, by its id or name
  Query query;
};

// What a write asks for beside its change: durability, a request id; collections are made. Errors: invalid.
Result<engine::WriteOptions> write_options(const RestCall& call);
// Of ?rev=. Errors: invalid.
Result<std::optional<document::Revision>> revision_parameter(const RestCall& call);

// If-Match and If-None-Match, as far as writes take them. Errors: invalid.
struct Conditions {
  std::optional<document::Revision> match;  // If-Match: "REV"
  bool match_any = false;                   // If-Match: *
  bool absent = false;                      // If-None-Match: *
};
Result<Conditions> conditions_of(const net::RequestHead& request);

}  // namespace quire::api::rest
