#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/couch/error.h"
#include "api/couch/parameters.h"
#include "api/handler.h"
#include "engine/completion.h"

namespace quire::api::couch {

// A call whose path and parameters have been read; `id` has "_design/" or "_local/" in front, and `name` may
// be that of an index.
struct CouchCall : DatabaseCall {
  using DatabaseCall::DatabaseCall;

  // Errors: invalid.
  static Result<CouchCall> parse(const Call& call);

  std::string part;  // of a partition
  Parameters query;
};

// {"ok":true}
net::Response ok_answer(unsigned status = 200);

// Where the answer says what a revision or an id is, and can say it in a field.
void add_tag(std::string_view revision, net::Response& response);

}  // namespace quire::api::couch
