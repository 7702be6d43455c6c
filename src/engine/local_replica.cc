#include "engine/local_replica.h"

#include <algorithm>

#include "document/json.h"
#include "engine/replica_place.h"

namespace quire::engine {

using namespace replication;

LocalReplica::LocalReplica(const ReplicaParts& parts, Caller caller, std::string id, std::string name,
                           std::string owner)
    : place_(std::make_shared<Place>(parts, std::move(caller), std::move(id), std::move(name),
                                     std::move(owner))) {}
LocalReplica::~LocalReplica() = default;

std::string LocalReplica::key() const { return "quire:" + place_->id; }

void LocalReplica::open(const CallLimits& limits, std::string_view checkpoint, Completion<Opened> done) {
  place_->parts.workers.post(
      [place = place_, limits, name = std::string(checkpoint), done = std::move(done)] {
        const auto position = wait<Position>([&](auto answer) {
          place->parts.feeds.position(place->caller, limits, place->address(), std::move(answer));
        });
        if (!position) return done(position.error());
        Opened opened{place->id, place->text_of(*position), {}};
        const auto record = wait<engine::Checkpoint>([&](auto answer) {
          place->parts.checkpoints.get(place->caller, limits, place->address(), name, std::move(answer));
        });
        if (record) {
          opened.checkpoint = {checkpoint_revision(record->revision), record->body};
        } else if (record.error().code() != ErrorCode::not_found) {
          return done(record.error());
        }
        done(std::move(opened));
      });
}

void LocalReplica::write_checkpoint(const CallLimits& limits, std::string_view checkpoint,
                                    const StoredCheckpoint& record, Completion<std::string> done) {
  place_->parts.workers.post(
      [place = place_, limits, name = std::string(checkpoint), record, done = std::move(done)] {
        std::optional<CheckpointRevision> expected;
        if (!record.revision.empty()) {
          const auto revision = parse_checkpoint_revision(record.revision);
          if (!revision) return done(revision.error());
          expected = *revision;
        }
        auto body = document::split_document(record.json, {});
        if (!body) return done(std::move(body).error());
        const auto written = wait<CheckpointRevision>([&](auto answer) {
          place->parts.checkpoints.put(place->caller, limits, place->address(), name, expected,
                                       Body(std::move(*body)), std::move(answer));
        });
        if (!written) return done(written.error());
        done(checkpoint_revision(*written));
      });
}

void LocalReplica::changes(const CallLimits& limits, const SourcePosition& since,
                           const ChangesOptions& options, Completion<ChangesPage> done) {
  place_->parts.workers.post([place = place_, limits, since, options, done = std::move(done)] {
    const auto from = place->position_of(since);
    if (!from) return done(from.error());
    auto page = place->read_changes(limits, *from, options);
    const bool nothing = page && page->rows.empty() && page->at_end;
    if (!nothing || options.wait.count() == 0) return done(std::move(page));
    const auto reached = place->position_of(page->next);
    if (!reached) return done(reached.error());
    CallLimits until = limits;
    until.deadline = place->parts.clock.steady() + options.wait;
    place->parts.feeds.wait(
        place->caller, until, place->address(), *reached,
        [place, limits, reached = *reached, options, page = *page, done](Result<Position> more) {
          const bool over = !more && more.error().code() == ErrorCode::deadline;
          if (over) return done(page);
          if (!more) return done(std::move(more).error());
          place->parts.workers.post([place, limits, reached, options, done] {
            done(place->read_changes(limits, reached, options));
          });
        });
  });
}

namespace {

Result<TravellingRevision> travelling(const DocumentName& name, const Document& document) {
  TravellingRevision out{name, document.ancestors, document.deleted, std::string(document.body), {}};
  if (out.body.empty()) out.body = "{}";
  QUIRE_TRY(const auto attachments, attachments_of(document));
  for (const auto& of : attachments) out.attachments.push_back(engine::travelling(of));
  return out;
}

// The path up to the first ancestor that the target has.
void shorten(TravellingRevision& revision, const std::vector<document::Revision>& known) {
  const auto meets =
      std::find_first_of(revision.path.begin() + 1, revision.path.end(), known.begin(), known.end());
  if (meets != revision.path.end()) revision.path.erase(meets + 1, revision.path.end());
}

}  // namespace

void LocalReplica::fetch(const CallLimits& limits, const std::vector<WantedRevisions>& wanted,
                         std::uint64_t bytes, Completion<FetchedRevisions> done) {
  place_->parts.workers.post([place = place_, limits, wanted, bytes, done = std::move(done)]() mutable {
    FetchedRevisions out;
    std::uint64_t held = 0;
    std::vector<DocumentName> names;
    std::vector<DocumentName*> pointers;
    for (const auto& of : wanted) names.push_back(of.name);
    for (auto& name : names) pointers.push_back(&name);
    if (auto status = place->find_collections(limits, pointers); !status)
      return done(std::move(status).error());
    for (const auto& of : wanted) {
      if (out.documents != 0 && held >= bytes) break;
      const DocumentName& name = names[out.documents++];
      const auto sink = [&](OpenedRevision& opened) {
        if (!opened.document) {
          out.failures.push_back({of.name, opened.asked, Error(ErrorCode::not_found, "missing")});
          return true;
        }
        auto revision = travelling(of.name, *opened.document);
        if (!revision) {
          out.failures.push_back({of.name, opened.asked, std::move(revision).error()});
          return true;
        }
        shorten(*revision, of.possible_ancestors);
        held += revision->bytes();
        out.revisions.push_back(std::move(*revision));
        return true;
      };
      const auto end = wait<void>([&](auto answer) {
        place->parts.documents.open_revisions(
            place->caller, limits, place->collection(name.collection), name.id,
            {.revisions = of.revisions, .latest = true, .ancestors = true}, sink, std::move(answer));
      });
      if (end) continue;
      if (end.error().code() != ErrorCode::not_found && end.error().code() != ErrorCode::corrupt) {
        return done(end.error());
      }
      out.failures.push_back({of.name, of.revisions.front(), end.error()});
    }
    done(std::move(out));
  });
}

namespace {

// An attachment of a revision, read by pieces.
class LocalStream final : public ByteStream {
 public:
  using Read = std::function<Result<std::string>(std::uint64_t offset, std::size_t most)>;
  LocalStream(Executor& workers, Read read, std::uint64_t length)
      : workers_(workers), read_(std::move(read)), length_(length) {}

  void read(std::size_t most, Completion<std::string> done) override {
    workers_.post([this, most, done = std::move(done)] {
      auto piece = read_(at_, static_cast<std::size_t>(std::min<std::uint64_t>(most, length_ - at_)));
      if (piece) at_ += piece->size();
      if (piece && piece->empty() && at_ < length_) {
        return done(Error(ErrorCode::corrupt, "an attachment ended before its length"));
      }
      done(std::move(piece));
    });
  }

 private:
  Executor& workers_;
  const Read read_;
  const std::uint64_t length_;
  std::uint64_t at_ = 0;
};

}  // namespace

void LocalReplica::open_attachment(const CallLimits& limits, const TravellingRevision& revision,
                                   const AttachmentInfo& attachment,
                                   Completion<std::unique_ptr<ByteStream>> done) {
  DocumentName name = revision.name;
  if (auto status = place_->find_collections(limits, {&name}); !status)
    return done(std::move(status).error());
  auto read = [place = place_, limits, name, leaf = revision.path.front(), attached = attachment.name](
                  std::uint64_t offset, std::size_t most) -> Result<std::string> {
    std::string piece;
    if (most == 0) return piece;
    QUIRE_TRY_STATUS(wait<Attachment>([&](auto answer) {
      place->parts.documents.read_attachment(
          place->caller, limits, place->collection(name.collection), name.id, attached, leaf, {offset, most},
          [&](std::string_view bytes) {
            piece.append(bytes);
            return true;
          },
          std::move(answer));
    }));
    return piece;
  };
  done(std::unique_ptr<ByteStream>(
      std::make_unique<LocalStream>(place_->parts.workers, std::move(read), attachment.length)));
}

void LocalReplica::missing(const CallLimits& limits, const std::vector<RevisionsOf>& documents,
                           Completion<std::vector<MissingOf>> done) {
  place_->parts.workers.post([place = place_, limits, documents = std::vector<RevisionsOf>(documents),
                              done = std::move(done)]() mutable {
    std::vector<DocumentName*> names;
    for (auto& of : documents) names.push_back(&of.name);
    if (auto status = place->find_collections(limits, names); !status) return done(std::move(status).error());
    std::vector<NamedRevisions> asked;
    for (const auto& of : documents) asked.push_back({of.name.collection, of.name.id, of.revisions});
    auto rows = wait<std::vector<MissingRevisions>>([&](auto answer) {
      place->parts.revisions.missing(place->caller, limits, place->address(), asked, std::move(answer));
    });
    if (!rows) return done(std::move(rows).error());
    std::vector<MissingOf> out;
    for (std::size_t i = 0; i < rows->size(); ++i) {
      MissingRevisions& row = (*rows)[i];
      if (row.missing.empty()) continue;
      out.push_back({i, std::move(row.missing), std::move(row.possible_ancestors)});
    }
    done(std::move(out));
  });
}

}  // namespace quire::engine
