#include "api/rest/attachment.h"

#include <utility>

#include "api/rest/document_out.h"
#include "api/rest/document_write.h"

namespace quire::api::rest {

Result<net::Response> written_answer(const RestCall& call, Result<engine::WriteResult> result,
                                     unsigned status) {
  const bool conditional = !call.request().field("If-Match").empty();
  const auto explain = [&](const Error& error) {
    const bool moved = error.code() == ErrorCode::conflict ||
                       (error.code() == ErrorCode::not_found && error.field() == "missing");
    if (!conditional || !moved) return error;
    return Error(ErrorCode::precondition, error.message()).at("If-Match");
  };
  if (!result) return explain(result.error());
  const auto& row = result->rows.front();
  if (!row) return explain(row.error());
  std::string out;
  print_written(*row, result->durable, out);
  return json_answer(status, std::move(out));
}

}  // namespace quire::api::rest
