#pragma once

#include "base/clock.h"
#include "database/shard.h"
#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/documents.h"

namespace quire::engine {

// Documents of the databases in this process. Reads are done on the calling thread, and so may block it on
// the disk; writes are answered by the committer's thread, or by the calling one where nothing had to wait.
class LocalDocuments final : public Documents {
 public:
  LocalDocuments(Databases& databases, const Clock& clock, const Authority& authority)
      : databases_(databases), clock_(clock), authority_(authority) {}

  void get(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
           std::string_view id, const GetOptions& options, Completion<Document> done) override {
    done(get(caller, limits, address, id, options));
  }
  void open_revisions(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                      std::string_view id, const OpenOptions& options, const OpenSink& sink,
                      Completion<void> done) override {
    done(open_revisions(caller, limits, address, id, options, sink));
  }
  void list(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
            const ListOptions& options, const ListSink& sink, Completion<ListEnd> done) override {
    done(list(caller, limits, address, options, sink));
  }
  void count(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
             Completion<std::uint64_t> done) override {
    done(count(caller, limits, address));
  }
  void write(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
             std::vector<Change> changes, const WriteOptions& options, Completion<WriteResult> done) override;
  void write_attachment(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                        Completion<std::unique_ptr<AttachmentWriter>> done) override {
    done(write_attachment(caller, limits, address));
  }
  void read_attachment(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                       std::string_view id, std::string_view name,
                       const std::optional<document::Revision>& revision, const ByteRange& range,
                       const std::function<bool(std::string_view)>& sink,
                       Completion<Attachment> done) override {
    done(read_attachment(caller, limits, address, id, name, revision, range, sink));
  }

  // The same, answered directly: for who knows that there is one node.
  Result<Document> get(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                       std::string_view id, const GetOptions& options);
  Status open_revisions(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                        std::string_view id, const OpenOptions& options, const OpenSink& sink);
  Result<ListEnd> list(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                       const ListOptions& options, const ListSink& sink);
  Result<std::uint64_t> count(const Caller& caller, const CallLimits& limits,
                              const CollectionAddress& address);
  Result<std::unique_ptr<AttachmentWriter>> write_attachment(const Caller& caller, const CallLimits& limits,
                                                             const CollectionAddress& address);
  Result<Attachment> read_attachment(const Caller& caller, const CallLimits& limits,
                                     const CollectionAddress& address, std::string_view id,
                                     std::string_view name, const std::optional<document::Revision>& revision,
                                     const ByteRange& range,
                                     const std::function<bool(std::string_view)>& sink);

 private:
  // A collection that the caller may touch, and which of its documents.
  struct Place {
    std::shared_ptr<database::Shard> shard;
    database::CollectionId collection;
    std::uint64_t documents;
    Predicate predicate;
  };
  Result<Place> enter(const Caller& caller, const CallLimits& limits, Action action,
                      const CollectionAddress& address, bool memory_only = false);
  Status check_bytes(const database::Shard& shard, const DatabaseAddress& address,
                     const std::vector<database::Edit>& edits) const;
  Result<database::StoredDocument> find(const Place& place, std::string_view collection, std::string_view id,
                                        const database::GetOptions& options);

  // What needs the whole revision tree.
  Result<Document> get_with_tree(const Place& place, std::string_view collection, std::string_view id,
                                 const GetOptions& options);

  Databases& databases_;
  const Clock& clock_;
  const Authority& authority_;
};

// The same answer for what is not there and for what the caller may not see.
Error missing_document(std::string_view id);
Document document_of(database::StoredDocument found);

// Whether what the database holds leaves room for anything more. Errors: forbidden.
Status check_room(const Authority& authority, const database::Shard& shard, const DatabaseAddress& address);

// Live documents of a collection for which the predicate holds.
Result<Counts> count_documents(database::Shard& shard, const database::CollectionInfo& collection,
                               const Predicate& predicate, const CallLimits& limits);

}  // namespace quire::engine
