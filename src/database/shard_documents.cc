#include "base/bytes.h"
#include "database/document_errors.h"
#include "database/head_walk.h"
#include "database/keys.h"
#include "database/local_read_view.h"
#include "database/local_shard.h"
#include "database/records.h"
#include "database/stored_text.h"
#include "database/stored_tree.h"
#include "database/tuning.h"

// The documents of a LocalShard: reads, and calls that write.
namespace quire::database {

using document::Revision;
using storage::Family;

// Reads what stands beside a head. It is another record, read later: where the document moved meanwhile the
// two may not belong together, and both are read again.
template <class Read>
auto LocalShard::with_head(CollectionId collection, std::string_view id, const Read& read)
    -> decltype(read(std::declval<const RecordRef&>())) {
  QUIRE_TRY(RecordRef head, heads_.read(collection, id));
  while (true) {
    auto beside = read(head);
    QUIRE_TRY(RecordRef now, heads_.read(collection, id));
    if (now.view() == head.view()) return beside;
    head = std::move(now);
  }
}

Result<StoredDocument> LocalShard::get(CollectionId collection, std::string_view id,
                                       const GetOptions& options) {
  if (options.revision) {
    if (options.memory_only) return not_in_memory();
    return with_head(collection, id, [&](const RecordRef& head) {
      return head ? revision(collection, id, *options.revision, head) : no_document(id);
    });
  }
  QUIRE_TRY(RecordRef record, options.memory_only
                                  ? heads_.read_cached(collection, id, HeadReader::Misses::sure)
                                  : heads_.read(collection, id));
  if (!record) return no_document(id);
  QUIRE_TRY(StoredDocument document, from_head(std::move(record)));
  if (document.deleted) return deleted_document(id);
  return document;
}

Result<StoredDocument> LocalShard::revision(CollectionId collection, std::string_view id,
                                            const Revision& wanted, const RecordRef& head) {
  QUIRE_TRY(StoredDocument document, from_head(head));
  if (document.revision == wanted) return document;
  QUIRE_TRY(auto text, stored_text({.store = *store_,
                                    .collection = collection,
                                    .id = id,
                                    .winner = document.revision,
                                    .winner_body = document.body},
                                   wanted));
  if (text) return *std::move(text);
  return Error(ErrorCode::not_found,
               "revision " + wanted.to_string() + " of '" + std::string(id) + "' is not here")
      .at("missing");
}

Result<std::optional<StoredDocument>> LocalShard::head(CollectionId collection, std::string_view id) {
  QUIRE_TRY(RecordRef record, heads_.read(collection, id, HeadReader::Absence::remembered));
  if (!record) return std::optional<StoredDocument>{};
  QUIRE_TRY(StoredDocument document, from_head(std::move(record)));
  return std::optional(std::move(document));
}

Result<std::string> LocalShard::tree(CollectionId collection, std::string_view id) {
  return with_head(collection, id, [&](const RecordRef& record) -> Result<std::string> {
    std::string encoded;
    if (!record) return encoded;
    QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
    if (head.chunked == 0) return std::string(head.tree);
    QUIRE_TRY(const document::RevisionTree tree, load_tree(*store_, collection, id, head));
    tree.encode(encoded);
    return encoded;
  });
}

Result<std::unique_ptr<DocumentView>> LocalShard::document(CollectionId collection, std::string_view id) {
  return DocumentView::open(*store_, heads_, collection, id);
}

Status LocalShard::list(CollectionId collection, const ListOptions& options, const CallLimits& limits,
                        const Visitor& visit) {
  HeadWalk walk(*store_, collection, options);
  for (std::uint32_t visited = 0; walk.valid(); ++visited, walk.next()) {
    if (visited % tuning::kLimitsEvery == 0) QUIRE_TRY_STATUS(limits.check(environment_.clock));
    QUIRE_TRY(const std::string_view record, walk.record());
    QUIRE_TRY(const StoredDocument document, from_head(record));
    if (!options.include_deleted && document.deleted) continue;
    if (!visit(walk.id(), document)) return ok();
  }
  return walk.status();
}

Result<std::unique_ptr<ReadView>> LocalShard::view() {
  auto view = std::make_unique<LocalReadView>(*store_, heads_, collections_, indexes_);
  QUIRE_TRY_STATUS(view->begin());
  return std::unique_ptr<ReadView>(std::move(view));
}

Result<WriteResult> LocalShard::write(std::vector<Edit> edits, const WriteOptions& options,
                                      const CallLimits& limits) {
  return std::make_shared<WriteCall>(write_parts(), std::move(edits), options, limits)->run();
}

void LocalShard::write_async(std::vector<Edit> edits, const WriteOptions& options, const CallLimits& limits,
                             std::function<void(Result<WriteResult>)> done) {
  std::make_shared<WriteCall>(write_parts(), std::move(edits), options, limits)->start(std::move(done));
}

Result<std::vector<AnsweredItem>> LocalShard::answered(std::string_view request_id) {
  std::vector<AnsweredItem> answers;
  const std::string prefix = keys::requests(request_id);
  auto it = store_->iterate(Family::meta, {.upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    if (it->key().size() != prefix.size() + 4)
      return Error(ErrorCode::corrupt, "an answered request has a malformed key");
    QUIRE_TRY(RequestRecord record, decode_request(it->value()));
    answers.push_back({.item = load_u32(it->key().data() + prefix.size()),
                       .fingerprint = std::move(record.fingerprint),
                       .result = std::move(record.result)});
  }
  QUIRE_TRY_STATUS(it->status());
  return answers;
}

Status LocalShard::settle() {
  // Rounds are committed one after the other, and whoever comes later sees the fence as it is now.
  return committer_->run_job([](CommitJob&) { return ok(); }, false);
}

Status LocalShard::sync_seen() { return committer_->sync_seen(); }

}  // namespace quire::database
