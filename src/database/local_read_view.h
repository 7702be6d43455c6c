#pragma once

#include <memory>
#include <optional>
#include <string>

#include "database/collections.h"
#include "database/head_reader.h"
#include "database/indexes.h"
#include "database/read_view.h"
#include "database/records.h"
#include "storage/store.h"

namespace quire::database {

// The view of read_view.h over a snapshot of one store.
class LocalReadView final : public ReadView {
 public:
  LocalReadView(storage::Store& store, const HeadReader& heads, const Collections& collections,
                const Indexes& indexes);
  // Reads which sequence the snapshot has reached; before anything else. Errors: corrupt, io.
  Status begin();

  Sequence sequence() const override { return sequence_; }
  Result<std::optional<Found>> get(CollectionId collection, std::string_view id) override;
  std::unique_ptr<DocumentCursor> documents(CollectionId collection, const IdRange& range) override;
  std::vector<ViewIndex> indexes(CollectionId collection) const override;
  std::unique_ptr<IndexCursor> entries(std::uint32_t index, const EntryRange& range) override;
  Result<bool> has_entry(std::uint32_t index, std::string_view key, std::string_view id) override;

 private:
  // Whether scans of a collection may leave what they read in the cache, and not push everything else out.
  bool fits_cache(CollectionId collection) const;
  static Result<std::optional<Found>> found(RecordRef record, const HeadRecord& head);

  storage::Store& store_;
  const HeadReader& heads_;
  const Collections& collections_;
  // Those of before the snapshot: an index that was ready then is complete in it. Its multikey flag is looked
  // at after: it was set before the first such entry could be in the snapshot.
  const Indexes::List indexes_;
  const std::unique_ptr<storage::Snapshot> snapshot_;
  Sequence sequence_ = 0;
  std::string key_;
  storage::ReadBuffer buffer_;
};

}  // namespace quire::database
