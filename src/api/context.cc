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
      feeds_(std::make_shared<OpenFeeds>(parts.workers, parts.clock, options.feeds)),
      first_error_(parts.random.next_u64()) {
  for (const Root& root : options.roots) kv_roots_.emplace_back(root.listener, make_door(parts, root.kv));
}

const KvDoor* Context::kv_root(std::uint32_t listener) const {
  for (const auto& [number, door] : kv_roots_) {
    if (number == listener) return &door;
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
