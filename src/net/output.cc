#include "net/output.h"

#include <algorithm>

#include "net/tuning.h"

namespace quire::net {

void Output::add_body(std::string&& bytes) {
  if (bytes.size() >= kCopyBody && tail_.empty()) {
    tail_ = std::move(bytes);
  } else {
    back() += bytes;
  }
}

Output::Flushed Output::flush(Channel& channel, std::size_t& sent) {
  for (int turn = 0; turn < kSendsInARow; ++turn) {
    if (empty()) {
      clear();
      return Flushed::all;
    }
    const Transfer transfer = channel.send(std::string_view(front_).substr(front_sent_),
                                           std::string_view(tail_).substr(tail_sent_));
    if (transfer.outcome == Transfer::Outcome::again) return Flushed::blocked;
    if (transfer.outcome != Transfer::Outcome::done) return Flushed::broken;
    sent += transfer.size;
    const std::size_t of_front = std::min(transfer.size, front_.size() - front_sent_);
    front_sent_ += of_front;
    tail_sent_ += transfer.size - of_front;
  }
  return empty() ? Flushed::all : Flushed::turn_over;
}

std::string Output::take() {
  std::string unsent = front_.substr(front_sent_);
  unsent += std::string_view(tail_).substr(tail_sent_);
  release();
  return unsent;
}

void Output::clear() {
  front_.clear();
  front_sent_ = 0;
  if (tail_.capacity() > kCopyBody) {
    std::string().swap(tail_);
  } else {
    tail_.clear();
  }
  tail_sent_ = 0;
}

void Output::release() {
  std::string().swap(front_);
  std::string().swap(tail_);
  front_sent_ = tail_sent_ = 0;
}

}  // namespace quire::net
