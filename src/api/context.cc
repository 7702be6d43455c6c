#include "api/context.h"

#include "base/bytes.h"

namespace quire::api {

namespace {

KvDoor make_door(const Parts& parts, const KvOptions& options) {
  if (options.storage) return {options, options.storage};
  return {options,
          kv::make_shard_storage(parts.documents, parts.catalog, options.database, options.collection)};
}

}  // namespace

Context::Context(const Parts& parts, const Options& options)
    : parts_(parts),
      options_(options),
      kv_(make_door(parts, options.kv)),
      feeds_(std::make_shared<OpenFeeds>(parts.workers, parts.clock,
                                         OpenFeeds::Bounds{options.feeds, options.feeds_each})),
      first_error_(parts.random.next_u64()) {
  for (const Root& root : options.roots) {
    const bool kv = root.surface == Surface::kv;
    roots_.push_back({.listener = root.listener,
                      .surface = root.surface,
                      .prefix = kv                               ? "/kv"
                                : root.surface == Surface::couch ? "/couch"
                                                                 : "/api",
                      .kv = kv ? make_door(parts, root.kv) : KvDoor()});
  }
}

const Context::RootDoor* Context::root(std::uint32_t listener) const {
  for (const RootDoor& door : roots_) {
    if (door.listener == listener) return &door;
  }
  return nullptr;
}

std::string Context::next_error_id() {
  std::string bytes;
  put_u64(bytes, first_error_ + errors_.fetch_add(1, std::memory_order_relaxed));
  return to_hex(bytes);
}

std::uint16_t Context::port(std::uint32_t listener) const {
  return ports_[listener < kListeners ? listener : 0].load(std::memory_order_relaxed);
}

void Context::set_port(std::uint32_t listener, std::uint16_t port) {
  if (listener < kListeners) ports_[listener].store(port, std::memory_order_relaxed);
}

Context::Place Context::take(const Count& count, std::uint32_t most) {
  if (count->fetch_add(1, std::memory_order_relaxed) >= most) {
    count->fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
  }
  return Place(count.get(), [count](void*) { count->fetch_sub(1, std::memory_order_relaxed); });
}

}  // namespace quire::api
