#include "net/events.h"

#include <algorithm>

namespace quire::net {

Events::Id Events::add(std::shared_ptr<Observer> observer) {
  const std::lock_guard lock(mutex_);
  auto changed = std::make_shared<List>(*list_);
  changed->emplace_back(++last_, std::move(observer));
  list_ = std::move(changed);
  version_.fetch_add(1, std::memory_order_release);
  return last_;
}

void Events::remove(Id id) {
  const std::lock_guard lock(mutex_);
  auto changed = std::make_shared<List>(*list_);
  std::erase_if(*changed, [id](const auto& entry) { return entry.first == id; });
  list_ = std::move(changed);
  version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const Events::List> Events::list() const {
  const std::lock_guard lock(mutex_);
  return list_;
}

}  // namespace quire::net
