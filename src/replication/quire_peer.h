#pragma once

#include <memory>
#include <string>

#include "base/http_transport.h"
#include "base/secret.h"
#include "replication/source.h"
#include "replication/target.h"

namespace quire::replication {

struct QuirePeerOptions {
  std::shared_ptr<HttpTransport> transport;
  std::string path;      // of the database: "/v1/databases/main"
  std::string key;       // the address without credentials
  Secret authorization;  // the value of the field; empty: none
};

// A database of another Quire, as either side, by the exchange of docs/formats/replication.md.
class QuirePeer final : public Source, public Target {
 public:
  explicit QuirePeer(QuirePeerOptions options);
  ~QuirePeer() override;

  std::string key() const override;
  void open(const CallLimits& limits, std::string_view checkpoint, Completion<Opened> done) override;
  void write_checkpoint(const CallLimits& limits, std::string_view checkpoint, const StoredCheckpoint& record,
                        Completion<std::string> done) override;

  bool tells_lives_apart() const override { return true; }
  void changes(const CallLimits& limits, const SourcePosition& since, const ChangesOptions& options,
               Completion<ChangesPage> done) override;
  void fetch(const CallLimits& limits, const std::vector<WantedRevisions>& wanted, std::uint64_t bytes,
             Completion<FetchedRevisions> done) override;
  void open_attachment(const CallLimits& limits, const TravellingRevision& revision,
                       const AttachmentInfo& attachment,
                       Completion<std::unique_ptr<ByteStream>> done) override;

  void missing(const CallLimits& limits, const std::vector<RevisionsOf>& documents,
               Completion<std::vector<MissingOf>> done) override;
  void write(const CallLimits& limits, std::vector<TravellingRevision> revisions,
             const AttachmentOpener& attachments, Completion<WrittenRevisions> done) override;

 private:
  class Link;
  class Writing;
  const std::shared_ptr<const Link> link_;
};

}  // namespace quire::replication
