#include "document/record_input.h"

#include "document/tuning.h"

namespace quire::document {

RecordInput::RecordInput(ByteSource& source)
    : source_(&source), buffer_(std::make_unique_for_overwrite<char[]>(kRecordChunkBytes)) {}

Result<std::string_view> RecordInput::fill() {
  if (!started_) {
    QUIRE_TRY_STATUS(start());
    if (next_ < end_) return std::string_view(buffer_.get() + next_, end_ - next_);
  }
  QUIRE_TRY(end_, source_->read(buffer_.get(), kRecordChunkBytes));
  next_ = 0;
  return std::string_view(buffer_.get(), end_);
}

// Reads far enough to see a byte order mark, which takes four bytes at most.
Status RecordInput::start() {
  started_ = true;
  while (end_ < 4) {
    QUIRE_TRY(const std::size_t count, source_->read(buffer_.get() + end_, kRecordChunkBytes - end_));
    if (count == 0) break;
    end_ += count;
  }
  const std::string_view head(buffer_.get(), end_);
  if (head.starts_with("\xEF\xBB\xBF")) take(3);
  const bool utf16 = head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF");
  const bool utf32 = head.starts_with(std::string_view("\0\0\xFE\xFF", 4));
  if (utf16 || utf32) {
    return Error(ErrorCode::invalid,
                 "the text is UTF-16 or UTF-32, by its byte order mark; only UTF-8 is read")
        .at("byte 0");
  }
  return ok();
}

}  // namespace quire::document
