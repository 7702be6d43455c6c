#include "distant_peer.h"

namespace quire::sim {

using namespace replication;

namespace {

// A question goes there, is asked, and its answer comes back.
template <class T>
void ask(const DistantPeer::Road& road, bool once, std::function<void(Completion<T>)> question,
         Completion<T> done) {
  const auto answered = std::make_shared<bool>(false);
  road.network->send(road.here, road.there, once, [road, once, answered, question, done] {
    question([road, once, answered, done](Result<T> answer) {
      const auto kept = std::make_shared<Result<T>>(std::move(answer));
      road.network->send(road.there, road.here, once, [answered, kept, done] {
        if (std::exchange(*answered, true)) return;
        done(std::move(*kept));
      });
    });
  });
}

// The bytes come piece by piece over one connection.
class DistantStream final : public ByteStream {
 public:
  DistantStream(std::shared_ptr<ByteStream> stream, const DistantPeer::Road& road)
      : stream_(std::move(stream)), road_(road) {}
  void read(std::size_t most, Completion<std::string> done) override {
    ask<std::string>(
        road_, true,
        [stream = stream_, most](Completion<std::string> answer) { stream->read(most, std::move(answer)); },
        std::move(done));
  }

 private:
  const std::shared_ptr<ByteStream> stream_;
  const DistantPeer::Road road_;
};

Completion<std::unique_ptr<ByteStream>> over(const DistantPeer::Road& road,
                                             Completion<std::unique_ptr<ByteStream>> done) {
  return [road, done = std::move(done)](Result<std::unique_ptr<ByteStream>> stream) {
    if (!stream) return done(std::move(stream).error());
    done(std::unique_ptr<ByteStream>(
        std::make_unique<DistantStream>(std::shared_ptr<ByteStream>(std::move(*stream)), road)));
  };
}

}  // namespace

void DistantPeer::open(const CallLimits& limits, std::string_view checkpoint, Completion<Opened> done) {
  ask<Opened>(
      road_, false,
      [peer = peer_, limits, name = std::string(checkpoint)](Completion<Opened> answer) {
        peer->open(limits, name, std::move(answer));
      },
      std::move(done));
}

void DistantPeer::write_checkpoint(const CallLimits& limits, std::string_view checkpoint,
                                   const StoredCheckpoint& record, Completion<std::string> done) {
  ask<std::string>(
      road_, false,
      [peer = peer_, limits, name = std::string(checkpoint), record](Completion<std::string> answer) {
        peer->write_checkpoint(limits, name, record, std::move(answer));
      },
      std::move(done));
}

void DistantPeer::changes(const CallLimits& limits, const SourcePosition& since,
                          const ChangesOptions& options, Completion<ChangesPage> done) {
  ask<ChangesPage>(
      road_, false,
      [peer = peer_, limits, since, options](Completion<ChangesPage> answer) {
        peer->changes(limits, since, options, std::move(answer));
      },
      std::move(done));
}

void DistantPeer::fetch(const CallLimits& limits, const std::vector<WantedRevisions>& wanted,
                        std::uint64_t bytes, Completion<FetchedRevisions> done) {
  ask<FetchedRevisions>(
      road_, false,
      [peer = peer_, limits, wanted, bytes](Completion<FetchedRevisions> answer) {
        peer->fetch(limits, wanted, bytes, std::move(answer));
      },
      std::move(done));
}

void DistantPeer::open_attachment(const CallLimits& limits, const TravellingRevision& revision,
                                  const AttachmentInfo& attachment,
                                  Completion<std::unique_ptr<ByteStream>> done) {
  ask<std::unique_ptr<ByteStream>>(
      road_, true,
      [peer = peer_, limits, revision, attachment](Completion<std::unique_ptr<ByteStream>> answer) {
        peer->open_attachment(limits, revision, attachment, std::move(answer));
      },
      over(road_, std::move(done)));
}

void DistantPeer::missing(const CallLimits& limits, const std::vector<RevisionsOf>& documents,
                          Completion<std::vector<MissingOf>> done) {
  ask<std::vector<MissingOf>>(
      road_, false,
      [peer = peer_, limits, documents](Completion<std::vector<MissingOf>> answer) {
        peer->missing(limits, documents, std::move(answer));
      },
      std::move(done));
}

void DistantPeer::write(const CallLimits& limits, std::vector<TravellingRevision> revisions,
                        const AttachmentOpener& attachments, Completion<WrittenRevisions> done) {
  const AttachmentOpener from_here = [road = road_.back(), attachments](
                                         std::size_t revision, std::size_t attachment,
                                         Completion<std::unique_ptr<ByteStream>> opened) {
    ask<std::unique_ptr<ByteStream>>(
        road, true,
        [attachments, revision, attachment](Completion<std::unique_ptr<ByteStream>> answer) {
          attachments(revision, attachment, std::move(answer));
        },
        over(road, std::move(opened)));
  };
  ask<WrittenRevisions>(
      road_, false,
      [peer = peer_, limits, revisions = std::move(revisions),
       from_here](Completion<WrittenRevisions> answer) {
        peer->write(limits, revisions, from_here, std::move(answer));
      },
      std::move(done));
}

}  // namespace quire::sim
