#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/documents.h"
#include "engine/queries.h"

namespace quire::api::couch {

// An engine's documents, where those that are Mango's indexes (index_design.h) make and drop them, by
// whatever door they come: an index is there when its document is. It is made before that is written, and
// dropped after, so that a crash between the two leaves an index too many, never one too few. A document
// whose index cannot be made is refused with that error, but for a revision that comes from elsewhere: that
// is kept, and has no index. What drops an index and knows nothing of documents leaves the document; the
// index comes back with the document's next revision.
//
// Everything else goes through as it is. Both outlive it.
class IndexedDocuments final : public engine::Documents {
 public:
  IndexedDocuments(engine::Documents& documents, engine::Queries& queries)
      : documents_(documents), queries_(queries) {}

  void get(const engine::Caller& caller, const CallLimits& limits, const engine::CollectionAddress& address,
           std::string_view id, const engine::GetOptions& options,
           engine::Completion<engine::Document> done) override {
    documents_.get(caller, limits, address, id, options, std::move(done));
  }
  void open_revisions(const engine::Caller& caller, const CallLimits& limits,
                      const engine::CollectionAddress& address, std::string_view id,
                      const engine::OpenOptions& options, const engine::OpenSink& sink,
                      engine::Completion<void> done) override {
    documents_.open_revisions(caller, limits, address, id, options, sink, std::move(done));
  }
  void list(const engine::Caller& caller, const CallLimits& limits, const engine::CollectionAddress& address,
            const engine::ListOptions& options, const engine::ListSink& sink,
            engine::Completion<engine::ListEnd> done) override {
    documents_.list(caller, limits, address, options, sink, std::move(done));
  }
  void count(const engine::Caller& caller, const CallLimits& limits, const engine::CollectionAddress& address,
             engine::Completion<std::uint64_t> done) override {
    documents_.count(caller, limits, address, std::move(done));
  }
  // With a design document among the changes it blocks until all is done, and answers needs_disk() where it
  // may not.
  void write(const engine::Caller& caller, const CallLimits& limits, const engine::DatabaseAddress& address,
             std::vector<engine::Change> changes, const engine::WriteOptions& options,
             engine::Completion<engine::WriteResult> done) override;
  void write_attachment(const engine::Caller& caller, const CallLimits& limits,
                        const engine::CollectionAddress& address,
                        engine::Completion<std::unique_ptr<engine::AttachmentWriter>> done) override {
    documents_.write_attachment(caller, limits, address, std::move(done));
  }
  void read_attachment(const engine::Caller& caller, const CallLimits& limits,
                       const engine::CollectionAddress& address, std::string_view id, std::string_view name,
                       const std::optional<document::Revision>& revision, const engine::ByteRange& range,
                       const std::function<bool(std::string_view)>& sink,
                       engine::Completion<engine::Attachment> done) override {
    documents_.read_attachment(caller, limits, address, id, name, revision, range, sink, std::move(done));
  }

 private:
  engine::Documents& documents_;
  engine::Queries& queries_;
};

}  // namespace quire::api::couch
