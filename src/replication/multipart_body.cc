#include "replication/multipart_body.h"

#include <utility>

#include "replication/couch_text.h"

namespace quire::replication {

MultipartBody::MultipartBody(const TravellingRevision& revision, std::size_t place, AttachmentOpener opener,
                             std::string boundary)
    : revision_(revision), place_(place), opener_(std::move(opener)), boundary_(std::move(boundary)) {
  ready_ = "--" + boundary_ + "\r\nContent-Type: application/json\r\n\r\n" + couch_document(revision);
  length_ = ready_.size();
  for (std::size_t i = 0; i <= revision.attachments.size(); ++i) {
    length_ += head_of(i).size();
    if (i < revision.attachments.size()) length_ += revision.attachments[i].length;
  }
  ready_ += head_of(0);
}

// What stands in front of an attachment; behind the last one, the end.
std::string MultipartBody::head_of(std::size_t attachment) const {
  if (attachment == revision_.attachments.size()) return "\r\n--" + boundary_ + "--";
  return "\r\n--" + boundary_ + "\r\n\r\n";
}

void MultipartBody::read(std::size_t most, Completion<std::string> done) {
  if (!ready_.empty()) {
    std::string piece = ready_.substr(0, most);
    ready_.erase(0, piece.size());
    return done(std::move(piece));
  }
  if (attachment_ == revision_.attachments.size()) return done(std::string());
  if (stream_) return read_attachment(most, std::move(done));
  opener_(
      place_, attachment_,
      [self = shared_from_this(), most, done = std::move(done)](Result<std::unique_ptr<ByteStream>> stream) {
        if (!stream) return self->fail(std::move(stream).error(), done);
        self->stream_ = std::move(*stream);
        self->read_attachment(most, done);
      });
}

void MultipartBody::read_attachment(std::size_t most, Completion<std::string> done) {
  stream_->read(most, [self = shared_from_this(), stream = stream_, most,
                       done = std::move(done)](Result<std::string> piece) {
    if (!piece) return self->fail(std::move(piece).error(), done);
    if (!piece->empty()) return done(std::move(piece));
    self->stream_.reset();
    ++self->attachment_;
    self->ready_ = self->head_of(self->attachment_);
    self->read(most, done);
  });
}

void MultipartBody::fail(Error error, const Completion<std::string>& done) {
  failure_ = error;
  done(std::move(error));
}

}  // namespace quire::replication
