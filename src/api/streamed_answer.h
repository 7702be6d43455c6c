#pragma once

#include <string>
#include <utility>

#include "api/call.h"
#include "api/tuning.h"
#include "document/record_writer.h"

namespace quire::api {

// An answer that a stream makes piece by piece. Its head is sent with the first piece, so that an error
// before that can still be answered as one.
class StreamedAnswer final : public document::ByteSink {
 public:
  StreamedAnswer(const Call& call, net::Response head)
      : exchange_(call.exchange), stream_(*call.stream), head_(std::move(head)) {}

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
    return text_.empty() ? ok() : stream_.write(std::exchange(text_, {}));
  }

  net::Exchange& exchange_;
  Stream& stream_;
  net::Response head_;
  std::string text_;
  bool begun_ = false;
};

}  // namespace quire::api
