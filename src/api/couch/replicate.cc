#include <atomic>
#include <memory>
#include <utility>

#include "api/couch/handlers.h"
#include "api/couch/replication_in.h"
#include "api/couch/replication_out.h"
#include "api/open_feeds.h"

// POST _replicate: a replication that nobody has to remember. It ends with the process.

namespace quire::api::couch {

namespace {

using document::Value;

net::Response begun(std::string_view id, unsigned status) {
  net::Response response = json_answer(status, {});
  ObjectOut object(response.body);
  object.flag("ok", true);
  object.text("_local_id", id);
  object.end();
  return response;
}

bool cancels(const Value& object) {
  const Value* const cancel = object.find("cancel");
  return cancel != nullptr && cancel->is_boolean() && cancel->as_boolean();
}

// By its name, or by the same request once more.
Result<std::string> cancelled_id(const CouchCall& call, const Value& object) {
  for (const std::string_view name : {"replication_id", "id", "_local_id"}) {
    if (const Value* const id = object.find(name); id != nullptr && id->is_string()) return id->to_string();
  }
  QUIRE_TRY(const ReplicationIn in, read_replication(call, object));
  return replication_id(in.source, in.target, in.request);
}

Result<net::Response> cancel(const CouchCall& call, engine::Replications& replications, const Value& object) {
  QUIRE_TRY(const std::string id, cancelled_id(call, object));
  // Those of documents end with their documents.
  const auto status = engine::wait<engine::ReplicationStatus>(
      [&](auto done) { replications.get(call.call.caller, call.call.limits(), id, std::move(done)); });
  if (!status || !status->passing) {
    return refusal(ErrorCode::not_found, "not_found", "There is no such replication.");
  }
  QUIRE_TRY_STATUS(engine::wait<void>(
      [&](auto done) { replications.remove(call.call.caller, call.call.limits(), id, std::move(done)); }));
  return begun(id, 200);
}

Result<net::Response> begin_continuous(const CouchCall& call, engine::Replications& replications,
                                       engine::ReplicationRequest request) {
  const std::string id = request.name;
  auto made = engine::wait<engine::ReplicationStatus>([&](auto done) {
    replications.create(call.call.caller, call.call.limits(), std::move(request), std::move(done));
  });
  if (!made) return explain_replication(made.error());
  return begun(id, 202);
}

// An answer that comes when a replication is over, and holds no thread until then. A client that goes away,
// and a server that stops, wait for it no longer.
class WaitingAnswer final : public OpenFeed, public std::enable_shared_from_this<WaitingAnswer> {
 public:
  explicit WaitingAnswer(const Call& call) : call_(call), client_(call.exchange.cancellation()) {
    call_.stream = nullptr;
  }

  Status begin() {
    const auto* const identity = call_.caller.identity();
    return call_.context.feeds().add(shared_from_this(),
                                     identity == nullptr ? std::string() : identity->user);
  }

  void tick(SteadyTime) override {
    if (!client_.cancelled() || answered_.exchange(true)) return;
    leave();
    call_.exchange.abort();
  }
  void stop() override { over(Error(ErrorCode::unavailable, "the server stops")); }

  void over(Result<engine::ReplicationStatus> status) {
    if (answered_.exchange(true)) return;
    leave();
    if (!status) return send_error(call_, explain_replication(status.error()));
    net::Response response = json_answer(200, {});
    print_result(*status, response.body);
    call_.exchange.send(std::move(response));
  }

 private:
  void leave() { call_.context.feeds().remove(shared_from_this()); }

  Call call_;
  const Cancellation client_;
  std::atomic<bool> answered_{false};
};

Status run_to_its_end(const CouchCall& call, engine::Replications& replications,
                      engine::ReplicationRequest request) {
  const auto answer = std::make_shared<WaitingAnswer>(call.call);
  const engine::Caller caller = call.call.caller;
  QUIRE_TRY_STATUS(answer->begin());
  // Whatever comes of it is told to `answer`, which may have been the last to use the call by then.
  replications.run(caller, {}, std::move(request),
                   [answer](Result<engine::ReplicationStatus> status) { answer->over(std::move(status)); });
  return ok();
}

}  // namespace

Status replicate(CouchCall& call) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  QUIRE_TRY(const std::string body, whole_body(call));
  std::string text;
  document::Arena arena;
  QUIRE_TRY(const Value object, read_object(body, text, arena));
  if (cancels(object)) {
    QUIRE_TRY(net::Response response, cancel(call, *replications, object));
    call.exchange().send(std::move(response));
    return ok();
  }
  QUIRE_TRY(ReplicationIn in, read_replication(call, object));
  in.request.name = replication_id(in.source, in.target, in.request);
  in.request.passing = true;
  if (!in.request.continuous) {
    return run_to_its_end(call, *replications, std::move(in.request));
  }
  QUIRE_TRY(net::Response response, begin_continuous(call, *replications, std::move(in.request)));
  call.exchange().send(std::move(response));
  return ok();
}

}  // namespace quire::api::couch
