#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/result.h"

namespace quire::engine {

// How a call of the engine answers: called exactly once, perhaps before the call returns, perhaps on another
// thread. It must be quick and must not block. A closure of two pointers needs no allocation.
template <class T>
using Completion = std::function<void(Result<T>)>;

// A place to wait for one answer. The completion may be called on any thread; take() is for the thread that
// made the object, which must call it before the object ends. An answer that comes on that same thread costs
// neither a lock nor a wait.
template <class T>
class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  Completion<T> completion() {
    return [this](Result<T> answer) { put(std::move(answer)); };
  }

  Result<T> take() {
    if (!answered_here_) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return answer_.has_value(); });
    }
    return std::move(*answer_);
  }

 private:
  void put(Result<T>&& answer) {
    if (std::this_thread::get_id() == owner_) {
      answer_.emplace(std::move(answer));
      answered_here_ = true;
      return;
    }
    // Told under the lock: the waiting thread may end this object as soon as it can take it.
    const std::lock_guard lock(mutex_);
    answer_.emplace(std::move(answer));
    arrived_.notify_one();
  }

  const std::thread::id owner_ = std::this_thread::get_id();
  bool answered_here_ = false;  // only looked at by the owner
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<Result<T>> answer_;  // guarded by mutex_ unless answered_here_
};

// Starts a call with a completion and waits for its answer:
//   wait<Document>([&](auto done) { documents.get(caller, limits, address, id, {}, std::move(done)); })
// Never on a thread that the answer needs, such as the executor's only one.
template <class T, class Start>
Result<T> wait(Start&& start) {
  Waiter<T> waiter;
  std::forward<Start>(start)(waiter.completion());
  return waiter.take();
}

}  // namespace quire::engine
