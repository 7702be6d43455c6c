#pragma once

#include <string>
#include <string_view>

#include "api/rest/rest_call.h"
#include "engine/queries.h"

namespace quire::api::rest {

// What a query's body asks for.
struct QueryBody {
  engine::FindRequest request;
  enum class Explain : std::uint8_t { no, plan, run };
  Explain explain = Explain::no;
  std::string path;  // of distinct
};

// Errors: invalid, for members that are not known or of another kind, and for a limit above `most`.
Result<QueryBody> parse_query_body(const RestCall& call, std::uint64_t otherwise, std::uint64_t most);
// Of count and distinct, whose limit is none unless it is given.
Result<QueryBody> parse_count_body(const RestCall& call);
Result<QueryBody> parse_distinct_body(const RestCall& call);

}  // namespace quire::api::rest
