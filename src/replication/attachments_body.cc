#include "replication/attachments_body.h"

#include <utility>

namespace quire::replication {

AttachmentsBody::AttachmentsBody(std::string head, const TravellingRevision& revision, std::size_t place,
                                 AttachmentOpener opener, std::string between, std::string tail)
    : revision_(revision),
      place_(place),
      opener_(std::move(opener)),
      between_(std::move(between)),
      tail_(std::move(tail)),
      ready_(std::move(head)) {
  length_ = ready_.size() + tail_.size();
  for (const auto& of : revision.attachments) length_ += of.length;
  if (!revision.attachments.empty()) length_ += between_.size() * (revision.attachments.size() - 1);
}

void AttachmentsBody::read(std::size_t most, Completion<std::string> done) {
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

void AttachmentsBody::read_attachment(std::size_t most, Completion<std::string> done) {
  stream_->read(most, [self = shared_from_this(), stream = stream_, most,
                       done = std::move(done)](Result<std::string> piece) {
    if (!piece) return self->fail(std::move(piece).error(), done);
    if (!piece->empty()) return done(std::move(piece));
    self->stream_.reset();
    const bool last = ++self->attachment_ == self->revision_.attachments.size();
    self->ready_ = last ? self->tail_ : self->between_;
    self->read(most, done);
  });
}

void AttachmentsBody::fail(Error error, const Completion<std::string>& done) {
  failure_ = error;
  done(std::move(error));
}

}  // namespace quire::replication
