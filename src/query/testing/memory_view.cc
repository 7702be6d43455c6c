#include "query/testing/memory_view.h"

#include <algorithm>

#include "query/value_index.h"

namespace quire::query::testing {

using database::Walk;

namespace {

class MapCursor final : public database::DocumentCursor {
 public:
  MapCursor(const std::map<std::string, std::string>& all, const database::IdRange& range) {
    for (const auto& one : all) {
      const bool inside = one.first >= range.from && (range.to.empty() || one.first < range.to);
      if (inside) rows_.push_back(&one);
    }
    if (range.walk == Walk::backward) std::reverse(rows_.begin(), rows_.end());
  }
  Result<bool> advance() override { return ++at_ <= rows_.size(); }
  std::string_view id() const override { return rows_[at_ - 1]->first; }
  std::string_view body() const override { return rows_[at_ - 1]->second; }
  Result<document::Revision> revision() const override { return document::Revision(); }

 private:
  std::vector<const std::pair<const std::string, std::string>*> rows_;
  std::size_t at_ = 0;
};

class SetCursor final : public database::IndexCursor {
 public:
  SetCursor(const std::set<std::pair<std::string, std::string>>& all, const database::EntryRange& range)
      : backward_(range.walk == Walk::backward) {
    for (const auto& one : all) {
      if (one.first >= range.from && (range.to.empty() || one.first < range.to)) rows_.push_back(&one);
    }
    if (backward_) std::reverse(rows_.begin(), rows_.end());
  }
  Result<bool> advance() override { return ++at_ <= rows_.size(); }
  void skip_to(std::string_view key) override {
    const auto before = [&](std::size_t i) {
      return backward_ ? rows_[i]->first >= key : rows_[i]->first < key;
    };
    while (at_ < rows_.size() && before(at_)) ++at_;
  }
  std::string_view key() const override { return rows_[at_ - 1]->first; }
  std::string_view id() const override { return rows_[at_ - 1]->second; }

 private:
  const bool backward_;
  std::vector<const std::pair<std::string, std::string>*> rows_;
  std::size_t at_ = 0;  // rows that were walked over
};

}  // namespace

bool MemoryView::add_entries(Index& index, const std::string& id, const std::string& body) {
  database::IndexKeys found;
  if (!ValueIndex(index.definition).keys_of(id, body, found)) return false;
  if (index.definition->unique) {
    for (const std::string& key : found.keys) {
      const auto at = index.entries.lower_bound({key, ""});
      if (at != index.entries.end() && at->first == key && at->second != id) return false;
    }
  }
  index.multikey = index.multikey || found.multikey;
  for (const std::string& key : found.keys) index.entries.insert({key, id});
  return true;
}

bool MemoryView::put(const std::string& id, const std::string& body) {
  remove(id);
  for (Index& index : indexes_) {
    if (add_entries(index, id, body)) continue;
    remove(id);
    return false;
  }
  documents_[id] = body;
  return true;
}

void MemoryView::remove(const std::string& id) {
  documents_.erase(id);
  for (Index& index : indexes_) {
    std::erase_if(index.entries, [&](const auto& entry) { return entry.second == id; });
  }
}

bool MemoryView::add_index(std::string_view name, std::string_view definition) {
  auto parsed = IndexDefinition::parse(name, definition);
  if (!parsed) return false;
  Index index;
  index.definition = std::make_shared<const IndexDefinition>(*std::move(parsed));
  for (const auto& [id, body] : documents_) {
    if (!add_entries(index, id, body)) return false;
  }
  indexes_.push_back(std::move(index));
  return true;
}

std::vector<UsableIndex> MemoryView::indexes() const {
  std::vector<UsableIndex> usable;
  for (std::uint32_t i = 0; i < indexes_.size(); ++i) {
    usable.push_back({.id = i,
                      .definition = indexes_[i].definition,
                      .multikey = indexes_[i].multikey,
                      .entries = indexes_[i].entries.size()});
  }
  return usable;
}

Result<std::optional<database::ReadView::Found>> MemoryView::get(database::CollectionId,
                                                                 std::string_view id) {
  const auto found = documents_.find(std::string(id));
  if (found == documents_.end()) return std::optional<Found>();
  return std::optional<Found>(Found{.body = found->second, .revision = {}, .record = {}});
}

std::unique_ptr<database::DocumentCursor> MemoryView::documents(database::CollectionId,
                                                                const database::IdRange& range) {
  return std::make_unique<MapCursor>(documents_, range);
}

std::unique_ptr<database::IndexCursor> MemoryView::entries(std::uint32_t index,
                                                           const database::EntryRange& range) {
  return std::make_unique<SetCursor>(indexes_[index].entries, range);
}

}  // namespace quire::query::testing
