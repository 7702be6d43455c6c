#include "api/rest/query_body.h"

#include "api/fields.h"

namespace quire::api::rest {

namespace {

constexpr Field kFilter{"filter", FieldType::object, false, "which documents"};
constexpr Field kCollation{"collation", FieldType::object, false, "how strings are compared"};
constexpr Field kHint{"hint", FieldType::text, false, "the index to use; $natural: none"};
constexpr Field kLimit{"limit", FieldType::number, false, "so many documents at most"};
constexpr Field kSkip{"skip", FieldType::number, false, "so many are left out first"};
constexpr Field kScanLimit{"scanLimit", FieldType::number, false, "so many may be looked at"};

constexpr Field kQuery[] = {kFilter,
                            {"sort", FieldType::object, false, "in which order"},
                            {"projection", FieldType::object, false, "which members of them"},
                            kLimit,
                            kSkip,
                            {"cursor", FieldType::text, false, "the next of the page before"},
                            kCollation,
                            kHint,
                            kScanLimit,
                            {"explain", FieldType::text, false, "plan or run: how it is, or was, done"}};
constexpr Field kCount[] = {kFilter, kLimit, kSkip, kCollation, kHint, kScanLimit};
constexpr Field kDistinct[] = {
    {"path", FieldType::text, true, "of the values"}, kFilter, kCollation, kHint, kScanLimit};

engine::FindRequest request_of(const Fields& fields) {
  engine::FindRequest request;
  request.filter = fields.json("filter");
  request.sort = fields.json("sort");
  request.projection = fields.json("projection");
  request.collation = fields.json("collation");
  request.hint = fields.text("hint");
  request.cursor = fields.text("cursor");
  request.skip = fields.number("skip", 0);
  request.scan_limit = fields.number("scanLimit", 0);
  return request;
}

Result<QueryBody::Explain> explain_of(std::string_view word) {
  if (word.empty()) return QueryBody::Explain::no;
  if (word == "plan") return QueryBody::Explain::plan;
  if (word == "run") return QueryBody::Explain::run;
  return Error(ErrorCode::invalid, "explain is plan or run").at("explain");
}

// A limit of 0 would be none: whoever wants no documents counts them.
Result<std::uint64_t> limit_of(const Fields& fields, std::uint64_t otherwise, std::uint64_t most) {
  const std::uint64_t limit = fields.number("limit", otherwise);
  if (!fields.has("limit") || (limit > 0 && limit <= most)) return limit;
  return Error(ErrorCode::invalid, "a limit is a whole number from 1 to " + std::to_string(most))
      .at("limit")
      .over(most);
}

}  // namespace

Result<QueryBody> parse_query_body(const RestCall& call, std::uint64_t otherwise, std::uint64_t most) {
  QUIRE_TRY(const auto fields, Fields::parse(call.exchange().body(), kQuery));
  QueryBody body;
  body.request = request_of(fields);
  QUIRE_TRY(body.request.limit, limit_of(fields, otherwise, most));
  QUIRE_TRY(body.explain, explain_of(fields.text("explain")));
  return body;
}

Result<QueryBody> parse_count_body(const RestCall& call) {
  QUIRE_TRY(const auto fields, Fields::parse(call.exchange().body(), kCount));
  QueryBody body;
  body.request = request_of(fields);
  QUIRE_TRY(body.request.limit, limit_of(fields, 0, ~std::uint64_t{0}));
  return body;
}

Result<QueryBody> parse_distinct_body(const RestCall& call) {
  QUIRE_TRY(const auto fields, Fields::parse(call.exchange().body(), kDistinct));
  QueryBody body;
  body.request = request_of(fields);
  body.path = fields.text("path");
  return body;
}

}  // namespace quire::api::rest
