#pragma once

#include <memory>
#include <string>

#include "base/byte_stream.h"
#include "replication/target.h"

namespace quire::replication {

// A document and its attachments as multipart/related: the text first, then the bytes of each attachment, in
// order, as they are asked for.
class MultipartBody final : public ByteStream, public std::enable_shared_from_this<MultipartBody> {
 public:
  // `boundary` stands in none of the parts, which whoever draws 128 bits may believe. The revision outlives
  // it.
  MultipartBody(const TravellingRevision& revision, std::size_t place, AttachmentOpener opener,
                std::string boundary);
  std::uint64_t length() const { return length_; }
  void read(std::size_t most, Completion<std::string> done) override;

  // What ended it before its end, if it was an attachment.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  std::string head_of(std::size_t attachment) const;
  void read_attachment(std::size_t most, Completion<std::string> done);
  void fail(Error error, const Completion<std::string>& done);

  const TravellingRevision& revision_;
  const std::size_t place_;
  const AttachmentOpener opener_;
  const std::string boundary_;
  std::uint64_t length_ = 0;
  std::string ready_;           // text that goes out next
  std::size_t attachment_ = 0;  // the next one to begin, or the one under way
  std::shared_ptr<ByteStream> stream_;
  std::optional<Error> failure_;
};

}  // namespace quire::replication
