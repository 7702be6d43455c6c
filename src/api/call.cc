#include "api/call.h"

#include <exception>

#include "api/admission.h"
#include "api/answer.h"
#include "api/tuning.h"

namespace quire::api {

namespace {

// A fault in one request must not stop the process.
template <class Run>
void guarded(const Call& call, const Run& run) {
  try {
    run();
  } catch (const std::exception& fault) {
    call.parts().log.error("a handler failed", {{"route", call.route.name}, {"cause", fault.what()}});
    call.exchange.abort();
  }
}

void send_too_many(const Call& call) {
  send_error(call, Error(ErrorCode::exhausted, "too many calls are under way; come back later"));
}

// Of somebody unknown no more than where it comes as it is.
std::uint64_t most_unpacked(const Call& call) {
  if (call.caller.kind() == engine::Caller::Kind::anonymous) return tuning::kAnonymousBodyBytes;
  return streamed_limit(call.route, call.context.options());
}

void post(const Call& call, Executor& executor, Context::Place place, std::function<void()> work) {
  executor.post([call, place = std::move(place), work = std::move(work)] { guarded(call, work); });
}

}  // namespace

std::optional<engine::DatabaseDescription> visible_database(const Parts& parts, const engine::Caller& caller,
                                                            std::string_view id) {
  auto named = parts.catalog.database_of_id(id);
  // Asks for the right to describe it.
  if (!named || !parts.accounts.reservation(caller, {.name = named->name, .owner = named->owner})) {
    return std::nullopt;
  }
  return named;
}

NamedDatabase named_database(const Parts& parts, const engine::Caller& caller, std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    NamedDatabase named{.name = std::string(text.substr(colon + 1)),
                        .owner = std::string(text.substr(0, colon))};
    if (auto id = parts.accounts.owner_id(named.owner); !id.empty()) named.owner = std::move(id);
    return named;
  }
  if (auto described = visible_database(parts, caller, text)) {
    return {.name = std::move(described->name), .owner = std::move(described->owner)};
  }
  const bool own = text != "main" && caller.identity() != nullptr && !caller.administers();
  return {.name = std::string(text), .owner = own ? caller.identity()->user : std::string()};
}

void on_worker(const Call& call, std::function<void()> work) {
  Context::Place place = call.context.take_worker_place();
  if (!place) return send_too_many(call);
  post(call, call.parts().workers, std::move(place), std::move(work));
}

void on_worker(const Call& call, Work work) {
  on_worker(call, [call, work] { work(call); });
}

void on_password(const Call& call, std::function<void()> work) {
  auto place = call.context.take_password_place();
  if (!place) return send_error(call, too_many_passwords());
  call.parts().passwords.post(
      [call, place = std::move(place), work = std::move(work)] { guarded(call, work); });
}

void on_stream(const Call& call, Work work) {
  Context::Place place = call.context.take_stream_place();
  if (!place) return send_too_many(call);
  const auto run = [call, place = std::move(place), work](Fiber& fiber) {
    Stream stream(call.exchange, fiber, most_unpacked(call));
    Call streamed = call;
    streamed.stream = &stream;
    guarded(call, [&] { work(streamed); });
  };
  if (!Fiber::start(call.parts().streams, run)) send_too_many(call);
}

}  // namespace quire::api
