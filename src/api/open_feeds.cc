#include "api/open_feeds.h"

#include <utility>
#include <vector>

#include "api/tuning.h"

namespace quire::api {

bool OpenFeeds::add(const std::shared_ptr<OpenFeed>& feed) {
  const std::lock_guard lock(mutex_);
  if (ended_ || feeds_.size() >= most_) return false;
  feeds_.insert(feed);
  if (!std::exchange(ticking_, true)) schedule();
  return true;
}

void OpenFeeds::remove(const std::shared_ptr<OpenFeed>& feed) {
  const std::lock_guard lock(mutex_);
  feeds_.erase(feed);
}

void OpenFeeds::end() {
  std::vector<std::shared_ptr<OpenFeed>> all;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    all.assign(feeds_.begin(), feeds_.end());
  }
  for (const auto& feed : all) feed->stop();
}

std::size_t OpenFeeds::size() const {
  const std::lock_guard lock(mutex_);
  return feeds_.size();
}

void OpenFeeds::schedule() {
  executor_.post_after(tuning::kFeedTick, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tick();
  });
}

void OpenFeeds::tick() {
  std::vector<std::shared_ptr<OpenFeed>> all;
  {
    const std::lock_guard lock(mutex_);
    all.assign(feeds_.begin(), feeds_.end());
    ticking_ = !all.empty();
    if (ticking_) schedule();
  }
  const SteadyTime now = clock_.steady();
  for (const auto& feed : all) feed->tick(now);
}

}  // namespace quire::api
