#include "api/rest/describe.h"
#include "api/rest/handlers.h"
#include "api/rest/settings.h"

namespace quire::api::rest {

Result<net::Response> put_collection(RestCall& call) {
  constexpr std::string_view kNumbers[] = {"revisionLimit"};
  constexpr std::string_view kFlags[] = {"history"};
  QUIRE_TRY(const Settings settings, Settings::parse(call.exchange().body(), kNumbers, kFlags));
  const auto limit = settings.number("revisionLimit");
  if (limit && *limit == 0) {
    return Error(ErrorCode::invalid, "at least the revision itself is remembered").at("revisionLimit");
  }
  QUIRE_TRY(const auto made, engine::wait<engine::CollectionDescription>([&](auto done) {
              call.parts().catalog.create_collection(
                  call.call.caller, call.call.limits(), call.collection(),
                  {.revision_limit = limit.value_or(0), .history = settings.flag("history").value_or(true)},
                  std::move(done));
            }));
  std::string out;
  print_collection(made, out);
  return json_answer(201, std::move(out));
}

}  // namespace quire::api::rest
