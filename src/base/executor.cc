#include "base/executor.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/check.h"

namespace quire {

namespace {

// In nanoseconds, as the clock counts, a delay of milliseconds could overflow; a century stands for all that
// are longer.
constexpr std::chrono::hours kLongestDelay{24 * 36525};

class AsioThreadPool final : public ThreadPool {
 public:
  explicit AsioThreadPool(unsigned threads) : pool_(threads) {
    QUIRE_CHECK(threads > 0, "a pool without threads would never run a task");
  }

  ~AsioThreadPool() override { AsioThreadPool::join(); }

  void join() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      for (const auto& [id, timer] : timers_) dropped_.insert(id);
      timers_.clear();  // cancels each wait
    }
    pool_.join();
  }

  void post(Task task) override { boost::asio::post(pool_, std::move(task)); }

  TimerId post_after(std::chrono::milliseconds delay, Task task) override {
    const std::lock_guard lock(mutex_);
    const TimerId id = ++last_timer_;
    if (closing_) {
      dropped_.insert(id);
      return id;
    }
    auto& timer = timers_.emplace(id, pool_.get_executor()).first->second;
    timer.expires_after(
        std::clamp<std::chrono::milliseconds>(delay, std::chrono::milliseconds(0), kLongestDelay));
    timer.async_wait([this, id, task = std::move(task)](const boost::system::error_code&) {
      {
        const std::lock_guard inner(mutex_);
        if (timers_.erase(id) == 0) return;  // cancelled
      }
      task();
    });
    return id;
  }

  bool cancel(TimerId timer) override {
    const std::lock_guard lock(mutex_);
    return timers_.erase(timer) + dropped_.erase(timer) != 0;
  }

 private:
  std::mutex mutex_;
  std::map<TimerId, boost::asio::steady_timer> timers_;  // guarded by mutex_
  std::set<TimerId> dropped_;                            // guarded by mutex_: those that join() has left
  TimerId last_timer_ = 0;                               // guarded by mutex_
  bool closing_ = false;                                 // guarded by mutex_
  boost::asio::thread_pool pool_;
};

}  // namespace

unsigned usable_cores() {
  cpu_set_t cores;
  const int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 0;
  // More processors than such a set holds: then the machine's number is as good.
  return std::max(1U, count > 0 ? static_cast<unsigned>(count) : std::thread::hardware_concurrency());
}

// On Linux a thread has a nice value of its own, and 0 stands for the calling one. Weight 36 of 1024 at 15:
// enough to go on where everybody else is busy.
void give_way() {
  constexpr int kNice = 15;
  (void)setpriority(PRIO_PROCESS, 0, kNice);
}

std::unique_ptr<ThreadPool> make_thread_pool(unsigned threads) {
  return std::make_unique<AsioThreadPool>(threads);
}

}  // namespace quire
