#pragma once

#include <string>
#include <utility>

#include "api/answer.h"
#include "api/call.h"
#include "api/tuning.h"
#include "document/record_writer.h"

namespace quire::api {

// An answer that a stream makes piece by piece. Its head is sent with the first piece, so that an error
// before that can still be answered as one.
class StreamedAnswer final : public document::ByteSink {
 public:
  StreamedAnswer(const Call& call, net::Response head) : call_(call), head_(std::move(head)) {}

  bool begun() const { return begun_; }
  std::string& text() { return text_; }

  // Sends what has gathered, where that is enough. Errors: cancelled.
  Status step() { return text_.size() < tuning::kStreamPieceBytes ? ok() : flush(); }
  Status write(std::string_view bytes) override {
    text_ += bytes;
    return step();
  }
  // Ends the answer; where it failed behind its head, it breaks off, so that the client sees that it is not
  // whole, and the log says why. The error comes back where it can still be answered.
  Status finish(Status status) {
    if (!end(status)) return status;
    if (!status) call_.exchange.abort();
    return ok();
  }
  // The same of an answer of lines: the last one before it breaks off is the error.
  Status finish_lines(Status status) {
    if (!end(status)) return status;
    if (status) return ok();
    const auto last =
        error_answer(call_.context, &call_.request(), call_.route.surface, call_.route.name, status.error());
    text_.append(last.body).push_back('\n');
    call_.exchange.offer(std::exchange(text_, {}));
    call_.exchange.cut();
    return ok();
  }

 private:
  // Ends what went well. False where it has not begun.
  bool end(Status& status) {
    if (status) status = flush();
    if (status) {
      call_.exchange.end();
    } else if (begun_ && status.error().code() != ErrorCode::cancelled) {
      call_.parts().log.warning("an answer broke off", {{"id", call_.request().id_text()},
                                                        {"route", call_.route.name},
                                                        {"cause", status.error().to_string()}});
    }
    return begun_;
  }

  Status flush() {
    if (!begun_) call_.exchange.begin(std::move(head_));
    begun_ = true;
    return text_.empty() ? ok() : call_.stream->write(std::exchange(text_, {}));
  }

  const Call call_;
  net::Response head_;
  std::string text_;
  bool begun_ = false;
};

}  // namespace quire::api
