#include "replication/checked_stream.h"

#include <utility>

namespace quire::replication {

namespace {
constexpr std::size_t kDigestBytes = 32;
Error other_bytes() { return {ErrorCode::corrupt, "an attachment is not what its revision says"}; }
}  // namespace

CheckedStream::CheckedStream(std::unique_ptr<ByteStream> stream, const AttachmentInfo& info)
    : stream_(std::move(stream)), info_(info), blake_(kDigestBytes) {}

void CheckedStream::read(std::size_t most, Completion<std::string> done) {
  if (ended_) return done(std::string());
  stream_->read(most, [this, done = std::move(done)](Result<std::string> piece) {
    if (!piece) return done(std::move(piece).error());
    done(look_at(std::move(*piece)));
  });
}

Result<std::string> CheckedStream::look_at(std::string piece) {
  came_ += piece.size();
  if (came_ > info_.length) return other_bytes();
  if (!piece.empty()) {
    if (!info_.md5.empty()) md5_.update(piece);
    if (!info_.digest.empty()) blake_.update(piece);
    return piece;
  }
  ended_ = true;
  if (came_ != info_.length) return other_bytes();
  if (!info_.md5.empty() && md5_.finish() != info_.md5) return other_bytes();
  if (info_.digest.empty()) return piece;
  std::string digest(kDigestBytes, '\0');
  blake_.finish(digest.data());
  if (digest != info_.digest) return other_bytes();
  return piece;
}

}  // namespace quire::replication
