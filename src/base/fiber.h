#pragma once

#include <functional>

#include "base/executor.h"
#include "base/result.h"

namespace quire {

// Work that can stop in its middle and go on later, perhaps on another thread of its executor, and holds no
// thread in between. It is written as if it blocked: what it has on its stack stays there, for the stack is
// its own.
//
// Around a wait() the work holds no mutex, is in no catch block, and uses no address of a thread's own
// variable from before. It lets no exception out.
class Fiber {
 public:
  using GoOn = std::function<void()>;

  // Runs the work on the executor, soon. The executor outlives it. Errors: exhausted (no memory for a stack);
  // then the work never runs.
  static Status start(Executor& executor, std::function<void(Fiber& fiber)> work);

  // For the work itself: gives its thread back. `arrange` is called when the work has stopped, and sees to it
  // that the function which it is given is called once, by anybody, perhaps at once; then the work goes on.
  virtual void wait(std::function<void(GoOn go_on)> arrange) = 0;

 protected:
  Fiber() = default;
  ~Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
};

}  // namespace quire
