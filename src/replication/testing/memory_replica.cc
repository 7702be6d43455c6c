#include "replication/testing/memory_replica.h"

#include <utility>

#include "base/http_transport.h"

namespace quire::replication::testing {

void StringStream::read(std::size_t most, Completion<std::string> done) {
  std::string piece = bytes_.substr(at_, most);
  at_ += piece.size();
  done(std::move(piece));
}

namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;

bool of_the_row(ErrorCode code) {
  return code == ErrorCode::corrupt || code == ErrorCode::not_found || code == ErrorCode::too_large ||
         code == ErrorCode::invalid;
}

}  // namespace

void MemoryReplica::later(Task task) {
  if (deaf) return;
  executor_.post([life = life_, now = *life_, task = std::move(task)] {
    if (*life == now) task();
  });
}

void MemoryReplica::synced(Task task) {
  executor_.post_after(options_.sync_time, [this, life = life_, now = *life_, task = std::move(task)] {
    if (*life != now) return;
    store_.sync();
    look_at_waits();
    task();
  });
}

void MemoryReplica::open(const CallLimits&, std::string_view checkpoint, Completion<Opened> done) {
  note("open");
  later([this, name = std::string(checkpoint), done = std::move(done)] {
    done(Opened{store_.id(), store_.position(), store_.checkpoint(name)});
  });
}

void MemoryReplica::write_checkpoint(const CallLimits&, std::string_view checkpoint,
                                     const StoredCheckpoint& record, Completion<std::string> done) {
  note("record");
  later([this, name = std::string(checkpoint), record, done = std::move(done)] {
    if (!options_.takes_records) return done(Error(ErrorCode::forbidden, "only to be read"));
    auto written = store_.write_checkpoint(name, record);
    if (!written) return done(std::move(written).error());
    synced([done, revision = *written] { done(revision); });
  });
}

void MemoryReplica::changes(const CallLimits&, const SourcePosition& since, const ChangesOptions& options,
                            Completion<ChangesPage> done) {
  note("changes");
  later([this, since, options, done = std::move(done)] {
    auto page = store_.changes(since, options);
    const bool nothing = page && page->rows.empty() && page->at_end && page->next == since;
    if (!nothing || options.wait.count() == 0) return done(std::move(page));
    const auto wait = std::make_shared<Wait>(Wait{since, options, done, *life_});
    waits_.push_back(wait);
    executor_.post_after(options.wait, [this, life = life_, wait] {
      if (*life != wait->life || std::exchange(wait->over, true)) return;
      waits_.remove(wait);
      wait->done(store_.changes(wait->since, wait->options));
    });
  });
}

void MemoryReplica::look_at_waits() {
  for (auto at = waits_.begin(); at != waits_.end();) {
    const auto wait = *at;
    if (wait->life != *life_ || wait->over) {
      at = waits_.erase(at);
      continue;
    }
    auto page = store_.changes(wait->since, wait->options);
    if (page && page->next == wait->since) {
      ++at;
      continue;
    }
    at = waits_.erase(at);
    wait->over = true;
    later([wait, page = std::make_shared<Result<ChangesPage>>(std::move(page))] {
      wait->done(std::move(*page));
    });
  }
}

void MemoryReplica::fetch(const CallLimits&, const std::vector<WantedRevisions>& wanted, std::uint64_t bytes,
                          Completion<FetchedRevisions> done) {
  note("fetch");
  later([this, wanted, bytes, done = std::move(done)] { done(store_.fetch(wanted, bytes)); });
}

void MemoryReplica::open_attachment(const CallLimits&, const TravellingRevision&,
                                    const AttachmentInfo& attachment,
                                    Completion<std::unique_ptr<ByteStream>> done) {
  note("attachment");
  later([this, attachment, done = std::move(done)] {
    if (!store_.has_blob(attachment.digest)) return done(Error(ErrorCode::not_found, "no such attachment"));
    done(std::unique_ptr<ByteStream>(std::make_unique<StringStream>(store_.blob(attachment.digest))));
  });
}

void MemoryReplica::missing(const CallLimits&, const std::vector<RevisionsOf>& documents,
                            Completion<std::vector<MissingOf>> done) {
  note("missing");
  later([this, documents, done = std::move(done)] {
    auto missing = store_.missing(documents);
    if (store_.is_synced()) return done(std::move(missing));
    synced([done, missing = std::move(missing)] { done(missing); });
  });
}

// Takes in the attachments one after the other, then writes all rows, then syncs.
class MemoryReplica::Writing final : public std::enable_shared_from_this<MemoryReplica::Writing> {
 public:
  Writing(MemoryReplica& replica, std::vector<TravellingRevision> revisions, AttachmentOpener opener,
          Completion<WrittenRevisions> done)
      : replica_(replica),
        life_(*replica.life_),
        revisions_(std::move(revisions)),
        opener_(std::move(opener)),
        done_(std::move(done)),
        blobs_(revisions_.size()),
        errors_(revisions_.size()) {}

  void go_on() {
    while (at_ < revisions_.size()) {
      const auto& attachments = revisions_[at_].attachments;
      if (errors_[at_] || blobs_[at_].size() == attachments.size()) {
        ++at_;
        continue;
      }
      const auto& next = attachments[blobs_[at_].size()];
      if (!replica_.store_.has_blob(next.digest)) return take();
      blobs_[at_].push_back(replica_.store_.blob(next.digest));
    }
    write();
  }

 private:
  void take() {
    opener_(at_, blobs_[at_].size(), [self = shared_from_this()](Result<std::unique_ptr<ByteStream>> stream) {
      if (!stream) return self->took(std::move(stream).error());
      read_all(std::shared_ptr<ByteStream>(std::move(*stream)), kMostBytes,
               [self](Result<std::string> bytes) { self->took(std::move(bytes)); });
    });
  }

  void took(Result<std::string> bytes) {
    if (!bytes && !of_the_row(bytes.error().code())) return done_(std::move(bytes).error());
    if (bytes) blobs_[at_].push_back(std::move(*bytes));
    if (!bytes) errors_[at_] = std::move(bytes).error();
    replica_.later([self = shared_from_this()] { self->go_on(); });
  }

  void write() {
    if (*replica_.life_ != life_) return;
    WrittenRevisions written;
    for (std::size_t i = 0; i < revisions_.size(); ++i) {
      if (!errors_[i]) {
        auto row = replica_.store_.replicate(revisions_[i], blobs_[i]);
        if (!row) errors_[i] = std::move(row).error();
      }
      if (errors_[i]) written.failures.emplace_back(i, *errors_[i]);
    }
    replica_.synced([done = done_, written = std::move(written)] { done(written); });
  }

  MemoryReplica& replica_;
  const std::uint64_t life_;
  std::vector<TravellingRevision> revisions_;
  const AttachmentOpener opener_;
  const Completion<WrittenRevisions> done_;
  std::vector<std::vector<std::string>> blobs_;
  std::vector<std::optional<Error>> errors_;
  std::size_t at_ = 0;
};

void MemoryReplica::write(const CallLimits&, std::vector<TravellingRevision> revisions,
                          const AttachmentOpener& attachments, Completion<WrittenRevisions> done) {
  note("write " + std::to_string(revisions.size()));
  const auto writing = std::make_shared<Writing>(*this, std::move(revisions), attachments, std::move(done));
  later([writing] { writing->go_on(); });
}

}  // namespace quire::replication::testing
