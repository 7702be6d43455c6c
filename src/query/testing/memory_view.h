#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "database/read_view.h"
#include "query/index_definition.h"

namespace quire::query::testing {

// Documents and value indexes in ordered containers, as a view of one state.
class MemoryView final : public database::ReadView {
 public:
  static constexpr database::CollectionId kCollection = 7;

  // False where an index refuses the document.
  bool put(const std::string& id, const std::string& body);
  void remove(const std::string& id);
  // Over what is there; false where a document does not fit.
  bool add_index(std::string_view name, std::string_view definition);

  const std::map<std::string, std::string>& documents() const { return documents_; }
  std::vector<UsableIndex> indexes() const;

  database::Sequence sequence() const override { return 1; }
  Result<std::optional<Found>> get(database::CollectionId collection, std::string_view id) override;
  std::unique_ptr<database::DocumentCursor> documents(database::CollectionId collection,
                                                      const database::IdRange& range) override;
  std::vector<database::ViewIndex> indexes(database::CollectionId) const override { return {}; }
  std::unique_ptr<database::IndexCursor> entries(std::uint32_t index,
                                                 const database::EntryRange& range) override;
  Result<bool> has_entry(std::uint32_t index, std::string_view key, std::string_view id) override {
    return indexes_[index].entries.contains({std::string(key), std::string(id)});
  }

 private:
  using Entries = std::set<std::pair<std::string, std::string>>;
  struct Index {
    std::shared_ptr<const IndexDefinition> definition;
    bool multikey = false;
    Entries entries;
  };
  static bool add_entries(Index& index, const std::string& id, const std::string& body);

  std::map<std::string, std::string> documents_;
  std::vector<Index> indexes_;
};

}  // namespace quire::query::testing
