#include "replication/attachments_body.h"
#include "replication/couch_answers.h"
#include "replication/couch_link.h"

// Writing to a database behind CouchDB's protocol: those without attachments in one request, each of the
// others in one of its own.

namespace quire::replication {

namespace {

// The document's own fault, by the answer to its PUT; else the call's.
bool of_the_document(ErrorCode code) {
  return code == ErrorCode::forbidden || code == ErrorCode::invalid || code == ErrorCode::too_large ||
         code == ErrorCode::precondition || code == ErrorCode::corrupt || code == ErrorCode::not_found;
}

}  // namespace

class CouchPeer::Writing final : public std::enable_shared_from_this<CouchPeer::Writing> {
 public:
  Writing(std::shared_ptr<Link> link, const CallLimits& limits, std::vector<TravellingRevision> revisions,
          AttachmentOpener opener, Completion<WrittenRevisions> done)
      : link_(std::move(link)),
        limits_(limits),
        revisions_(std::move(revisions)),
        opener_(std::move(opener)),
        done_(std::move(done)) {}

  void start() {
    for (std::size_t i = 0; i < revisions_.size(); ++i) {
      if (!revisions_[i].attachments.empty()) continue;
      plain_.push_back(&revisions_[i]);
      places_.push_back(i);
    }
    if (plain_.empty()) return next();
    auto request = link_->request(limits_, "POST", link_->path("/_bulk_docs"));
    request.body = bulk_docs_body(plain_);
    link_->ask_well(std::move(request), kChangesBytes, [self = shared_from_this()](Result<std::string> text) {
      if (!text) return self->end(std::move(text).error());
      auto rows = parse_bulk_docs(*text, self->plain_);
      if (!rows) return self->end(std::move(rows).error());
      for (auto& [at, error] : rows->failures) self->fail(self->places_[at], std::move(error));
      self->next();
    });
  }

 private:
  void next() {
    while (at_ < revisions_.size() && revisions_[at_].attachments.empty()) ++at_;
    if (at_ == revisions_.size()) return end(std::move(written_));
    const TravellingRevision& revision = revisions_[at_];
    const std::string boundary = link_->draw_boundary();
    // multipart/related: the text first, then each attachment, in the order in which the text names them.
    const std::string between = "\r\n--" + boundary + "\r\n\r\n";
    const std::string head =
        "--" + boundary + "\r\nContent-Type: application/json\r\n\r\n" + couch_document(revision) + between;
    const auto body =
        std::make_shared<AttachmentsBody>(head, revision, at_, opener_, between, "\r\n--" + boundary + "--");
    auto request = link_->request(limits_, "PUT",
                                  link_->path(couch_path(couch_name(revision.name)) + "?new_edits=false"));
    request.fields.emplace_back("Content-Type", "multipart/related; boundary=\"" + boundary + "\"");
    request.stream = body;
    request.stream_length = body->length();
    link_->ask(std::move(request), kSmallAnswerBytes,
               [self = shared_from_this(), body](Result<WholeAnswer> answer) {
                 self->took(std::move(answer), body->failure());
               });
  }

  void took(Result<WholeAnswer> answer, const std::optional<Error>& attachment) {
    if (attachment && of_the_document(attachment->code())) {
      fail(at_, *attachment);
    } else if (attachment) {
      return end(*attachment);
    } else if (!answer) {
      return end(std::move(answer).error());
    } else if (auto error = error_of_status(answer->status)) {
      if (!of_the_document(error->code())) return end(*std::move(error));
      fail(at_, *std::move(error));
    }
    ++at_;
    next();
  }

  void fail(std::size_t at, Error error) { written_.failures.emplace_back(at, std::move(error)); }
  void end(Result<WrittenRevisions> result) {
    const auto done = std::move(done_);
    done(std::move(result));
  }

  const std::shared_ptr<Link> link_;
  const CallLimits limits_;
  const std::vector<TravellingRevision> revisions_;
  const AttachmentOpener opener_;
  Completion<WrittenRevisions> done_;
  std::vector<const TravellingRevision*> plain_;
  std::vector<std::size_t> places_;  // of the plain ones
  std::size_t at_ = 0;
  WrittenRevisions written_;
};

void CouchPeer::write(const CallLimits& limits, std::vector<TravellingRevision> revisions,
                      const AttachmentOpener& attachments, Completion<WrittenRevisions> done) {
  std::make_shared<Writing>(link_, limits, std::move(revisions), attachments, std::move(done))->start();
}

}  // namespace quire::replication
