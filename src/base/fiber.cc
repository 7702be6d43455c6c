#include "base/fiber.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace quire {

namespace {

// Only what is used of it takes memory, some tens of KiB; the rest is room for an engine's deepest calls.
constexpr std::size_t kStackBytes = std::size_t{1} << 20;

// A stack with a page below it that nobody may touch, so that an overflow ends the process instead of
// another's data.
class Stack {
 public:
  Stack() : guard_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {
    void* const memory = ::mmap(nullptr, guard_ + kStackBytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return;
    memory_ = static_cast<char*>(memory);
    if (::mprotect(memory_, guard_, PROT_NONE) != 0) release();
  }
  ~Stack() { release(); }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  bool is_there() const { return memory_ != nullptr; }
  char* bottom() const { return memory_ + guard_; }

 private:
  void release() {
    if (memory_ != nullptr) ::munmap(memory_, guard_ + kStackBytes);
    memory_ = nullptr;
  }

  const std::size_t guard_;
  char* memory_ = nullptr;
};

// The sanitizers are told when a thread moves to another stack.
class Watched {
 public:
#if defined(__SANITIZE_ADDRESS__)
  void before_entering(const Stack& stack) {
    __sanitizer_start_switch_fiber(&thread_fake_, stack.bottom(), kStackBytes);
  }
  void after_leaving() { __sanitizer_finish_switch_fiber(thread_fake_, nullptr, nullptr); }
  void after_entering() { __sanitizer_finish_switch_fiber(own_fake_, &thread_bottom_, &thread_bytes_); }
  void before_leaving(bool for_good) {
    __sanitizer_start_switch_fiber(for_good ? nullptr : &own_fake_, thread_bottom_, thread_bytes_);
  }

 private:
  void* thread_fake_ = nullptr;
  void* own_fake_ = nullptr;
  const void* thread_bottom_ = nullptr;
  std::size_t thread_bytes_ = 0;
#elif defined(__SANITIZE_THREAD__)
  ~Watched() { __tsan_destroy_fiber(own_); }
  void before_entering(const Stack&) {
    thread_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(own_, 0);
  }
  void after_leaving() {}
  void after_entering() {}
  void before_leaving(bool) { __tsan_switch_to_fiber(thread_, 0); }

 private:
  void* const own_ = __tsan_create_fiber(0);
  void* thread_ = nullptr;
#else
  void before_entering(const Stack&) {}
  void after_leaving() {}
  void after_entering() {}
  void before_leaving(bool) {}
#endif
};

class OwnStackFiber final : public Fiber {
 public:
  OwnStackFiber(Executor& executor, std::function<void(Fiber&)> work)
      : executor_(executor), work_(std::move(work)) {}

  bool has_stack() const { return stack_.is_there(); }

  static void post(std::unique_ptr<OwnStackFiber> fiber) {
    Executor& executor = fiber->executor_;
    executor.post([held = fiber.release()] { run(std::unique_ptr<OwnStackFiber>(held)); });
  }

  void wait(std::function<void(GoOn)> arrange) override {
    arrange_ = std::move(arrange);
    leave(false);
  }

 private:
  // On a thread of the executor: until the work waits, or ends.
  static void run(std::unique_ptr<OwnStackFiber> fiber) {
    fiber->enter();
    if (fiber->ended_) return;
    // Whoever lets it go on may do so before this returns, on another thread: nothing of it is used then.
    const auto arrange = std::move(fiber->arrange_);
    arrange([held = fiber.release()] { post(std::unique_ptr<OwnStackFiber>(held)); });
  }

  void enter() {
    if (!begun_) {
      begun_ = true;
      ::getcontext(&own_);
      own_.uc_stack.ss_sp = stack_.bottom();
      own_.uc_stack.ss_size = kStackBytes;
      own_.uc_link = nullptr;
      // Its arguments are ints.
      const auto self = reinterpret_cast<std::uintptr_t>(this);
      ::makecontext(&own_, reinterpret_cast<void (*)()>(&OwnStackFiber::begin), 2,
                    static_cast<unsigned>(self >> 32U), static_cast<unsigned>(self));
    }
    watched_.before_entering(stack_);
    ::swapcontext(&thread_, &own_);
    watched_.after_leaving();
  }

  void leave(bool for_good) {
    watched_.before_leaving(for_good);
    ::swapcontext(&own_, &thread_);
    watched_.after_entering();
  }

  static void begin(unsigned high, unsigned low) {
    auto* const self =
        reinterpret_cast<OwnStackFiber*>((static_cast<std::uintptr_t>(high) << 32U) | std::uintptr_t{low});
    self->watched_.after_entering();
    self->work_(*self);
    self->work_ = nullptr;
    self->ended_ = true;
    self->leave(true);
  }

  Executor& executor_;
  std::function<void(Fiber&)> work_;
  std::function<void(GoOn)> arrange_;
  const Stack stack_;
  Watched watched_;
  ucontext_t own_{};
  ucontext_t thread_{};  // of the thread that runs it now
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

Status Fiber::start(Executor& executor, std::function<void(Fiber&)> work) {
  auto fiber = std::make_unique<OwnStackFiber>(executor, std::move(work));
  if (!fiber->has_stack()) return Error(ErrorCode::exhausted, "there is no memory for a stack");
  OwnStackFiber::post(std::move(fiber));
  return ok();
}

}  // namespace quire
