#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "replication/replication_run.h"

// For the sources of a run only: how it calls its sides.
namespace quire::replication {

template <class T>
std::shared_ptr<CallGuard> ReplicationRun::call(
    std::chrono::milliseconds time, Completion<T> done,
    const std::function<void(const CallLimits&, Completion<T>)>& begin) {
  auto guard = std::make_shared<CallGuard>(parts_.clock, parts_.executor, time);
  std::erase_if(guards_, [](const auto& weak) { return weak.expired(); });
  guards_.push_back(guard);
  const auto answer = std::make_shared<Completion<T>>(
      [weak = weak_from_this(), epoch = epoch_, done = std::move(done)](Result<T> result) {
        const auto self = weak.lock();
        if (!self) return;
        self->strand_->post([self, epoch, done, result = std::make_shared<Result<T>>(std::move(result))] {
          if (self->over_ || self->epoch_ != epoch) return;
          done(std::move(*result));
          self->pump();
        });
      });
  guard->start([answer] { (*answer)(Error(ErrorCode::deadline, "a side has not answered in time")); });
  begin(guard->limits(), [guard, answer](Result<T> result) {
    if (guard->settle()) (*answer)(std::move(result));
  });
  return guard;
}

}  // namespace quire::replication
