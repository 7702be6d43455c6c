#include <memory>
#include <mutex>
#include <utility>

#include "api/json_out.h"
#include "api/open_feeds.h"
#include "api/rest/changes.h"
#include "engine/position.h"

// Server-Sent Events. The feed runs on workers, as long as there is something to read and room to send it;
// else it waits for changes, or for the client, and holds no thread. Whatever waits answers once, and then
// somebody goes on, so that one thread at a time is in run(); only the heartbeat comes from elsewhere, and
// both use the exchange under the mutex.
//
// The id of an event is the position behind its change. An event of only an id tells the client how far the
// feed has come where nothing was wanted.

namespace quire::api::rest {

namespace {

class EventFeed final : public OpenFeed, public std::enable_shared_from_this<EventFeed> {
 public:
  EventFeed(RestCall call, ChangesRequest request)
      : call_(std::move(call)),
        request_(std::move(request)),
        client_(call_.exchange().cancellation()),
        last_sent_(call_.parts().clock.steady()),
        position_(request_.since) {
    limits_.cancellation = Cancellation::make();
  }

  void start() {
    const auto self = shared_from_this();
    if (const auto added = call_.call.context.feeds().add(self, std::string(call_.call.caller.account()));
        !added) {
      return send_error(call_.call, added.error());
    }
    call_.parts().workers.post([self] { self->begin(); });
  }

  void tick(SteadyTime now) override {
    if (client_.cancelled()) limits_.cancellation.cancel();
    const std::lock_guard lock(mutex_);
    if (!idle_ || now - last_sent_ < request_.heartbeat) return;
    last_sent_ = now;
    call_.exchange().offer("id: " + engine::to_string(position_) + "\n\n");
  }
  void stop() override { limits_.cancellation.cancel(); }

 private:
  enum class Next : std::uint8_t { read, room, changes, end };

  void begin() {
    auto position = first_position(call_, request_);
    // The first page is read before the head is sent, so that a database that is not there is an error.
    auto page = position ? read_page(call_, request_, *position) : Result<engine::FeedPage>(position.error());
    if (!page && page.error().code() != ErrorCode::history_lost) {
      leave();
      return send_error(call_.call, page.error());
    }
    net::Response head;
    head.content_type = "text/event-stream";
    head.add_field("X-Accel-Buffering", "no");
    {
      const std::lock_guard lock(mutex_);
      position_ = *position;
      call_.exchange().begin(std::move(head));
      call_.exchange().offer("retry: 1000\nid: " + engine::to_string(position_) + "\n\n");
    }
    go_on(take(std::move(page)));
  }

  void run() {
    {
      const std::lock_guard lock(mutex_);
      idle_ = false;
    }
    go_on(Next::read);
  }

  void go_on(Next next) {
    while (next == Next::read) next = take(read_page(call_, request_, position_));
    const auto self = shared_from_this();
    const auto again = [self] { self->call_.parts().workers.post([self] { self->run(); }); };
    if (next == Next::end) return finish();
    if (next == Next::room) {
      const std::lock_guard lock(mutex_);
      call_.exchange().on_room(again);
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      idle_ = true;
    }
    call_.parts().feeds.wait(call_.call.caller, limits_, call_.database(), position_,
                             [self, again](Result<engine::Position> answer) {
                               if (!answer) self->stop();
                               again();
                             });
  }

  Next take(Result<engine::FeedPage> page) {
    if (limits_.cancellation.cancelled()) return Next::end;
    if (!page) return page.error().code() == ErrorCode::history_lost ? reset(page.error()) : Next::end;
    std::string out;
    document::Arena scratch;
    for (const auto& row : page->rows) {
      const auto wanted = is_wanted(request_, row, scratch);
      if (!wanted) return Next::end;
      if (*wanted) print(row, page->next.incarnation, out);
    }
    const Next next = page->at_end ? Next::changes : Next::read;
    const std::lock_guard lock(mutex_);
    position_ = page->next;
    return out.empty() || send(std::move(out)) ? next : Next::room;
  }

  void print(const engine::FeedRow& row, std::uint64_t incarnation, std::string& out) const {
    out += "id: " + engine::to_string({incarnation, row.sequence}) + "\nevent: change\ndata: ";
    print_change(request_, row, incarnation, out);
    out += "\n\n";
  }

  // What was there is to be forgotten, and comes again, each document as it is now.
  Next reset(const Error& error) {
    if (position_ == engine::Position{}) return Next::end;
    std::string out = "id: 0\nevent: reset\ndata: ";
    ObjectOut object(out);
    object.text("error", name(error.code()));
    object.text("message", error.message());
    object.end();
    out += "\n\n";
    request_.options.current_only = true;
    const std::lock_guard lock(mutex_);
    position_ = {};
    return send(std::move(out)) ? Next::read : Next::room;
  }

  // The caller holds the mutex.
  bool send(std::string out) {
    last_sent_ = call_.parts().clock.steady();
    return call_.exchange().offer(std::move(out));
  }

  void leave() { call_.call.context.feeds().remove(shared_from_this()); }

  void finish() {
    leave();
    const std::lock_guard lock(mutex_);
    if (client_.cancelled()) {
      call_.exchange().abort();
    } else {
      call_.exchange().end();
    }
  }

  const RestCall call_;
  ChangesRequest request_;
  const Cancellation client_;
  CallLimits limits_;
  std::mutex mutex_;           // held for every use of the exchange
  bool idle_ = false;          // guarded by mutex_: it waits for changes, and a heartbeat may be sent
  SteadyTime last_sent_;       // guarded by mutex_
  engine::Position position_;  // written under mutex_ by whoever runs
};

}  // namespace

void follow_changes(const Call& call, ChangesRequest request) {
  std::make_shared<EventFeed>(RestCall::parse(call).value(), std::move(request))->start();
}

}  // namespace quire::api::rest
