#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "access/argon2.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace quire::access {

// Hashes passwords, so many at a time, on threads that give way to all others: a flood of logins takes what
// nobody else wants of the processors. Callable from every thread; a call blocks until its hash is done.
class PasswordHasher {
 public:
  struct Bounds {
    std::uint32_t at_once = 2;
    std::uint32_t waiting = 64;
  };
  PasswordHasher(const PasswordCost& cost, const Bounds& bounds, Random& random);
  // Nobody is within a call.
  ~PasswordHasher();

  // Errors: exhausted, with a time to retry after, where too many wait or there is no memory.
  Result<std::string> hash(const Secret& password);
  // An empty string stands for an account that is not there or may not come in: takes as long, and is wrong.
  // Errors: exhausted, corrupt.
  Result<bool> verify(std::string_view phc, const Secret& password);

  // Made at less than what a hash costs now.
  bool outdated(std::string_view phc) const;

 private:
  Status enter();
  void leave();
  void run(const std::function<void()>& work);

  const PasswordCost cost_;
  const Bounds bounds_;
  Random& random_;
  const std::string nobody_;
  std::mutex mutex_;
  std::uint32_t inside_ = 0;  // guarded by mutex_: hashes under way or waiting
  std::unique_ptr<Executor> threads_;
};

}  // namespace quire::access
