#pragma once

#include <string>

#include "document/record_writer.h"
#include "document/tuning.h"

namespace quire::document {

// Gathers small writes.
class BufferedSink {
 public:
  explicit BufferedSink(ByteSink& sink) : sink_(&sink) {}

  std::string& text() { return text_; }
  Status flush_if_full() { return text_.size() < kRecordChunkBytes ? ok() : flush(); }
  Status flush() {
    if (text_.empty()) return ok();
    QUIRE_TRY_STATUS(sink_->write(text_));
    text_.clear();
    return ok();
  }

 private:
  ByteSink* sink_;
  std::string text_;
};

}  // namespace quire::document
