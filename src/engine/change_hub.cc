#include "engine/change_hub.h"

#include <algorithm>

#include "database/records.h"

namespace quire::engine {

Result<std::optional<SharedEvent>> SharedEvent::make(const FeedRow& row, std::uint64_t incarnation,
                                                     std::string_view database, FullDocument full_document,
                                                     document::Arena& scratch) {
  auto event = std::make_shared<ChangeEvent>();
  QUIRE_TRY(const bool shown,
            print_change_event(row, incarnation, database, full_document, scratch, event->json));
  if (!shown) return std::optional<SharedEvent>();
  event->position = {.incarnation = incarnation, .sequence = row.sequence};
  event->time = database::hybrid_time(row.time_ms, row.tick);
  event->collection = row.collection;
  event->id = row.id;
  event->body = row.body;
  SharedEvent shared;
  shared.event_ = std::move(event);
  return std::optional(std::move(shared));
}

bool SharedEvent::matches(const document::Filter& filter) {
  if (!value_) {
    arena_ = std::make_unique<document::Arena>();
    const auto parsed = document::Value::parse(*arena_, event_->json);
    value_ = parsed ? *parsed : document::Value();
  }
  return value_->is_object() && filter.matches(*value_);
}

ChangeHub::ChangeHub(ChangeStreams& streams, ChangeStreams::Key key, const Position& position)
    : streams_(streams), key_(std::move(key)), begin_(position), position_(position) {
  limits_.cancellation = Cancellation::make();
}

// Reads as the node itself: what each watcher may see is looked at when it is given to it.
void ChangeHub::start() {
  const auto self = shared_from_this();
  FeedOptions options;
  options.bodies = options.winners = true;
  follow(
      streams_.feeds_, Caller::admin(), limits_, address(), begin_, options,
      [self](FeedPage& page) { return self->take(page); },
      [self](const Result<Position>& position) {
        self->end(position ? Error(ErrorCode::unavailable, "nobody watches any more") : position.error());
        self->streams_.forget(self->key_, self.get());
      });
}

bool ChangeHub::join(const std::shared_ptr<LocalChangeStream>& stream, const Position& position) {
  const std::lock_guard lock(mutex_);
  if (ended_ || position.incarnation != position_.incarnation || position.sequence < position_.sequence) {
    return false;
  }
  streams_of_.push_back(stream);
  return true;
}

void ChangeHub::leave(const std::shared_ptr<LocalChangeStream>& stream) {
  const std::lock_guard lock(mutex_);
  std::erase(streams_of_, stream);
  if (streams_of_.empty()) limits_.cancellation.cancel();
}

bool ChangeHub::ended() {
  const std::lock_guard lock(mutex_);
  return ended_ || limits_.cancellation.cancelled();
}

// A stream that joins from here on is behind the page already.
bool ChangeHub::take(const FeedPage& page) {
  std::vector<std::shared_ptr<LocalChangeStream>> streams;
  {
    const std::lock_guard lock(mutex_);
    position_ = page.next;
    streams = streams_of_;
  }
  std::vector<std::vector<LocalChangeStream::Right>> rights(streams.size());
  for (const FeedRow& row : page.rows) {
    auto event =
        SharedEvent::make(row, page.next.incarnation, std::get<1>(key_), std::get<2>(key_), scratch_);
    if (!event) {
      end(event.error());
      return false;
    }
    if (!*event) continue;
    for (std::size_t i = 0; i < streams.size(); ++i) streams[i]->deliver(**event, rights[i]);
  }
  for (const auto& stream : streams) stream->passed(page.next);
  return true;
}

void ChangeHub::end(const Error& error) {
  std::vector<std::shared_ptr<LocalChangeStream>> streams;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    streams.swap(streams_of_);
  }
  for (const auto& stream : streams) {
    // A hub reads all collections: what it has missed need not be anything that the stream shows.
    if (error.code() == ErrorCode::history_lost) {
      stream->read_on();
    } else {
      stream->end(error);
    }
  }
}

}  // namespace quire::engine
