#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/open.h"

namespace quire::storage {

// The ordered map behind make_map_store(): for each key its values with the write that put them there. Older
// ones stay while a snapshot or an iterator may ask for them, or a power cut could bring them back.
class VersionedMap final : public MapStore {
 public:
  std::unique_ptr<Batch> make_batch() override;
  Status write(Batch& batch, Sync sync) override;
  Result<bool> get(Family family, std::string_view key, ReadBuffer& out, const Snapshot* snapshot) override;
  std::uint64_t cache_bytes() const override { return ~std::uint64_t{0}; }  // all of it is in memory
  std::unique_ptr<Snapshot> snapshot() override;
  std::unique_ptr<Iterator> iterate(Family family, const IterateOptions& options) override;
  std::uint64_t estimate_keys(Family family, std::string_view begin, std::string_view end) override;
  Status sync() override;
  Status flush() override { return sync(); }
  Status compact(Family, std::string_view, std::string_view) override { return ok(); }
  Status checkpoint(const std::string& directory, const std::string& previous) override;
  Status verify(const std::function<void(const std::string&)>&) override { return ok(); }
  Stats stats() override;
  Status health() const override { return ok(); }
  void drop_unsynced() override;

  // The number of a write; the first is 1.
  using Moment = std::uint64_t;
  enum class Direction : std::uint8_t { up, down };
  using Entry = std::pair<std::string, std::string>;

  // The first entry at or beyond `from` that existed at `moment`; `from` itself counts where `inclusive`.
  // None of `from`: the end of the map that lies behind.
  std::optional<Entry> find(Family family, const std::optional<std::string>& from, bool inclusive,
                            Direction direction, Moment moment, const std::string& upper_bound) const;
  // A moment that readers hold; given back once for each time it was taken.
  Moment pin();
  void pin(Moment moment);
  void unpin(Moment moment);

 private:
  struct Version {
    Moment moment;
    std::optional<std::string> value;  // none: erased
  };
  using Versions = std::vector<Version>;  // oldest first
  using Table = std::map<std::string, Versions, std::less<>>;

  static const Version* at(const Versions& versions, Moment moment);
  void add(std::size_t family, std::string key, std::optional<std::string> value);
  void erase_range(std::size_t family, const std::string& begin, const std::string& end);
  void note_sync();
  void trim(Versions& versions) const;

  mutable std::shared_mutex mutex_;
  std::array<Table, kFamilies> tables_;
  std::multiset<Moment> pinned_;
  Moment last_ = 0;
  Moment synced_ = 0;
  std::vector<std::pair<std::size_t, std::string>> unsynced_;  // the keys written since, with their families
};

}  // namespace quire::storage
