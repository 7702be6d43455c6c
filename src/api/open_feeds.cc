#include "api/open_feeds.h"

#include <utility>

#include "api/tuning.h"

namespace quire::api {

Status OpenFeeds::add(const std::shared_ptr<OpenFeed>& feed, const std::string& account) {
  const std::lock_guard lock(mutex_);
  if (ended_) return Error(ErrorCode::unavailable, "the server stops");
  if (feeds_.size() >= bounds_.all) {
    return Error(ErrorCode::exhausted, "too many feeds are followed; come back later");
  }
  if (!account.empty()) {
    const auto own = each_.find(account);
    if (own != each_.end() && own->second >= bounds_.each) {
      return Error(ErrorCode::exhausted, "the account follows as many feeds as it may; end one of them")
          .over(bounds_.each)
          .after(tuning::kFeedRetryMs);
    }
    ++each_[account];
  }
  feeds_.emplace(feed, account);
  if (!std::exchange(ticking_, true)) schedule();
  return ok();
}

void OpenFeeds::remove(const std::shared_ptr<OpenFeed>& feed) {
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(feed);
  if (found == feeds_.end()) return;
  if (const auto own = each_.find(found->second); own != each_.end() && --own->second == 0) each_.erase(own);
  feeds_.erase(found);
}

void OpenFeeds::end() {
  std::vector<std::shared_ptr<OpenFeed>> all;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    all = all_locked();
  }
  for (const auto& feed : all) feed->stop();
}

std::size_t OpenFeeds::size() const {
  const std::lock_guard lock(mutex_);
  return feeds_.size();
}

std::vector<std::shared_ptr<OpenFeed>> OpenFeeds::all_locked() const {
  std::vector<std::shared_ptr<OpenFeed>> all;
  all.reserve(feeds_.size());
  for (const auto& [feed, account] : feeds_) all.push_back(feed);
  return all;
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
    all = all_locked();
    ticking_ = !all.empty();
    if (ticking_) schedule();
  }
  const SteadyTime now = clock_.steady();
  for (const auto& feed : all) feed->tick(now);
}

}  // namespace quire::api
