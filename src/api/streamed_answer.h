#pragma once

#include <string>
#include <utility>

#include "api/tuning.h"
#include "document/record_writer.h"
#include "net/exchange.h"

namespace quire::api {

// An answer that is made piece by piece on a thread that may wait for the client. Its head is sent with the
// first piece, so that an error before that can still be answered as one. One thread.
class StreamedAnswer final : public document::ByteSink {
 public:
  StreamedAnswer(net::Exchange& exchange, net::Response head) : exchange_(exchange), head_(std::move(head)) {}

  bool begun() const { return begun_; }
  std::string& text() { return text_; }

  // Sends what has gathered, where that is enough. Errors: cancelled.
  Status step() { return text_.size() < tuning::kStreamPieceBytes ? ok() : flush(); }
  Status write(std::string_view bytes) override {
    text_ += bytes;
    return step();
  }
  // Ends the answer; where it failed behind its head, it breaks off, so that the client sees that it is not
  // whole. The error comes back where it can still be answered.
  Status finish(Status status) {
    if (status) status = flush();
    if (status) {
      exchange_.end();
      return ok();
    }
    if (!begun_) return status;
    exchange_.abort();
    return ok();
  }

 private:
  Status flush() {
    if (!begun_) exchange_.begin(std::move(head_));
    begun_ = true;
    if (text_.empty()) return ok();
    auto sent = exchange_.write(text_);
    text_.clear();
    return sent;
  }

  net::Exchange& exchange_;
  net::Response head_;
  std::string text_;
  bool begun_ = false;
};

}  // namespace quire::api
