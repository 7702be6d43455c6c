#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_stream.h"
#include "replication/target.h"

namespace quire::replication {

// A body that ends in the bytes of a revision's attachments, which are asked for one after the other while it
// is sent. The revision outlives it.
class AttachmentsBody final : public ByteStream, public std::enable_shared_from_this<AttachmentsBody> {
 public:
  // `place` is the revision's for the opener; `between` stands in front of each attachment but the first,
  // which `head` stands in front of, and `tail` behind the last.
  AttachmentsBody(std::string head, const TravellingRevision& revision, std::size_t place,
                  AttachmentOpener opener, std::string between = {}, std::string tail = {});
  std::uint64_t length() const { return length_; }
  void read(std::size_t most, Completion<std::string> done) override;

  // What ended it before its end, if it was an attachment.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void read_attachment(std::size_t most, Completion<std::string> done);
  void fail(Error error, const Completion<std::string>& done);

  const TravellingRevision& revision_;
  const std::size_t place_;
  const AttachmentOpener opener_;
  const std::string between_;
  const std::string tail_;
  std::uint64_t length_ = 0;
  std::string ready_;           // text that goes out next
  std::size_t attachment_ = 0;  // the next one to begin, or the one under way
  std::shared_ptr<ByteStream> stream_;
  std::optional<Error> failure_;
};

}  // namespace quire::replication
