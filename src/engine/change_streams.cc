#include "engine/change_streams.h"

#include <algorithm>
#include <chrono>

#include "database/collections.h"
#include "database/records.h"
#include "engine/change_hub.h"
#include "engine/tuning.h"

// A stream is in one of three places: it reads pages by itself, on the executor; it waits until its watcher
// has room; or it is live, in a hub. It joins the hub when it has read as far as the hub has, which both
// decide under the hub's lock, so that no event falls between the two or comes twice.

namespace quire::engine {

LocalChangeStream::LocalChangeStream(ChangeStreams& streams, const Caller& caller,
                                     const DatabaseAddress& address, WatchOptions options,
                                     const Position& position, std::shared_ptr<ChangeWatcher> watcher)
    : streams_(streams),
      caller_(caller),
      name_(address.name),
      owner_(address.owner),
      options_(std::move(options)),
      watcher_(std::move(watcher)),
      position_(position) {}

void LocalChangeStream::start() { post_run(); }

void LocalChangeStream::post_run() {
  streams_.executor_.post(streams_.tasks_.guard([self = shared_from_this()] { self->run(); }));
}

void LocalChangeStream::run() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::ended) return;
    state_ = State::reading;
    stalled_since_.reset();
  }
  while (read_page()) {
  }
}

bool LocalChangeStream::read_page() {
  FeedOptions options;
  options.named = options_.collection;
  options.bodies = options.winners = true;
  options.limit = tuning::kWatchPageRows;
  auto page = wait<FeedPage>(
      [&](auto done) { streams_.feeds_.read(caller_, {}, address(), position_, options, std::move(done)); });
  if (!page) {
    end(page.error());
    return false;
  }
  if (!take_page(*page)) return false;
  return !page->at_end || !join();
}

bool LocalChangeStream::take_page(const FeedPage& page) {
  document::Arena scratch;
  std::vector<Right> rights;
  for (const FeedRow& row : page.rows) {
    auto event = SharedEvent::make(row, page.next.incarnation, name_, options_.full_document, scratch);
    if (!event) {
      end(event.error());
      return false;
    }
    const Right* const right = *event ? right_to(*(*event)->event(), rights) : nullptr;
    if (right != nullptr && right->ended) {
      end(*right->ended);
      return false;
    }
    const std::lock_guard lock(mutex_);
    if (state_ == State::ended) return false;
    if (right != nullptr && wanted(**event, *right) && !watcher_->take((*event)->event())) {
      state_ = State::waiting;
      break;
    }
    position_ = {.incarnation = page.next.incarnation, .sequence = row.sequence};
  }
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::reading) {
      position_ = page.next;
      return true;
    }
    if (state_ == State::ended) return false;
  }
  wait_for_room();
  return false;
}

// Whether the reading is over. A hub that ends at once may have begun another by then.
bool LocalChangeStream::join() {
  ChangeStreams::Found found;
  bool joined = false;
  {
    const auto self = shared_from_this();
    const std::lock_guard lock(mutex_);
    if (state_ == State::ended) return true;
    found = streams_.hub_of({owner_, name_, options_.full_document}, position_);
    if (found.hub->join(self, position_)) {
      hub_ = found.hub;
      state_ = State::live;
      joined = true;
    }
  }
  if (found.made) found.hub->start();
  return joined;
}

void LocalChangeStream::deliver(SharedEvent& event, std::vector<Right>& rights) {
  const Right* const right = right_to(*event.event(), rights);
  if (right != nullptr && right->ended) return end(*right->ended);
  std::shared_ptr<ChangeHub> hub;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::live || event.event()->position.sequence <= position_.sequence) return;
    if (right == nullptr || !wanted(event, *right) || watcher_->take(event.event())) {
      position_ = event.event()->position;
      return;
    }
    state_ = State::waiting;
    hub = std::move(hub_);
  }
  hub->leave(shared_from_this());
  wait_for_room();
}

void LocalChangeStream::wait_for_room() {
  watcher_->on_room([self = shared_from_this()] { self->post_run(); });
}

void LocalChangeStream::passed(const Position& position) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::live && position.sequence > position_.sequence) position_ = position;
}

bool LocalChangeStream::wanted(SharedEvent& event, const Right& right) const {
  const ChangeEvent& change = *event.event();
  if (options_.from_time && change.time < *options_.from_time) return false;
  if (!right.decision) return false;
  const bool visible =
      right.decision->always() ||
      right.decision->holds({.collection = change.collection, .id = change.id, .body = change.body});
  return visible && (!options_.match || event.matches(*options_.match));
}

// Where a collection may not be seen, the whole watch may have come to its end.
const LocalChangeStream::Right* LocalChangeStream::right_to(const ChangeEvent& event,
                                                            std::vector<Right>& rights) const {
  const std::string& collection = event.collection;
  if (!options_.collection.empty() && collection != options_.collection) return nullptr;
  const auto known = std::find_if(rights.begin(), rights.end(),
                                  [&](const Right& right) { return right.collection == collection; });
  if (known != rights.end()) return &*known;
  const auto decide = [&](const std::string& name) {
    return streams_.authority_.decide(caller_, Action::follow, {.database = address(), .collection = name});
  };
  Right right{.collection = collection, .decision = decide(collection)};
  if (!right.decision) {
    if (const auto watch = decide(options_.collection); !watch) right.ended = watch.error();
  }
  rights.push_back(std::move(right));
  return &rights.back();
}

void LocalChangeStream::check(SteadyTime now) {
  const auto decision = streams_.authority_.decide(
      caller_, Action::follow, {.database = address(), .collection = options_.collection});
  if (!decision) return end(decision.error());
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::waiting) return;
    if (!stalled_since_) stalled_since_ = now;
    if (now - *stalled_since_ < std::chrono::milliseconds(tuning::kWatcherStallMs)) return;
  }
  end(Error(ErrorCode::exhausted, "changes come faster than they are taken; resume behind the last one"));
}

void LocalChangeStream::end(const Error& error) {
  std::shared_ptr<ChangeHub> hub;
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::ended) return;
    state_ = State::ended;
    hub = std::move(hub_);
    watcher_->ended(error, position_);
  }
  if (hub) hub->leave(shared_from_this());
}

void LocalChangeStream::read_on() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::live) return;
    state_ = State::reading;
    hub_.reset();
  }
  post_run();
}

void LocalChangeStream::stop() {
  std::shared_ptr<ChangeHub> hub;
  {
    const std::lock_guard lock(mutex_);
    state_ = State::ended;
    hub = std::move(hub_);
  }
  if (hub) hub->leave(shared_from_this());
}

ChangeStreams::~ChangeStreams() {
  tasks_.close();
  std::unique_lock lock(mutex_);
  for (const auto& [key, hub] : hubs_) hub->stop();
  hub_ended_.wait(lock, [this] { return running_hubs_ == 0; });
}

ChangeStreams::Found ChangeStreams::hub_of(const Key& key, const Position& position) {
  const std::lock_guard lock(mutex_);
  auto& place = hubs_[key];
  if (place && !place->ended()) return {place, false};
  place = std::make_shared<ChangeHub>(*this, key, position);
  ++running_hubs_;
  return {place, true};
}

void ChangeStreams::forget(const Key& key, const ChangeHub* hub) {
  const std::lock_guard lock(mutex_);
  const auto found = hubs_.find(key);
  if (found != hubs_.end() && found->second.get() == hub) hubs_.erase(found);
  --running_hubs_;
  hub_ended_.notify_all();
}

// Sequences rise with time: the last change before it is looked for by halves; with a collection among its
// own alone, which may take a walk over all.
Result<Position> ChangeStreams::position_at(const DatabaseAddress& address, const std::string& collection,
                                            std::uint64_t time) {
  QUIRE_TRY(const Position now, wait<Position>([&](auto done) {
              feeds_.position(Caller::admin(), {}, address, std::move(done));
            }));
  Sequence before = 0;
  Sequence lost = 0;                   // the last that is known to be no longer kept
  Sequence behind = now.sequence + 1;  // the first that is not before the time, as far as is known
  while (behind - before > 1) {
    const Sequence middle = before + (behind - before) / 2;
    // The first change from here on stands for it.
    const auto page =
        first_change(address, collection, {.incarnation = now.incarnation, .sequence = middle - 1}, behind);
    if (!page && page.error().code() == ErrorCode::history_lost) {
      before = lost = middle;
      continue;
    }
    if (!page) return page.error();
    const bool earlier =
        !page->rows.empty() && database::hybrid_time(page->rows[0].time_ms, page->rows[0].tick) < time;
    if (earlier) {
      before = page->rows[0].sequence;
    } else {
      behind = middle;
    }
  }
  // What came behind the time may be among what is no longer kept.
  if (lost != 0 && before == lost && before < now.sequence) {
    return Error(ErrorCode::history_lost, "changes since that time are no longer all kept");
  }
  return Position{.incarnation = now.incarnation, .sequence = before};
}

// A page with the first change behind a position; without rows, where there is none in front of `until`.
Result<FeedPage> ChangeStreams::first_change(const DatabaseAddress& address, const std::string& collection,
                                             Position since, Sequence until) {
  FeedOptions options;
  options.limit = 1;
  options.named = collection;
  for (;;) {
    QUIRE_TRY(FeedPage page, wait<FeedPage>([&](auto done) {
                feeds_.read(Caller::admin(), {}, address, since, options, std::move(done));
              }));
    if (!page.rows.empty() || page.at_end || page.next.sequence >= until) return page;
    since = page.next;
  }
}

Result<std::shared_ptr<ChangeStream>> ChangeStreams::watch(const Caller& caller,
                                                           const DatabaseAddress& address,
                                                           WatchOptions options,
                                                           std::shared_ptr<ChangeWatcher> watcher) {
  if (!options.collection.empty()) QUIRE_TRY_STATUS(database::check_collection_name(options.collection));
  // The right comes first, so that nothing is said of a database that the caller may not see.
  QUIRE_TRY(Position begin,
            wait<Position>([&](auto done) { feeds_.position(caller, {}, address, std::move(done)); }));
  QUIRE_TRY_STATUS(
      authority_.decide(caller, Action::follow, {.database = address, .collection = options.collection}));
  if (options.since) {
    begin = *options.since;
  } else if (options.from_time) {
    auto found = position_at(address, {}, *options.from_time);
    // What is lost may be another collection's.
    const bool lost = !found && found.error().code() == ErrorCode::history_lost;
    if (lost && !options.collection.empty())
      found = position_at(address, options.collection, *options.from_time);
    QUIRE_TRY(begin, std::move(found));
  }
  // What is wrong with the place is said at once.
  FeedOptions look;
  look.limit = 1;
  look.named = options.collection;
  QUIRE_TRY_STATUS(
      wait<FeedPage>([&](auto done) { feeds_.read(caller, {}, address, begin, look, std::move(done)); }));
  auto stream = std::make_shared<LocalChangeStream>(*this, caller, address, std::move(options), begin,
                                                    std::move(watcher));
  return std::shared_ptr<ChangeStream>(std::move(stream));
}

}  // namespace quire::engine
