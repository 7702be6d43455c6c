#pragma once

#include <memory>
#include <optional>
#include <string>

#include "database/head_reader.h"
#include "database/read_view.h"
#include "database/records.h"
#include "storage/store.h"

namespace quire::database {

// The view of read_view.h over a snapshot of one store.
class LocalReadView final : public ReadView {
 public:
  LocalReadView(storage::Store& store, const HeadReader& heads);
  // Reads which sequence the snapshot has reached; before anything else. Errors: corrupt, io.
  Status begin();

  Sequence sequence() const override { return sequence_; }
  Result<std::optional<Found>> get(CollectionId collection, std::string_view id) override;
  std::unique_ptr<DocumentCursor> documents(CollectionId collection, const IdRange& range,
                                            bool keep) override;
  std::unique_ptr<IndexCursor> entries(std::uint32_t index, const EntryRange& range) override;

 private:
  static Result<std::optional<Found>> found(RecordRef record, const HeadRecord& head);

  storage::Store& store_;
  const HeadReader& heads_;
  const std::unique_ptr<storage::Snapshot> snapshot_;
  Sequence sequence_ = 0;
  std::string key_;
  storage::ReadBuffer buffer_;
};

}  // namespace quire::database
