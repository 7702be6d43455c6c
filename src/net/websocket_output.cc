#include "net/websocket_output.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "net/tuning.h"
#include "net/websocket_frame.h"

namespace quire::net {

namespace {

using Outcome = Transfer::Outcome;
using Position = std::vector<WebSocketMessagePointer>::difference_type;

bool is_pong(const WebSocketMessagePointer& message) {
  return Opcode(static_cast<std::uint8_t>(message->bytes().front()) & 0x0FU) == Opcode::pong;
}

}  // namespace

void WebSocketOutput::add(std::vector<WebSocketMessagePointer>& messages) {
  if (queue_.empty()) {
    queue_.swap(messages);
    return;
  }
  queue_.insert(queue_.end(), std::make_move_iterator(messages.begin()),
                std::make_move_iterator(messages.end()));
  messages.clear();
}

std::size_t WebSocketOutput::add_control(WebSocketMessagePointer frame) {
  const auto begin = queue_.begin() + static_cast<Position>(begun_);
  const auto end = begin + static_cast<Position>(controls_);
  if (is_pong(frame)) {
    const auto earlier = std::find_if(begin, end, is_pong);
    if (earlier != end) {
      const std::size_t cost = (*earlier)->cost();
      *earlier = std::move(frame);
      return cost;
    }
  }
  queue_.insert(end, std::move(frame));
  ++controls_;
  return 0;
}

std::size_t WebSocketOutput::drop() {
  std::size_t cost = 0;
  for (std::size_t i = begun_ + controls_; i < queue_.size(); ++i) cost += queue_[i]->cost();
  queue_.resize(begun_ + controls_);
  return cost;
}

WebSocketOutput::Sent WebSocketOutput::flush(Channel& channel) {
  Sent sent;
  for (int turn = 0; turn < kSendsInARow && !empty(); ++turn) {
    std::array<std::string_view, kPartsInARow> parts;
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < parts.size() && first_ + count < queue_.size()) {
      if (channel.secure() && bytes >= kTlsRecord) break;
      parts[count] = queue_[first_ + count]->bytes().substr(count == 0 ? offset_ : 0);
      bytes += parts[count].size();
      ++count;
    }
    const Transfer transfer = channel.send(std::span(parts.data(), count));
    if (transfer.outcome == Outcome::done) {
      sent.bytes += transfer.size;
      sent.cost += take_sent(transfer.size);
      continue;
    }
    sent.flushed = transfer.outcome == Outcome::again ? Output::Flushed::blocked : Output::Flushed::broken;
    if (channel.secure()) {
      const std::size_t known = first_ + count;
      if (known > begun_) {
        controls_ -= std::min(controls_, known - begun_);
        begun_ = known;
      }
    }
    forget_sent();
    return sent;
  }
  if (!empty()) sent.flushed = Output::Flushed::turn_over;
  forget_sent();
  return sent;
}

// Answers the cost of what is through now.
std::size_t WebSocketOutput::take_sent(std::size_t bytes) {
  std::size_t cost = 0;
  while (bytes > 0) {
    WebSocketMessagePointer& message = queue_[first_];
    const std::size_t left = message->bytes().size() - offset_;
    const std::size_t begun = first_ + 1;
    if (begun > begun_) {
      controls_ -= std::min<std::size_t>(controls_, begun - begun_);
      begun_ = begun;
    }
    if (bytes < left) {
      offset_ += bytes;
      return cost;
    }
    bytes -= left;
    offset_ = 0;
    cost += message->cost();
    message.reset();
    ++first_;
  }
  return cost;
}

void WebSocketOutput::forget_sent() {
  if (empty()) {
    if (queue_.capacity() > kKeptMessages) release();
    queue_.clear();
    first_ = begun_ = controls_ = 0;
    return;
  }
  if (first_ < kKeptMessages || first_ < queue_.size() / 2) return;
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<Position>(first_));
  begun_ -= first_;
  first_ = 0;
}

}  // namespace quire::net
