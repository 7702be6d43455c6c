#include "storage/map_store.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "storage/read_buffer.h"

namespace quire::storage {

namespace {

struct Change {
  enum class Kind : std::uint8_t { put, erase, erase_range };
  Kind kind;
  Family family;
  std::string key;
  std::string value;  // or the end of the range
};

class MapBatch final : public Batch {
 public:
  void put(Family family, std::string_view key, std::string_view value) override {
    put(family, key, value, {});
  }
  void put(Family family, std::string_view key, std::string_view head, std::string_view tail) override {
    add(Change::Kind::put, family, key, std::string(head).append(tail));
  }
  void erase(Family family, std::string_view key) override { add(Change::Kind::erase, family, key, {}); }
  void erase_range(Family family, std::string_view begin, std::string_view end) override {
    if (begin < end) add(Change::Kind::erase_range, family, begin, std::string(end));
  }
  void clear() override {
    changes_.clear();
    bytes_ = 0;
  }
  std::size_t bytes() const override { return bytes_; }
  bool empty() const override { return changes_.empty(); }

  const std::vector<Change>& changes() const { return changes_; }

 private:
  void add(Change::Kind kind, Family family, std::string_view key, std::string value) {
    bytes_ += key.size() + value.size();
    changes_.push_back({kind, family, std::string(key), std::move(value)});
  }

  std::vector<Change> changes_;
  std::size_t bytes_ = 0;
};

class MapSnapshot final : public Snapshot {
 public:
  explicit MapSnapshot(VersionedMap& map) : map_(map), moment_(map.pin()) {}
  ~MapSnapshot() override { map_.unpin(moment_); }
  MapSnapshot(const MapSnapshot&) = delete;
  MapSnapshot& operator=(const MapSnapshot&) = delete;
  VersionedMap::Moment moment() const { return moment_; }

 private:
  VersionedMap& map_;
  const VersionedMap::Moment moment_;
};

VersionedMap::Moment moment_of(const Snapshot* snapshot) {
  return static_cast<const MapSnapshot*>(snapshot)->moment();
}

class MapIterator final : public Iterator {
 public:
  MapIterator(VersionedMap& map, Family family, VersionedMap::Moment moment, std::string upper_bound)
      : map_(map), family_(family), moment_(moment), upper_bound_(std::move(upper_bound)) {}
  ~MapIterator() override { map_.unpin(moment_); }
  MapIterator(const MapIterator&) = delete;
  MapIterator& operator=(const MapIterator&) = delete;

  void seek(std::string_view key) override { move(std::string(key), true, VersionedMap::Direction::up); }
  void seek_for_prev(std::string_view key) override {
    move(std::string(key), true, VersionedMap::Direction::down);
  }
  void seek_to_first() override { move(std::nullopt, true, VersionedMap::Direction::up); }
  void seek_to_last() override { move(std::nullopt, true, VersionedMap::Direction::down); }
  void next() override { move(entry_->first, false, VersionedMap::Direction::up); }
  void prev() override { move(entry_->first, false, VersionedMap::Direction::down); }
  bool valid() const override { return entry_.has_value(); }
  std::string_view key() const override { return entry_->first; }
  std::string_view value() const override { return entry_->second; }
  Status status() const override { return ok(); }

 private:
  void move(const std::optional<std::string>& from, bool inclusive, VersionedMap::Direction direction) {
    entry_ = map_.find(family_, from, inclusive, direction, moment_, upper_bound_);
  }

  VersionedMap& map_;
  const Family family_;
  const VersionedMap::Moment moment_;
  const std::string upper_bound_;
  std::optional<VersionedMap::Entry> entry_;
};

}  // namespace

std::unique_ptr<Batch> VersionedMap::make_batch() { return std::make_unique<MapBatch>(); }

Status VersionedMap::write(Batch& batch, Sync sync) {
  const std::unique_lock lock(mutex_);
  ++last_;
  for (const auto& change : static_cast<MapBatch&>(batch).changes()) {
    const auto family = static_cast<std::size_t>(change.family);
    if (change.kind == Change::Kind::put) add(family, change.key, change.value);
    if (change.kind == Change::Kind::erase) add(family, change.key, std::nullopt);
    if (change.kind == Change::Kind::erase_range) erase_range(family, change.key, change.value);
  }
  if (sync == Sync::disk) note_sync();
  return ok();
}

void VersionedMap::erase_range(std::size_t family, const std::string& begin, const std::string& end) {
  const auto& table = tables_[family];
  std::vector<std::string> keys;
  for (auto entry = table.lower_bound(begin); entry != table.end() && entry->first < end; ++entry) {
    keys.push_back(entry->first);
  }
  for (auto& key : keys) add(family, std::move(key), std::nullopt);
}

void VersionedMap::add(std::size_t family, std::string key, std::optional<std::string> value) {
  unsynced_.emplace_back(family, key);
  auto& versions = tables_[family][std::move(key)];
  if (!versions.empty() && versions.back().moment == last_) {
    versions.back().value = std::move(value);
  } else {
    versions.push_back({last_, std::move(value)});
  }
  trim(versions);
}

// What a power cut could have brought back is needed no more.
void VersionedMap::note_sync() {
  synced_ = last_;
  for (const auto& [family, key] : unsynced_) {
    auto& table = tables_[family];
    const auto entry = table.find(key);
    if (entry == table.end()) continue;
    trim(entry->second);
    const auto& newest = entry->second.back();
    const bool unseen = pinned_.empty() || *pinned_.begin() >= newest.moment;
    if (!newest.value && unseen) table.erase(entry);
  }
  unsynced_.clear();
}

// Keeps the newest version and those that a pinned moment, or the last synced one, sees.
void VersionedMap::trim(Versions& versions) const {
  const auto seen = [this](Moment from, Moment until) {
    if (synced_ >= from && synced_ < until) return true;
    const auto pinned = pinned_.lower_bound(from);
    return pinned != pinned_.end() && *pinned < until;
  };
  Versions kept;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const bool newest = i + 1 == versions.size();
    if (newest || seen(versions[i].moment, versions[i + 1].moment)) kept.push_back(std::move(versions[i]));
  }
  versions = std::move(kept);
}

const VersionedMap::Version* VersionedMap::at(const Versions& versions, Moment moment) {
  const auto newer =
      std::upper_bound(versions.begin(), versions.end(), moment,
                       [](Moment asked, const Version& version) { return asked < version.moment; });
  return newer == versions.begin() ? nullptr : &*std::prev(newer);
}

Result<bool> VersionedMap::get(Family family, std::string_view key, ReadBuffer& out,
                               const Snapshot* snapshot) {
  auto& found = out.impl().slice;
  found.Reset();
  const std::shared_lock lock(mutex_);
  const auto& table = tables_[static_cast<std::size_t>(family)];
  const auto entry = table.find(key);
  if (entry == table.end()) return false;
  const Version* version = at(entry->second, snapshot == nullptr ? last_ : moment_of(snapshot));
  if (version == nullptr || !version->value) return false;
  found.PinSelf(*version->value);
  return true;
}

std::optional<VersionedMap::Entry> VersionedMap::find(Family family, const std::optional<std::string>& from,
                                                      bool inclusive, Direction direction, Moment moment,
                                                      const std::string& upper_bound) const {
  const std::shared_lock lock(mutex_);
  const auto& table = tables_[static_cast<std::size_t>(family)];
  const auto end = upper_bound.empty() ? table.end() : table.lower_bound(upper_bound);
  const auto inside = [&](const auto& entry) { return upper_bound.empty() || entry->first < upper_bound; };
  const auto value = [&](const auto& entry) -> const Version* {
    const Version* version = at(entry->second, moment);
    return version != nullptr && version->value ? version : nullptr;
  };
  if (direction == Direction::up) {
    auto entry = !from ? table.begin() : inclusive ? table.lower_bound(*from) : table.upper_bound(*from);
    for (; entry != table.end() && inside(entry); ++entry) {
      if (const Version* version = value(entry)) return Entry(entry->first, *version->value);
    }
    return std::nullopt;
  }
  auto behind = !from ? end : inclusive ? table.upper_bound(*from) : table.lower_bound(*from);
  if (behind == table.end() || (!upper_bound.empty() && behind->first > upper_bound)) behind = end;
  while (behind != table.begin()) {
    --behind;
    if (const Version* version = value(behind)) return Entry(behind->first, *version->value);
  }
  return std::nullopt;
}

VersionedMap::Moment VersionedMap::pin() {
  const std::unique_lock lock(mutex_);
  pinned_.insert(last_);
  return last_;
}

void VersionedMap::pin(Moment moment) {
  const std::unique_lock lock(mutex_);
  pinned_.insert(moment);
}

void VersionedMap::unpin(Moment moment) {
  const std::unique_lock lock(mutex_);
  pinned_.erase(pinned_.find(moment));
}

std::unique_ptr<Snapshot> VersionedMap::snapshot() { return std::make_unique<MapSnapshot>(*this); }

std::unique_ptr<Iterator> VersionedMap::iterate(Family family, const IterateOptions& options) {
  Moment moment = 0;
  if (options.snapshot == nullptr) {
    moment = pin();
  } else {
    moment = moment_of(options.snapshot);
    pin(moment);
  }
  return std::make_unique<MapIterator>(*this, family, moment, options.upper_bound);
}

std::uint64_t VersionedMap::estimate_keys(Family family, std::string_view begin, std::string_view end) {
  const std::shared_lock lock(mutex_);
  const auto& table = tables_[static_cast<std::size_t>(family)];
  std::uint64_t count = 0;
  for (auto entry = table.lower_bound(begin); entry != table.end() && entry->first < end; ++entry) {
    count += entry->second.back().value ? 1 : 0;
  }
  return count;
}

Status VersionedMap::sync() {
  const std::unique_lock lock(mutex_);
  note_sync();
  return ok();
}

// A map has no files: its copy is a shard on disk.
Status VersionedMap::checkpoint(const std::string& directory, const std::string&) {
  if (std::filesystem::exists(directory)) return Error(ErrorCode::exists, directory + " exists");
  const MapSnapshot now(*this);
  QUIRE_TRY(const auto copy, open(directory, {}));
  const auto batch = copy->make_batch();
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    auto entry = find(family, std::nullopt, true, Direction::up, now.moment(), {});
    for (; entry; entry = find(family, entry->first, false, Direction::up, now.moment(), {})) {
      batch->put(family, entry->first, entry->second);
    }
  }
  return copy->write(*batch, Sync::disk);
}

Stats VersionedMap::stats() {
  const std::shared_lock lock(mutex_);
  Stats stats;
  for (const auto& table : tables_) {
    for (const auto& [key, versions] : table) {
      if (versions.back().value) stats.live_bytes_estimate += key.size() + versions.back().value->size();
      for (const auto& version : versions) {
        stats.memory_bytes += key.size() + (version.value ? version.value->size() : 0);
      }
    }
  }
  return stats;
}

void VersionedMap::drop_unsynced() {
  const std::unique_lock lock(mutex_);
  for (auto& table : tables_) {
    for (auto entry = table.begin(); entry != table.end();) {
      std::erase_if(entry->second, [this](const Version& version) { return version.moment > synced_; });
      entry = entry->second.empty() ? table.erase(entry) : std::next(entry);
    }
  }
  last_ = synced_;
  unsynced_.clear();
}

std::unique_ptr<MapStore> make_map_store() { return std::make_unique<VersionedMap>(); }

}  // namespace quire::storage
