#include <algorithm>

#include "engine/replica_place.h"
#include "engine/tuning.h"

// Writing what travelled here: first the attachments that the database does not have, piece by piece, then
// all revisions in one write.

namespace quire::engine {

using namespace replication;

namespace {

// The revision's own fault; anything else is the call's.
bool of_the_revision(ErrorCode code) {
  return code == ErrorCode::corrupt || code == ErrorCode::not_found || code == ErrorCode::too_large ||
         code == ErrorCode::invalid || code == ErrorCode::forbidden;
}

bool same_bytes(const Attachment& ours, const AttachmentInfo& theirs) {
  if (ours.length != theirs.length) return false;
  if (!theirs.digest.empty()) return ours.digest == theirs.digest;
  return !theirs.md5.empty() && ours.md5 == theirs.md5;
}

}  // namespace

class LocalReplica::Writing final : public std::enable_shared_from_this<LocalReplica::Writing> {
 public:
  Writing(std::shared_ptr<const Place> place, const CallLimits& limits,
          std::vector<TravellingRevision> revisions, AttachmentOpener opener,
          Completion<WrittenRevisions> done)
      : place_(std::move(place)),
        limits_(limits),
        revisions_(std::move(revisions)),
        opener_(std::move(opener)),
        done_(std::move(done)),
        attachments_(revisions_.size()),
        errors_(revisions_.size()) {}

  void start() {
    std::vector<DocumentName*> names;
    for (auto& revision : revisions_) names.push_back(&revision.name);
    if (auto status = place_->find_collections(limits_, names); !status)
      return end(std::move(status).error());
    next();
  }

 private:
  // The next attachment that has to come.
  void next() {
    for (; at_ < revisions_.size(); ++at_) {
      const auto& wanted = revisions_[at_].attachments;
      while (!errors_[at_] && attachments_[at_].size() < wanted.size()) {
        const AttachmentInfo& info = wanted[attachments_[at_].size()];
        auto known = find_known(revisions_[at_].name, info);
        if (!known) return open();
        keep(*std::move(known));
      }
    }
    write();
  }

  // One of the document's leaves may have the same bytes.
  std::optional<Attachment> find_known(const DocumentName& name, const AttachmentInfo& info) {
    std::optional<Attachment> found;
    const auto sink = [&](OpenedRevision& opened) {
      if (!opened.document) return true;
      const auto attachments = attachments_of(*opened.document);
      if (!attachments) return true;
      const auto same = std::find_if(attachments->begin(), attachments->end(),
                                     [&](const auto& of) { return same_bytes(of, info); });
      if (same != attachments->end()) found = *same;
      return !found.has_value();
    };
    (void)wait<void>([&](auto answer) {
      place_->parts.documents.open_revisions(place_->caller, limits_, place_->collection(name.collection),
                                             name.id, {.all_leaves = true}, sink, std::move(answer));
    });
    return found;
  }

  const AttachmentInfo& current() const { return revisions_[at_].attachments[attachments_[at_].size()]; }

  void keep(Attachment attachment) {
    const AttachmentInfo& info = current();
    attachment.name = info.name;
    attachment.content_type = info.content_type;
    attachment.revpos = info.revpos;
    attachments_[at_].push_back(std::move(attachment));
  }

  void open() {
    const DocumentName& name = revisions_[at_].name;
    auto writer = wait<std::unique_ptr<AttachmentWriter>>([&](auto answer) {
      place_->parts.documents.write_attachment(place_->caller, limits_, place_->collection(name.collection),
                                               std::move(answer));
    });
    // An attachment wants its collection before the write that would make it.
    if (!writer && writer.error().code() == ErrorCode::not_found && writer.error().field() == "collection" &&
        make_collection(name.collection)) {
      writer = wait<std::unique_ptr<AttachmentWriter>>([&](auto answer) {
        place_->parts.documents.write_attachment(place_->caller, limits_, place_->collection(name.collection),
                                                 std::move(answer));
      });
    }
    if (!writer) return failed(std::move(writer).error());
    writer_ = std::move(*writer);
    opener_(at_, attachments_[at_].size(),
            [self = shared_from_this()](Result<std::unique_ptr<ByteStream>> stream) {
              self->later(
                  [self, stream = std::make_shared<Result<std::unique_ptr<ByteStream>>>(std::move(stream))] {
                    if (!*stream) return self->failed(std::move(*stream).error());
                    self->stream_ = std::move(**stream);
                    self->read();
                  });
            });
  }

  bool make_collection(std::string_view name) {
    return wait<CollectionDescription>([&](auto answer) {
             place_->parts.catalog.create_collection(place_->caller, limits_, place_->collection(name), {},
                                                     std::move(answer));
           })
        .has_value();
  }

  void read() {
    stream_->read(tuning::kReplicaPiece, [self = shared_from_this()](Result<std::string> piece) {
      self->later([self, piece = std::make_shared<Result<std::string>>(std::move(piece))] {
        self->took(std::move(*piece));
      });
    });
  }

  void took(Result<std::string> piece) {
    if (!piece) return failed(std::move(piece).error());
    if (!piece->empty()) {
      if (auto status = writer_->write(*piece); !status) return failed(std::move(status).error());
      return read();
    }
    stream_.reset();
    auto written = writer_->finish();
    writer_.reset();
    if (!written) return failed(std::move(written).error());
    const AttachmentInfo& info = current();
    const bool other = written->length != info.length ||
                       (!info.digest.empty() && written->digest != info.digest) ||
                       (!info.md5.empty() && written->md5 != info.md5);
    if (other) return failed(Error(ErrorCode::corrupt, "an attachment is not what its revision says"));
    keep(std::move(*written));
    next();
  }

  void failed(Error error) {
    stream_.reset();
    writer_.reset();
    if (!of_the_revision(error.code())) return end(std::move(error));
    errors_[at_] = std::move(error);
    next();
  }

  void write() {
    std::vector<Change> changes;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < revisions_.size(); ++i) {
      if (errors_[i]) continue;
      TravellingRevision& revision = revisions_[i];
      Change change;
      change.kind = Change::Kind::replicate;
      change.collection = revision.name.collection;
      change.id = std::move(revision.name.id);
      change.body = Body::stored(std::move(revision.body));
      change.deleted = revision.deleted;
      change.path = std::move(revision.path);
      change.attachments = std::move(attachments_[i]);
      changes.push_back(std::move(change));
      places.push_back(i);
    }
    if (changes.empty()) return end(collect({}, {}));
    WriteOptions options;
    options.create_collections = true;
    place_->parts.documents.write(place_->caller, limits_, place_->address(), std::move(changes), options,
                                  [self = shared_from_this(), places](Result<WriteResult> result) {
                                    if (!result) return self->end(std::move(result).error());
                                    self->end(self->collect(places, result->rows));
                                  });
  }

  WrittenRevisions collect(const std::vector<std::size_t>& places,
                           const std::vector<Result<EditResult>>& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i]) errors_[places[i]] = rows[i].error();
    }
    WrittenRevisions written;
    for (std::size_t i = 0; i < errors_.size(); ++i) {
      if (errors_[i]) written.failures.emplace_back(i, *errors_[i]);
    }
    return written;
  }

  void later(Task task) { place_->parts.workers.post(std::move(task)); }
  void end(Result<WrittenRevisions> result) {
    const auto done = std::move(done_);
    done(std::move(result));
  }

  const std::shared_ptr<const Place> place_;
  const CallLimits limits_;
  std::vector<TravellingRevision> revisions_;
  const AttachmentOpener opener_;
  Completion<WrittenRevisions> done_;
  std::vector<std::vector<Attachment>> attachments_;
  std::vector<std::optional<Error>> errors_;
  std::size_t at_ = 0;
  std::unique_ptr<AttachmentWriter> writer_;
  std::unique_ptr<ByteStream> stream_;
};

void LocalReplica::write(const CallLimits& limits, std::vector<TravellingRevision> revisions,
                         const AttachmentOpener& attachments, Completion<WrittenRevisions> done) {
  const auto writing =
      std::make_shared<Writing>(place_, limits, std::move(revisions), attachments, std::move(done));
  place_->parts.workers.post([writing] { writing->start(); });
}

}  // namespace quire::engine
