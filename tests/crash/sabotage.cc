#include "sabotage.h"

#include <atomic>
#include <vector>

namespace quire::crash {

using storage::Batch;
using storage::Family;
using storage::Sync;

namespace {

// What a batch was told, so that it can be told on otherwise.
class NotedBatch final : public Batch {
 public:
  struct Note {
    enum class Kind : std::uint8_t { put, erase, erase_range };
    Kind kind;
    Family family;
    std::string key;
    std::string value;  // or the end of the range
  };

  void put(Family family, std::string_view key, std::string_view value) override {
    add(Note::Kind::put, family, key, std::string(value));
  }
  void put(Family family, std::string_view key, std::string_view head, std::string_view tail) override {
    add(Note::Kind::put, family, key, std::string(head) + std::string(tail));
  }
  void erase(Family family, std::string_view key) override { add(Note::Kind::erase, family, key, {}); }
  void erase_range(Family family, std::string_view begin, std::string_view end) override {
    add(Note::Kind::erase_range, family, begin, std::string(end));
  }
  void clear() override {
    notes_.clear();
    bytes_ = 0;
  }
  std::size_t bytes() const override { return bytes_; }
  bool empty() const override { return notes_.empty(); }

  const std::vector<Note>& notes() const { return notes_; }

 private:
  void add(Note::Kind kind, Family family, std::string_view key, std::string value) {
    bytes_ += key.size() + value.size();
    notes_.push_back({kind, family, std::string(key), std::move(value)});
  }
  std::vector<Note> notes_;
  std::size_t bytes_ = 0;
};

class SabotagedStore final : public storage::Store {
 public:
  SabotagedStore(std::unique_ptr<storage::Store> store, Sabotage sabotage)
      : store_(std::move(store)), sabotage_(std::move(sabotage)) {}

  std::unique_ptr<Batch> make_batch() override { return std::make_unique<NotedBatch>(); }

  Status write(Batch& batch, Sync sync) override {
    const auto& notes = static_cast<NotedBatch&>(batch).notes();
    const bool halved = ++batches_ == sabotage_.halve_batch;
    const auto real = store_->make_batch();
    for (std::size_t i = 0; i < (halved ? notes.size() / 2 : notes.size()); ++i) tell(*real, notes[i]);
    return store_->write(*real, sabotage_.sync_lies ? Sync::none : sync);
  }

  Status sync() override { return sabotage_.sync_lies ? ok() : store_->sync(); }
  Result<bool> get(Family family, std::string_view key, storage::ReadBuffer& out,
                   const storage::Snapshot* snapshot) override {
    return store_->get(family, key, out, snapshot);
  }
  std::uint64_t cache_bytes() const override { return store_->cache_bytes(); }
  std::unique_ptr<storage::Snapshot> snapshot() override { return store_->snapshot(); }
  std::unique_ptr<storage::Iterator> iterate(Family family, const storage::IterateOptions& options) override {
    return store_->iterate(family, options);
  }
  Status flush() override { return store_->flush(); }
  Status compact(Family family, std::string_view begin, std::string_view end) override {
    return store_->compact(family, begin, end);
  }
  Status checkpoint(const std::string& directory, const std::string& previous) override {
    return store_->checkpoint(directory, previous);
  }
  Status verify(const std::function<void(const std::string&)>& damaged) override {
    return store_->verify(damaged);
  }
  std::uint64_t estimate_keys(Family family, std::string_view begin, std::string_view end) override {
    return store_->estimate_keys(family, begin, end);
  }
  storage::Stats stats() override { return store_->stats(); }
  Status health() const override { return store_->health(); }

 private:
  void tell(Batch& real, const NotedBatch::Note& note) const {
    using Kind = NotedBatch::Note::Kind;
    if (note.kind == Kind::erase) return real.erase(note.family, note.key);
    if (note.kind == Kind::erase_range) return real.erase_range(note.family, note.key, note.value);
    std::string value = note.value;
    const bool dropped =
        sabotage_.on_put && sabotage_.on_put(note.family, note.key, value) == Sabotage::Fate::drop;
    if (!dropped) real.put(note.family, note.key, value);
  }

  const std::unique_ptr<storage::Store> store_;
  const Sabotage sabotage_;
  std::atomic<std::uint64_t> batches_{0};
};

}  // namespace

std::unique_ptr<storage::Store> sabotaged(std::unique_ptr<storage::Store> store, Sabotage sabotage) {
  return std::make_unique<SabotagedStore>(std::move(store), std::move(sabotage));
}

}  // namespace quire::crash
