#include "database/index_builder.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/bytes.h"
#include "database/keys.h"
#include "database/records.h"
#include "database/tuning.h"

namespace quire::database {

using storage::Family;

// Documents that were read together, and their entries in the order of keys.
struct IndexBuilder::Stretch {
  struct Document {
    std::uint64_t slot = 0;
    Sequence base = 0;
    std::uint32_t id_at = 0;
    std::uint32_t id_size = 0;
  };
  struct Entry {
    std::uint64_t order = 0;  // the first bytes of the key behind the index's number, for sorting
    std::uint32_t at = 0;     // of prefix, key and id in `bytes`
    std::uint32_t size = 0;
    std::uint32_t key_size = 0;
    std::uint32_t document = 0;
  };
  Sequence seen = 0;
  std::string bytes;
  std::vector<Document> documents;
  std::vector<Entry> entries;
  std::string reached;
  bool at_end = false;
  bool multikey = false;
  std::optional<Error> refused;  // a document's, by the hook

  std::string_view of(const Entry& entry) const { return {bytes.data() + entry.at, entry.size}; }
  std::string_view id(const Document& document) const {
    return {bytes.data() + document.id_at, document.id_size};
  }
  void add(std::string_view prefix, std::string_view key) {
    const std::string_view id = this->id(documents.back());
    // Both may lie in what grows now.
    const std::size_t at = bytes.size();
    bytes.reserve(at + prefix.size() + key.size() + id.size());
    Entry entry;
    entry.at = static_cast<std::uint32_t>(at);
    entry.key_size = static_cast<std::uint32_t>(key.size());
    entry.document = static_cast<std::uint32_t>(documents.size() - 1);
    bytes.append(prefix).append(key);
    bytes.append(this->id(documents.back()));
    entry.size = static_cast<std::uint32_t>(bytes.size() - at);
    char first[8] = {};
    const std::size_t taken = std::min<std::size_t>(8, entry.size - prefix.size());
    std::copy_n(bytes.data() + at + prefix.size(), taken, first);
    entry.order = load_u64(first);
    entries.push_back(entry);
  }
  void sort() {
    std::sort(entries.begin(), entries.end(), [this](const Entry& left, const Entry& right) {
      if (left.order != right.order) return left.order < right.order;
      return of(left) < of(right);
    });
  }
};

IndexBuilder::~IndexBuilder() {
  stopping_ = true;
  gate_.close();
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void IndexBuilder::wake() {
  const std::lock_guard lock(mutex_);
  if (running_ || !next()) return;
  running_ = true;
  stopped_ = ok();
  parts_.executor.post(gate_.guard([this] { step(); }));
}

bool IndexBuilder::busy() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

Status IndexBuilder::wait(std::uint32_t index, const CallLimits& limits, const Clock& clock) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = parts_.indexes.find(index);
    if (!now || !now->building()) return ok();
    if (!stopped_)
      return Error(ErrorCode::unavailable, "the index is not built on: " + stopped_.error().message());
    QUIRE_TRY_STATUS(limits.check(clock));
    changed_.wait_for(lock, std::chrono::milliseconds(tuning::kBuildWaitMs));
  }
}

std::optional<OpenIndex> IndexBuilder::next() const {
  const Indexes::List indexes = parts_.indexes.list();
  const auto found =
      std::find_if(indexes->begin(), indexes->end(), [](const OpenIndex& index) { return index.building(); });
  return found == indexes->end() ? std::nullopt : std::optional(*found);
}

std::optional<OpenIndex> IndexBuilder::current(const OpenIndex& index) const {
  auto now = parts_.indexes.find(index.id);
  return now && now->building() ? now : std::nullopt;
}

void IndexBuilder::step() {
  const auto index = next();
  Status done = index && !stopping() ? build(*index) : ok();
  const std::lock_guard lock(mutex_);
  if (!done) stopped_ = done;
  running_ = done && !stopping() && next();
  changed_.notify_all();
  if (running_) parts_.executor.post(gate_.guard([this] { step(); }));
}

// One stretch; behind the last one, what makes the index ready.
Status IndexBuilder::build(const OpenIndex& index) {
  if (checking_ == index.id) return look_for_twins(index);
  Stretch stretch;
  QUIRE_TRY_STATUS(read(index, stretch));
  if (stretch.refused) return fail(index, stretch.refused->message());
  if (stopping()) return ok();
  stretch.sort();
  QUIRE_TRY_STATUS(write(index, stretch));
  if (!stretch.at_end || stopping()) return ok();
  if (!index.hook->unique()) return finish(index);
  checking_ = index.id;
  checked_.clear();
  return ok();
}

Status IndexBuilder::read(const OpenIndex& index, Stretch& stretch) const {
  const auto snapshot = parts_.store.snapshot();
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool stands, parts_.store.get(Family::meta, keys::kState, buffer, snapshot.get()));
  if (!stands) return Error(ErrorCode::corrupt, "the shard's state record is gone");
  QUIRE_TRY(const StateRecord state, decode_state(buffer.view()));
  stretch.seen = state.sequence;
  stretch.reached = index.state.reached;

  const CollectionId collection = index.record.collection;
  const std::string entries = keys::index_entries(index.id);
  std::string first = keys::head(collection, index.state.reached);
  if (!index.state.reached.empty()) first.push_back('\0');
  auto it = parts_.store.iterate(Family::documents, {.snapshot = snapshot.get(),
                                                     .upper_bound = keys::heads_end(collection),
                                                     .fill_cache = false,
                                                     .read_ahead = true});
  IndexKeys found;
  for (it->seek(first); it->valid(); it->next()) {
    const bool full =
        stretch.documents.size() >= tuning::kBuildDocuments || stretch.bytes.size() >= tuning::kBuildBytes;
    if (full) return ok();
    if (stretch.documents.size() % tuning::kLimitsEvery == 0 && stopping()) return ok();
    std::string_view body;
    const HeadLook look = look_at_head(it->value(), body);
    if (look == HeadLook::damaged) {
      QUIRE_TRY_STATUS(decode_head(it->value()));
      return Error(ErrorCode::corrupt, "a head record is malformed");
    }
    const std::string_view id = keys::head_id(it->key());
    stretch.reached = id;
    if (look == HeadLook::deleted) continue;
    stretch.documents.push_back({.slot = slot_of(collection, id),
                                 .base = sequence_of_head(it->value()),
                                 .id_at = static_cast<std::uint32_t>(stretch.bytes.size()),
                                 .id_size = static_cast<std::uint32_t>(id.size())});
    stretch.bytes.append(id);
    found.clear();
    if (Status keyed = index.hook->keys_of(id, body, found); !keyed) {
      stretch.refused = keyed.error();
      return ok();
    }
    stretch.multikey = stretch.multikey || found.multikey;
    for (const std::string& key : found.keys) stretch.add(entries, key);
  }
  QUIRE_TRY_STATUS(it->status());
  stretch.at_end = true;
  return ok();
}

// At least one job, since the last one notes how far the build came.
Status IndexBuilder::write(const OpenIndex& index, Stretch& stretch) {
  const std::size_t count = stretch.entries.size();
  std::size_t from = 0;
  do {
    const std::size_t to = std::min(count, from + tuning::kBuildJobEntries);
    QUIRE_TRY_STATUS(
        parts_.committer.run_job([&](CommitJob& job) { return put(job, index, stretch, from, to); }, false));
    from = to;
  } while (from < count && !stopping());
  return ok();
}

Status IndexBuilder::put(CommitJob& job, const OpenIndex& index, const Stretch& stretch, std::size_t from,
                         std::size_t to) {
  const auto now = current(index);
  if (!now) return ok();
  std::string value;
  for (std::size_t i = from; i < to; ++i) {
    const Stretch::Entry& entry = stretch.entries[i];
    const Stretch::Document& document = stretch.documents[entry.document];
    QUIRE_TRY(const bool moved, job.has_moved(index.record.collection, stretch.id(document), document.slot,
                                              stretch.seen, document.base));
    if (moved) continue;
    index_value_to(value, entry.key_size);
    job.batch.put(Family::index, stretch.of(entry), value);
  }
  if (stretch.multikey && !now->multikey->load(std::memory_order_relaxed)) {
    now->multikey->store(true, std::memory_order_release);
    job.batch.put(Family::meta, keys::index_multikey(index.id), {});
  }
  if (to < stretch.entries.size()) return ok();
  IndexStateRecord state = now->state;
  state.reached = stretch.reached;
  state.done += stretch.documents.size();
  state.total = std::max(state.total, state.done);
  value.clear();
  encode(state, value);
  job.batch.put(Family::meta, keys::index_state(index.id), value);
  job.after([this, id = index.id, state] { parts_.indexes.set_progress(id, state); });
  return ok();
}

// Every document has its entries now, and no write makes two of one key any more: those that there are were
// there before.
Status IndexBuilder::look_for_twins(const OpenIndex& index) {
  const std::string prefix = keys::index_entries(index.id);
  auto it = parts_.store.iterate(
      Family::index, {.upper_bound = keys::after_prefix(prefix), .fill_cache = false, .read_ahead = true});
  std::string last;  // entry, with the length of its key
  std::size_t last_key = 0;
  std::size_t walked = 0;
  for (it->seek(checked_.empty() ? prefix : checked_); it->valid(); it->next()) {
    const std::string_view entry = it->key();
    QUIRE_TRY(const std::size_t key_size, decode_index_value(it->value(), entry.size() - prefix.size()));
    const std::size_t size = prefix.size() + key_size;
    if (last_key == size && entry.substr(0, size) == std::string_view(last).substr(0, size)) {
      const std::string fields = index.hook->fields();
      const std::string why = "two documents have one key" + (fields.empty() ? fields : " of " + fields) +
                              ": '" + last.substr(size) + "' and '" + std::string(entry.substr(size)) + "'";
      checked_ = last;
      return fail(index, why, {last, std::string(entry)});
    }
    last.assign(entry);
    last_key = size;
    if (++walked < tuning::kBuildCheckedEntries) continue;
    checked_ = last;
    return ok();
  }
  QUIRE_TRY_STATUS(it->status());
  checking_ = 0;
  return finish(index);
}

Status IndexBuilder::finish(const OpenIndex& index) {
  return parts_.committer.run_job(
      [&](CommitJob& job) {
        const auto now = current(index);
        if (!now) return ok();
        IndexStateRecord state = now->state;
        state.state = IndexState::ready;
        state.reached.clear();
        std::string value;
        encode(state, value);
        job.batch.put(Family::meta, keys::index_state(index.id), value);
        job.after([this, id = index.id, state] { parts_.indexes.set_state(id, state); });
        return ok();
      },
      false);
}

Status IndexBuilder::fail(const OpenIndex& index, const std::string& why,
                          const std::vector<std::string>& entries) {
  return parts_.committer.run_job([&](CommitJob& job) -> Status {
    const auto now = current(index);
    if (!now) return ok();
    storage::ReadBuffer buffer;
    for (const std::string& entry : entries) {
      QUIRE_TRY(const bool stands, parts_.store.get(Family::index, entry, buffer));
      if (!stands) return ok();
    }
    IndexStateRecord state = now->state;
    state.state = IndexState::failed;
    state.failure = why;
    std::string value;
    encode(state, value);
    const std::string prefix = keys::index_entries(index.id);
    job.batch.erase_range(Family::index, prefix, keys::after_prefix(prefix));
    job.batch.put(Family::meta, keys::index_state(index.id), value);
    job.after([this, id = index.id, state] { parts_.indexes.set_state(id, state); });
    return ok();
  });
}

}  // namespace quire::database
