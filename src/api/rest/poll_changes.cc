#include <memory>
#include <utility>

#include "api/open_feeds.h"
#include "api/rest/changes.h"

// Reads until something is wanted; at the end of the history it waits, holding no thread, and reads again.

namespace quire::api::rest {

namespace {

class Poll final : public OpenFeed, public std::enable_shared_from_this<Poll> {
 public:
  Poll(RestCall call, ChangesRequest request)
      : call_(std::move(call)),
        request_(std::move(request)),
        client_(call_.exchange().cancellation()),
        position_(request_.since) {
    limits_.cancellation = Cancellation::make();
    limits_.deadline = call_.parts().clock.steady() + request_.timeout;
  }

  void start() {
    const auto self = shared_from_this();
    if (const auto added = call_.call.context.feeds().add(self, std::string(call_.call.caller.account()));
        !added) {
      return send_error(call_.call, added.error());
    }
    call_.parts().workers.post([self] { self->begin(); });
  }

  void tick(SteadyTime) override {
    if (client_.cancelled()) limits_.cancellation.cancel();
  }
  void stop() override { limits_.cancellation.cancel(); }

 private:
  void begin() {
    auto position = first_position(call_, request_);
    if (!position) return answer(std::move(position).error());
    position_ = *position;
    read();
  }

  void read() {
    while (true) {
      auto page = read_page(call_, request_, position_);
      if (!page) return answer(std::move(page).error());
      std::size_t rows = 0;
      auto out = print_page(request_, *page, rows);
      position_ = page->next;
      const bool over = limits_.cancellation.cancelled() || call_.parts().clock.steady() >= *limits_.deadline;
      if (!out || rows != 0 || (page->at_end && over)) return answer(std::move(out));
      if (page->at_end) return wait();
    }
  }

  // However the wait ends, what there is then is the answer; where it failed, reading says why.
  void wait() {
    call_.parts().feeds.wait(call_.call.caller, limits_, call_.database(), position_,
                             [self = shared_from_this()](Result<engine::Position> answer) {
                               if (!answer) self->stop();
                               self->call_.parts().workers.post([self] { self->read(); });
                             });
  }

  void answer(Result<std::string> out) {
    call_.call.context.feeds().remove(shared_from_this());
    if (!out) return send_error(call_.call, out.error());
    call_.exchange().send(json_answer(200, *std::move(out)));
  }

  const RestCall call_;
  const ChangesRequest request_;
  const Cancellation client_;
  CallLimits limits_;
  engine::Position position_;  // whoever is at it
};

}  // namespace

void poll_changes(const Call& call, ChangesRequest request) {
  std::make_shared<Poll>(RestCall::parse(call).value(), std::move(request))->start();
}

}  // namespace quire::api::rest
