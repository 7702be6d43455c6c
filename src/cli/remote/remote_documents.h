#pragma once

#include "cli/remote/http.h"
#include "engine/documents.h"

namespace quire::cli::remote {

// The engine's documents over a server's /v1, for the commands: reads, listings and writes of put and remove.
// What no command asks for is not_implemented. Calls block, and are answered before they return.
class RemoteDocuments final : public engine::Documents {
 public:
  explicit RemoteDocuments(Http& http) : http_(http) {}

  void get(const engine::Caller& caller, const CallLimits& limits, const engine::CollectionAddress& address,
           std::string_view id, const engine::GetOptions& options,
           engine::Completion<engine::Document> done) override;
  void open_revisions(const engine::Caller& caller, const CallLimits& limits,
                      const engine::CollectionAddress& address, std::string_view id,
                      const engine::OpenOptions& options, const engine::OpenSink& sink,
                      engine::Completion<void> done) override;
  void list(const engine::Caller& caller, const CallLimits& limits, const engine::CollectionAddress& address,
            const engine::ListOptions& options, const engine::ListSink& sink,
            engine::Completion<engine::ListEnd> done) override;
  void count(const engine::Caller& caller, const CallLimits& limits, const engine::CollectionAddress& address,
             engine::Completion<std::uint64_t> done) override;
  void write(const engine::Caller& caller, const CallLimits& limits, const engine::DatabaseAddress& address,
             std::vector<engine::Change> changes, const engine::WriteOptions& options,
             engine::Completion<engine::WriteResult> done) override;
  void write_attachment(const engine::Caller& caller, const CallLimits& limits,
                        const engine::CollectionAddress& address,
                        engine::Completion<std::unique_ptr<engine::AttachmentWriter>> done) override;
  void read_attachment(const engine::Caller& caller, const CallLimits& limits,
                       const engine::CollectionAddress& address, std::string_view id, std::string_view name,
                       const std::optional<document::Revision>& revision, const engine::ByteRange& range,
                       const std::function<bool(std::string_view)>& sink,
                       engine::Completion<engine::Attachment> done) override;

 private:
  Result<engine::Document> get(const engine::CollectionAddress& address, std::string_view id,
                               const engine::GetOptions& options);
  Result<engine::ListEnd> list(const engine::CollectionAddress& address, const engine::ListOptions& options,
                               const engine::ListSink& sink);
  Result<engine::WriteResult> write(const engine::DatabaseAddress& address,
                                    const std::vector<engine::Change>& changes,
                                    const engine::WriteOptions& options);
  Status write_run(const engine::DatabaseAddress& address, std::span<const engine::Change> changes,
                   const engine::WriteOptions& options, engine::WriteResult& result);

  Http& http_;
};

}  // namespace quire::cli::remote
