#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "base/http_transport.h"
#include "base/random.h"
#include "base/secret.h"
#include "replication/source.h"
#include "replication/target.h"

namespace quire::replication {

struct CouchPeerOptions {
  std::shared_ptr<HttpTransport> transport;
  std::string root;      // the path of the server's welcome, without the slash at its end; empty: "/"
  std::string database;  // as it stands in the path
  std::string key;       // the address without credentials
  Secret authorization;  // the value of the field; empty: none
  Random& random;        // outlives it
  bool create = false;   // makes the database when it is opened, where there is none
};

// A database behind CouchDB's protocol, as either side. What comes from there is bounded in size and time,
// checked, and never shown. Attachments are fetched and sent one by one, and so are documents from a server
// that has no _bulk_get.
class CouchPeer final : public Source, public Target {
 public:
  explicit CouchPeer(CouchPeerOptions options);
  ~CouchPeer() override;

  std::string key() const override;
  void open(const CallLimits& limits, std::string_view checkpoint, Completion<Opened> done) override;
  void write_checkpoint(const CallLimits& limits, std::string_view checkpoint, const StoredCheckpoint& record,
                        Completion<std::string> done) override;

  bool tells_lives_apart() const override { return false; }
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
  // What calls under way share with it.
  class Link;
  class OneByOne;
  class Writing;
  static void fetch_one_by_one(const std::shared_ptr<Link>& link, const CallLimits& limits,
                               const std::vector<WantedRevisions>& wanted, std::uint64_t bytes,
                               Completion<FetchedRevisions> done);
  const std::shared_ptr<Link> link_;
};

}  // namespace quire::replication
