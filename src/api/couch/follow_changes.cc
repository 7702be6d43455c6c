#include <memory>
#include <mutex>
#include <utility>

#include "api/couch/changes_request.h"
#include "api/couch/sequence.h"
#include "api/json_out.h"
#include "api/open_feeds.h"

// Feeds that wait: longpoll, continuous and eventsource. A feed runs on workers as long as there is something
// to read and room to send it; else it waits for changes, or for the client, and holds no thread. Whatever
// waits answers once, and then somebody goes on, so that one thread at a time is in go_on(); only signs of
// life come from elsewhere, and both use the exchange under the mutex.

namespace quire::api::couch {

namespace {

class ChangeFeed final : public OpenFeed, public std::enable_shared_from_this<ChangeFeed> {
 public:
  ChangeFeed(CouchCall call, ChangesRequest request)
      : call_(std::move(call)),
        request_(std::move(request)),
        client_(call_.exchange().cancellation()),
        left_(request_.limit),
        last_sent_(call_.parts().clock.steady()),
        last_change_(last_sent_) {
    limits_.cancellation = Cancellation::make();
  }

  void start() {
    const auto self = shared_from_this();
    const auto* const identity = call_.call.caller.identity();
    const std::string account = identity == nullptr ? std::string() : identity->user;
    if (const auto added = call_.call.context.feeds().add(self, account); !added) {
      return send_error(call_.call, added.error());
    }
    call_.parts().workers.post([self] { self->begin(); });
  }

  void tick(SteadyTime now) override {
    if (client_.cancelled()) limits_.cancellation.cancel();
    const std::lock_guard lock(mutex_);
    if (!idle_) return;
    if (request_.timeout && now - last_change_ >= *request_.timeout) limits_.cancellation.cancel();
    if (!request_.heartbeat || now - last_sent_ < *request_.heartbeat) return;
    last_sent_ = now;
    call_.exchange().offer(events() ? "event: heartbeat\ndata: \n\n" : "\n");
  }
  void stop() override { limits_.cancellation.cancel(); }

 private:
  enum class Next : std::uint8_t { read, room, changes, end };

  bool longpoll() const { return request_.feed == ChangesRequest::Feed::longpoll; }
  bool events() const { return request_.feed == ChangesRequest::Feed::events; }

  void begin() {
    auto position = first_position(call_, request_);
    // The first page is read before the head is sent, so that a database that is not there is an error.
    auto page =
        position ? read_page(call_, request_, *position, left_) : Result<engine::FeedPage>(position.error());
    if (!page) {
      leave();
      return send_error(call_.call, page.error());
    }
    net::Response head;
    if (events()) head.content_type = "text/event-stream";
    head.add_field("X-Accel-Buffering", "no");
    {
      const std::lock_guard lock(mutex_);
      position_ = *position;
      call_.exchange().begin(std::move(head));
      // The head goes out at once, whatever comes when.
      if (longpoll()) call_.exchange().offer("{\"results\":[\n");
      if (!longpoll() && !events()) call_.exchange().offer("\n");
    }
    go_on(left_ == 0 ? Next::end : take(std::move(page)));
  }

  void run() {
    {
      const std::lock_guard lock(mutex_);
      idle_ = false;
    }
    go_on(limits_.cancellation.cancelled() ? Next::end : Next::read);
  }

  void go_on(Next next) {
    while (next == Next::read) next = take(read_page(call_, request_, position_, left_));
    const auto self = shared_from_this();
    const auto again = [self] { self->call_.parts().workers.post([self] { self->run(); }); };
    if (next == Next::end) return finish();
    {
      const std::lock_guard lock(mutex_);
      if (next == Next::room) {
        call_.exchange().on_room(again);
        return;
      }
      idle_ = true;
    }
    wait_for_change(call_, request_, limits_, position_, [self, again](Result<engine::Position> answer) {
      if (!answer) self->stop();
      again();
    });
  }

  Next take(Result<engine::FeedPage> page) {
    if (!page || limits_.cancellation.cancelled()) return Next::end;
    std::string out;
    for (const auto& row : page->rows) {
      if (!is_wanted(request_, row)) continue;
      if (!print(row, page->next.incarnation, out)) return Next::end;
      any_ = true;
      if (--left_ != 0) continue;
      const std::lock_guard lock(mutex_);
      position_ = {.incarnation = page->next.incarnation, .sequence = row.sequence};
      send(std::move(out));
      return Next::end;
    }
    const std::lock_guard lock(mutex_);
    position_ = page->next;
    at_end_ = page->at_end;
    const bool room = out.empty() || send(std::move(out));
    if (page->at_end && longpoll() && any_) return Next::end;
    if (!room) return Next::room;
    return page->at_end ? Next::changes : Next::read;
  }

  Status print(const engine::FeedRow& row, std::uint64_t incarnation, std::string& out) {
    if (longpoll() && any_) out += ",\n";
    if (events()) out += "data: ";
    QUIRE_TRY_STATUS(print_change(call_, request_, row, incarnation, {.text = out}));
    if (events()) {
      out += "\nid: " + sequence_json({.incarnation = incarnation, .sequence = row.sequence}) + "\n";
    }
    if (!longpoll()) out.push_back('\n');
    return ok();
  }

  // The caller holds the mutex.
  bool send(std::string out) {
    last_sent_ = last_change_ = call_.parts().clock.steady();
    return call_.exchange().offer(std::move(out));
  }

  void leave() { call_.call.context.feeds().remove(shared_from_this()); }

  void finish() {
    leave();
    const std::lock_guard lock(mutex_);
    if (client_.cancelled()) return call_.exchange().abort();
    const std::string last = "\"last_seq\":" + sequence_json(position_);
    const std::string pending = at_end_ ? ",\"pending\":0}\n" : "}\n";
    if (longpoll()) call_.exchange().offer("\n]," + last + pending);
    if (!longpoll() && !events()) call_.exchange().offer("{" + last + pending);
    call_.exchange().end();
  }

  const CouchCall call_;
  ChangesRequest request_;
  const Cancellation client_;
  CallLimits limits_;
  std::uint64_t left_;
  bool any_ = false;
  bool at_end_ = false;
  std::mutex mutex_;           // held for every use of the exchange
  bool idle_ = false;          // guarded by mutex_: it waits for changes, and a sign of life may be sent
  SteadyTime last_sent_;       // guarded by mutex_
  SteadyTime last_change_;     // guarded by mutex_
  engine::Position position_;  // written under mutex_ by whoever runs
};

}  // namespace

void follow_changes(const Call& call, ChangesRequest request) {
  auto parsed = CouchCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  std::make_shared<ChangeFeed>(*std::move(parsed), std::move(request))->start();
}

}  // namespace quire::api::couch
