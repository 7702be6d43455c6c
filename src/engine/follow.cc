#include <atomic>
#include <memory>
#include <string>

#include "engine/feeds.h"

// A loop of read and wait whose answers may come at once or later, on any thread. An answer that comes while
// step() is still on the stack is left for it to pick up, so that a thousand pages in a row do not make a
// thousand frames.

namespace quire::engine {

namespace {

class Follower : public std::enable_shared_from_this<Follower> {
 public:
  Follower(Feeds& feeds, const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
           const Position& since, const FeedOptions& options, FeedSink sink, Completion<Position> done)
      : feeds_(feeds),
        caller_(caller),
        limits_(limits),
        database_(address.name),
        owner_(address.owner),
        position_(since),
        options_(options),
        sink_(std::move(sink)),
        done_(std::move(done)) {}

  void run() {
    do {
      answers_.store(0, std::memory_order_relaxed);
      step();
      // Whoever is second of this and the answer goes on.
    } while (answers_.fetch_add(1, std::memory_order_acq_rel) == 1 && go_on());
  }

 private:
  void step() {
    const DatabaseAddress address{.name = database_, .owner = owner_};
    const auto self = shared_from_this();
    if (waiting_) {
      feeds_.wait(caller_, limits_, address, position_, [self](Result<Position> answer) {
        if (!answer) self->error_ = std::move(answer).error();
        self->waiting_ = false;
        self->answered();
      });
      return;
    }
    feeds_.read(caller_, limits_, address, position_, options_, [self](Result<FeedPage> page) {
      self->take(std::move(page));
      self->answered();
    });
  }

  void take(Result<FeedPage> page) {
    if (!page) {
      error_ = std::move(page).error();
      return;
    }
    position_ = page->next;
    waiting_ = page->at_end;
    ended_ = !sink_(*page);
  }

  void answered() {
    if (answers_.fetch_add(1, std::memory_order_acq_rel) == 1 && go_on()) run();
  }

  bool go_on() {
    if (error_) {
      done_(*std::move(error_));
      return false;
    }
    if (ended_) done_(position_);
    return !ended_;
  }

  Feeds& feeds_;
  const Caller caller_;
  const CallLimits limits_;
  const std::string database_;
  const std::string owner_;
  Position position_;
  const FeedOptions options_;
  const FeedSink sink_;
  const Completion<Position> done_;
  bool waiting_ = false;
  bool ended_ = false;
  std::optional<Error> error_;
  std::atomic<int> answers_ = 0;  // of step() itself and of the call that it made
};

}  // namespace

void follow(Feeds& feeds, const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
            const Position& since, const FeedOptions& options, FeedSink sink, Completion<Position> done) {
  std::make_shared<Follower>(feeds, caller, limits, address, since, options, std::move(sink), std::move(done))
      ->run();
}

}  // namespace quire::engine
