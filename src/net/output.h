#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/channel.h"

namespace quire::net {

// What is to be sent on a connection: answers are put behind one another and go out together. A large body is
// sent from where it stands.
class Output {
 public:
  enum class Flushed : std::uint8_t {
    all,
    blocked,    // the socket takes no more now
    turn_over,  // others should have their turn
    broken,
  };

  std::size_t size() const { return front_.size() - front_sent_ + tail_.size() - tail_sent_; }
  bool empty() const { return size() == 0; }
  // Where the next bytes go.
  std::string& back() { return tail_.empty() ? front_ : tail_; }
  // Puts the bytes behind the others, without a copy where they are many.
  void add_body(std::string&& bytes);
  // Sends what can be sent; adds up the bytes in `sent`.
  Flushed flush(Channel& channel, std::size_t& sent);
  // Takes out what is not yet sent.
  std::string take();
  void clear();    // keeps the memory
  void release();  // gives it back; only where it is empty

 private:
  std::string front_;
  std::size_t front_sent_ = 0;
  std::string tail_;
  std::size_t tail_sent_ = 0;
};

}  // namespace quire::net
