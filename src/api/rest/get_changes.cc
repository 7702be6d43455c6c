#include <utility>

#include "api/rest/changes.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

namespace {

Result<net::Response> read_once(RestCall& call) {
  QUIRE_TRY(const ChangesRequest request, ChangesRequest::parse(call));
  QUIRE_TRY(const auto since, first_position(call, request));
  QUIRE_TRY(const auto page, read_page(call, request, since));
  std::size_t rows = 0;
  QUIRE_TRY(std::string out, print_page(request, page, rows));
  return json_answer(200, std::move(out));
}

}  // namespace

void get_changes(const Call& call) {
  const auto parsed = RestCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  auto request = ChangesRequest::parse(*parsed);
  if (!request) return send_error(call, request.error());
  switch (request->feed) {
    case ChangesRequest::Feed::normal: return worker<read_once>(call);
    case ChangesRequest::Feed::longpoll: return poll_changes(call, *std::move(request));
    case ChangesRequest::Feed::events: return follow_changes(call, *std::move(request));
  }
}

}  // namespace quire::api::rest
