#include "replication/strand.h"

#include <utility>

namespace quire::replication {

// What an executor asks for when the strand's turn has come. One that ends without it lets the tasks go: they
// hold what holds the strand.
class Strand::Turn {
 public:
  explicit Turn(std::shared_ptr<Strand> strand) : strand_(std::move(strand)) {}
  ~Turn() {
    if (strand_) strand_->drop();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  void take() { std::exchange(strand_, nullptr)->run(); }

 private:
  std::shared_ptr<Strand> strand_;
};

void Strand::ask_for_turn() {
  executor_.post([turn = std::make_shared<Turn>(shared_from_this())] { turn->take(); });
}

void Strand::drop() {
  std::deque<Task> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(tasks_);
  running_ = false;
}

void Strand::post(Task task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (std::exchange(running_, true)) return;
  ask_for_turn();
}

// One task a turn, so that a busy strand does not keep a thread from others.
void Strand::run() {
  Task task;
  {
    const std::lock_guard lock(mutex_);
    task = std::move(tasks_.front());
    tasks_.pop_front();
  }
  task();
  task = nullptr;  // what it holds ends while the next has not begun
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) {
    running_ = false;
    return;
  }
  ask_for_turn();
}

}  // namespace quire::replication
