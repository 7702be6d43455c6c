#pragma once

#include <memory>

#include "base/byte_stream.h"
#include "base/hash.h"
#include "base/md5.h"
#include "replication/types.h"

namespace quire::replication {

// The bytes of an attachment, whose length and digests must come out as they were promised: else the last
// read answers corrupt, and one that would go past the length does so at once.
class CheckedStream final : public ByteStream {
 public:
  CheckedStream(std::unique_ptr<ByteStream> stream, const AttachmentInfo& info);
  void read(std::size_t most, Completion<std::string> done) override;

 private:
  Result<std::string> look_at(std::string piece);

  const std::unique_ptr<ByteStream> stream_;
  const AttachmentInfo info_;
  std::uint64_t came_ = 0;
  bool ended_ = false;
  Md5 md5_;
  Blake2b blake_;
};

}  // namespace quire::replication
