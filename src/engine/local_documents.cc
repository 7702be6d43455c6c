#include "engine/local_documents.h"

#include <algorithm>

#include "database/blob_store.h"
#include "database/records.h"
#include "engine/write_plan.h"

namespace quire::engine {

using database::StoredDocument;

namespace {

class ShardAttachmentWriter final : public AttachmentWriter {
 public:
  ShardAttachmentWriter(std::shared_ptr<database::Shard> shard, std::unique_ptr<database::BlobWriter> blob)
      : shard_(std::move(shard)), blob_(std::move(blob)) {}

  Status write(std::string_view bytes) override { return blob_->write(bytes); }
  Result<Attachment> finish() override { return blob_->finish(); }

 private:
  const std::shared_ptr<database::Shard> shard_;  // first, so that it outlives the blob's writer
  const std::unique_ptr<database::BlobWriter> blob_;
};

}  // namespace

Result<std::vector<Attachment>> attachments_of(const Document& document) {
  if (document.attachment_list.empty()) return std::vector<Attachment>();
  return database::decode_attachments(document.attachment_list);
}

Error missing_document(std::string_view id) {
  return Error(ErrorCode::not_found, "there is no document '" + std::string(id) + "'").at("missing");
}

Document document_of(StoredDocument found) {
  Document document;
  document.revision = std::move(found.revision);
  document.deleted = found.deleted;
  document.sequence = found.sequence;
  // Of a trimmed tombstone no text is left; what it says is a deletion that carries nothing.
  document.body = found.body.empty() ? std::string_view("{}") : found.body;
  document.attachment_list = found.attachments;
  document.bytes = std::move(found.record);
  return document;
}

Result<LocalDocuments::Place> LocalDocuments::enter(const Caller& caller, const CallLimits& limits,
                                                    Action action, const CollectionAddress& address,
                                                    bool memory_only) {
  if (limits.deadline || limits.cancellation.cancelled()) QUIRE_TRY_STATUS(limits.check(clock_));
  QUIRE_TRY(
      Predicate predicate,
      authority_.decide(caller, action, {.database = address.database, .collection = address.collection}));
  QUIRE_TRY(auto shard,
            memory_only ? databases_.use_at_hand(address.database) : databases_.use(address.database));
  QUIRE_TRY(const database::CollectionInfo collection, find_collection(*shard, address.collection));
  return Place{.shard = std::move(shard),
               .collection = collection.id,
               .documents = collection.counts.documents,
               .predicate = std::move(predicate)};
}

Result<StoredDocument> LocalDocuments::find(const Place& place, std::string_view collection,
                                            std::string_view id, const database::GetOptions& options) {
  auto found = place.shard->get(place.collection, id, options);
  if (found && !place.predicate.holds({.collection = collection, .id = id, .body = found->body})) {
    return missing_document(id);
  }
  return found;
}

Result<Document> LocalDocuments::get(const Caller& caller, const CallLimits& limits,
                                     const CollectionAddress& address, std::string_view id,
                                     const GetOptions& options) {
  const bool whole_tree =
      options.latest || options.conflicts || options.ancestors || options.leaves || options.kept;
  if (options.memory_only && whole_tree) return database::not_in_memory();
  QUIRE_TRY(const Place place, enter(caller, limits, Action::read, address, options.memory_only));
  if (whole_tree) return get_with_tree(place, address.collection, id, options);
  auto found =
      find(place, address.collection, id, {.revision = options.revision, .memory_only = options.memory_only});
  if (!found) return std::move(found).error();
  return document_of(*std::move(found));
}

Result<ListEnd> LocalDocuments::list(const Caller& caller, const CallLimits& limits,
                                     const CollectionAddress& address, const ListOptions& options,
                                     const ListSink& sink) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::read, address));
  ListEnd end;
  const auto visit = [&](std::string_view id, const StoredDocument& found) {
    if (!place.predicate.holds({.collection = address.collection, .id = id, .body = found.body})) return true;
    if (end.rows == options.limit) {
      end.more = true;
      return false;
    }
    ++end.rows;
    end.more = !sink({.id = id, .revision = found.revision, .deleted = found.deleted, .body = found.body});
    return !end.more;
  };
  const database::ListOptions range{.after = options.after,
                                    .before = options.before,
                                    .descending = options.descending,
                                    .include_deleted = options.include_deleted};
  QUIRE_TRY_STATUS(place.shard->list(place.collection, range, limits, visit));
  return end;
}

Result<Counts> count_documents(database::Shard& shard, const database::CollectionInfo& collection,
                               const Predicate& predicate, const CallLimits& limits) {
  if (predicate.always()) return collection.counts;
  Counts counts;
  const auto visit = [&](std::string_view id, const StoredDocument& found) {
    if (!predicate.holds({.collection = collection.name, .id = id, .body = found.body})) return true;
    ++(found.deleted ? counts.deleted : counts.documents);
    if (!found.deleted) counts.bytes += found.body.size();
    return true;
  };
  database::ListOptions all;
  all.include_deleted = true;
  QUIRE_TRY_STATUS(shard.list(collection.id, all, limits, visit));
  return counts;
}

Result<std::uint64_t> LocalDocuments::count(const Caller& caller, const CallLimits& limits,
                                            const CollectionAddress& address) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::read, address));
  if (place.predicate.always()) return place.documents;
  QUIRE_TRY(const auto collection, find_collection(*place.shard, address.collection));
  QUIRE_TRY(const Counts counts, count_documents(*place.shard, collection, place.predicate, limits));
  return counts.documents;
}

// What shrinks or goes is never refused.
Status LocalDocuments::check_bytes(const database::Shard& shard, const DatabaseAddress& address,
                                   const std::vector<database::Edit>& edits) const {
  const bool adds = std::any_of(edits.begin(), edits.end(), [](const database::Edit& edit) {
    return edit.kind != database::Edit::Kind::remove;
  });
  return adds ? check_room(authority_, shard, address) : ok();
}

Status check_room(const Authority& authority, const database::Shard& shard, const DatabaseAddress& address) {
  const std::uint64_t limit = authority.byte_limit(address);
  if (limit == 0) return ok();
  std::uint64_t bytes = 0;
  for (const auto& collection : shard.collections().list()) bytes += collection.counts.bytes;
  if (bytes < limit) return ok();
  return Error(ErrorCode::forbidden, "the database is full; its owner may remove documents").over(limit);
}

void LocalDocuments::write(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                           std::vector<Change> changes, const WriteOptions& options,
                           Completion<WriteResult> done) {
  if (auto status = limits.check(clock_); !status) return done(std::move(status).error());
  const auto may_write = [&] { return authority_.decide(caller, Action::write, {.database = address}); };
  if (changes.empty()) {
    // Nothing names a collection, so that nothing below would ask.
    auto decision = may_write();
    if (!decision) return done(std::move(decision).error());
    return done(WriteResult{.rows = {}, .durable = options.durability});
  }
  auto fence = authority_.fence(address);  // before anything is decided
  auto shard = databases_.use_at_hand(address);
  if (!shard) {
    // Who may not write gets to know nothing about the database, and opens none.
    auto decision = may_write();
    if (!decision) return done(std::move(decision).error());
    if (!options.memory_only) shard = databases_.use(address);
    if (!shard) return done(std::move(shard).error());
  }
  WritePlan plan(caller, address, **shard, authority_, fence, options);
  auto edits = plan.make(std::move(changes));
  if (!edits) return done(std::move(edits).error());
  if (auto fits = check_bytes(**shard, address, *edits); !fits) return done(std::move(fits).error());
  if (edits->empty()) {
    // A row each would say that there is a database.
    if (auto decision = may_write(); !decision) return done(std::move(decision).error());
    return done(merge_rows(plan.take_refused(), {.rows = {}, .durable = options.durability}));
  }
  const database::WriteOptions write_options{.durability = options.durability,
                                             .atomic = options.atomic,
                                             .memory_only = options.memory_only,
                                             .request_id = options.request_id,
                                             .fence = std::move(fence)};
  // The shard is not let go before its answer is there.
  auto& writer = **shard;
  writer.write_async(*std::move(edits), write_options, limits,
                     [refused = plan.take_refused(), shard = *std::move(shard),
                      done = std::move(done)](Result<WriteResult> result) mutable {
                       if (!result) return done(std::move(result).error());
                       done(merge_rows(std::move(refused), *std::move(result)));
                     });
}

Result<std::unique_ptr<AttachmentWriter>> LocalDocuments::write_attachment(const Caller& caller,
                                                                           const CallLimits& limits,
                                                                           const CollectionAddress& address) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::write, address));
  auto blob = place.shard->blobs().begin();
  return std::unique_ptr<AttachmentWriter>(
      std::make_unique<ShardAttachmentWriter>(place.shard, std::move(blob)));
}

Result<Attachment> LocalDocuments::read_attachment(const Caller& caller, const CallLimits& limits,
                                                   const CollectionAddress& address, std::string_view id,
                                                   std::string_view name,
                                                   const std::optional<document::Revision>& revision,
                                                   const ByteRange& range,
                                                   const std::function<bool(std::string_view)>& sink) {
  QUIRE_TRY(const Place place, enter(caller, limits, Action::read, address));
  QUIRE_TRY(const StoredDocument found, find(place, address.collection, id, {.revision = revision}));
  if (found.attachments.empty())
    return Error(ErrorCode::not_found, "the document has no attachment").at("attachment");
  QUIRE_TRY(const auto attachments, database::decode_attachments(found.attachments));
  for (const auto& attachment : attachments) {
    if (attachment.name != name) continue;
    const std::uint64_t offset = std::min(range.offset, attachment.length);
    const std::uint64_t length = std::min(range.length, attachment.length - offset);
    Status gone_on = ok();
    const auto checked = [&](std::string_view bytes) {
      gone_on = limits.check(clock_);
      return gone_on && sink(bytes);
    };
    QUIRE_TRY_STATUS(place.shard->blobs().read(attachment.digest, offset, length, checked));
    QUIRE_TRY_STATUS(gone_on);
    return attachment;
  }
  return Error(ErrorCode::not_found, "the document has no attachment '" + std::string(name) + "'")
      .at("attachment");
}

}  // namespace quire::engine
