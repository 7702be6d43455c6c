#include "database/write_call.h"

#include <numeric>
#include <set>

#include "base/bytes.h"
#include "base/hash.h"
#include "database/keys.h"
#include "database/records.h"
#include "database/tuning.h"

namespace quire::database {

using Outcome = CommitUnit::Outcome;

namespace {

// Sixteen bytes over an edit as its caller asked for it, before the server fills anything in.
std::string fingerprint(const Edit& edit) {
  if (!edit.fingerprint.empty()) return edit.fingerprint;
  std::string bytes;
  put_u32(bytes, edit.collection);
  put_u8(bytes, static_cast<std::uint8_t>(edit.kind));
  put_u8(bytes, static_cast<std::uint8_t>(edit.precondition));
  put_string(bytes, edit.id);
  edit.expected.encode(bytes);
  put_string(bytes, edit.body);
  for (const auto& revision : edit.path) revision.encode(bytes);
  if (edit.attachments) encode(*edit.attachments, bytes);
  for (const std::string& name : edit.carried) put_string(bytes, name);
  Blake2b hash(16);
  hash.update(bytes);
  std::string digest(16, '\0');
  hash.finish(digest.data());
  return digest;
}

// The error of one edit as that of the whole call; of what is malformed, with the place in it.
Error of_call(const Error& error, std::size_t index) {
  std::string field = "changes[" + std::to_string(index) + "]";
  if (error.code() == ErrorCode::invalid && !error.field().empty()) field += "." + error.field();
  return Error(error.code(), error.message()).at(std::move(field)).over(error.limit()).with_detail_of(error);
}

}  // namespace

WriteCall::WriteCall(const Parts& parts, std::vector<Edit> edits, WriteOptions options, CallLimits limits)
    : parts_(parts),
      edits_(std::move(edits)),
      options_(std::move(options)),
      limits_(std::move(limits)),
      rows_(edits_.size()),
      pending_(edits_.size()) {
  std::iota(pending_.begin(), pending_.end(), std::size_t{0});
  for (Edit& edit : edits_) {
    if (!options_.request_id.empty()) fingerprints_.push_back(fingerprint(edit));
    const bool makes = edit.kind == Edit::Kind::put || edit.kind == Edit::Kind::revise;
    if (edit.id.empty() && makes) edit.id = parts_.ids.next();
  }
  if (!options_.atomic && options_.request_id.empty()) join_edits();
}

// A document of many conflicts comes with many revisions at once; one by one each would wait for a commit of
// its own and write the whole tree.
void WriteCall::join_edits() {
  std::map<std::pair<CollectionId, std::string_view>, std::pair<std::size_t, std::size_t>>
      open;  // first, bytes
  std::vector<std::size_t> pending;
  for (const std::size_t index : pending_) {
    const Edit& edit = edits_[index];
    const auto key = std::pair(edit.collection, std::string_view(edit.id));
    if (edit.kind != Edit::Kind::replicate || !edit.carried.empty()) {
      open.erase(key);  // what follows it stays behind it
      pending.push_back(index);
      continue;
    }
    const auto [at, fresh] = open.try_emplace(key, index, 0);
    auto& [first, bytes] = at->second;
    const bool full = bytes + edit.body.size() > tuning::kRoundBytes;
    if (!fresh && !full) {
      joined_[first].push_back(index);
    } else {
      first = index;
      bytes = 0;
      pending.push_back(index);
    }
    bytes += edit.body.size();
  }
  pending_ = std::move(pending);
}

std::vector<std::size_t> WriteCall::members(std::size_t index) const {
  std::vector<std::size_t> all{index};
  if (const auto found = joined_.find(index); found != joined_.end())
    all.insert(all.end(), found->second.begin(), found->second.end());
  return all;
}

void WriteCall::settle_joined(std::size_t index, PreparedChange& change) {
  const std::vector<std::size_t> all = members(index);
  for (std::size_t i = 0; i < all.size(); ++i) {
    PreparedChange::Joined& row = change.joined[i];
    if (row.refused) {
      settle(all[i], *std::move(row.refused));
    } else {
      settle(all[i], EditResult{.id = edits_[all[i]].id,
                                .revision = std::move(row.revision),
                                .sequence = row.written ? change.result.sequence : 0});
    }
  }
}

// What failed together is tried one by one, so that one does not stop the rest. False where it was alone.
bool WriteCall::split(std::size_t index, std::vector<std::size_t>& again) {
  const std::vector<std::size_t> all = members(index);
  if (all.size() == 1) return false;
  joined_.erase(index);
  again.insert(again.end(), all.begin(), all.end());
  return true;
}

Status WriteCall::check() {
  if (options_.request_id.size() > tuning::kRequestIdBytes) {
    return Error(ErrorCode::too_large, "a request id has more than 128 bytes")
        .at("request_id")
        .over(tuning::kRequestIdBytes);
  }
  if (!options_.atomic) return ok();
  if (edits_.size() > tuning::kRoundChanges) {
    return Error(ErrorCode::too_large, "an atomic write holds at most 4096 edits")
        .at("atomic")
        .over(tuning::kRoundChanges);
  }
  std::set<std::pair<CollectionId, std::string_view>> seen;
  for (const Edit& edit : edits_) {
    if (!seen.emplace(edit.collection, edit.id).second) {
      return Error(ErrorCode::invalid, "the document '" + edit.id + "' stands twice in an atomic write")
          .at("_id");
    }
  }
  return ok();
}

Result<WriteResult> WriteCall::run() {
  QUIRE_TRY_STATUS(check());
  while (const auto unit = prepare()) {
    parts_.committer.run(unit);
    absorb(*unit);
  }
  if (owes_sync()) sync();
  return result();
}

void WriteCall::start(std::function<void(Result<WriteResult>)> done) {
  done_ = std::move(done);
  if (Status checked = check(); !checked) {
    done_(checked.error());
    return;
  }
  go_on();
}

void WriteCall::go_on() {
  const auto unit = prepare();
  if (!unit) return finish();
  unit->finished = [self = shared_from_this(), raw = unit.get()] {
    self->absorb(*raw);
    if (self->pending_.empty() || self->failed_) {
      self->finish();
    } else {
      // What is left is prepared elsewhere, so that the committing thread goes on with its queue; there it
      // may wait.
      self->options_.memory_only = false;
      self->parts_.executor.post([self] { self->go_on(); });
    }
  };
  parts_.committer.submit(unit);
}

void WriteCall::finish() {
  if (!owes_sync()) return done_(result());
  parts_.executor.post([self = shared_from_this()] {
    self->sync();
    self->done_(self->result());
  });
}

// What stood there may be a write that nobody promised to keep, and is promised now.
bool WriteCall::owes_sync() const {
  return leans_ && options_.durability == Durability::disk && parts_.committer.owes_sync();
}

void WriteCall::sync() {
  if (Status synced = parts_.committer.sync_seen(); !synced && !failed_) failed_ = synced.error();
}

// The next unit; null when every edit has its row, or the call has failed.
std::shared_ptr<CommitUnit> WriteCall::prepare() {
  while (!pending_.empty() && !failed_) {
    if (Status limits = limits_.check(parts_.clock); !limits) {
      for (auto& row : rows_) {
        if (!row) row = limits.error();
      }
      pending_.clear();
      break;
    }
    auto unit = std::make_shared<CommitUnit>();
    unit->atomic = options_.atomic;
    unit->to_disk = options_.durability == Durability::disk;
    unit->request_id = options_.request_id;
    unit->fence = options_.fence;
    unit->collections = options_.collections;
    in_unit_.clear();
    std::size_t taken = 0;
    std::size_t bytes = 0;
    std::vector<std::size_t> split_up;
    const auto too_many_bytes = [&] { return options_.atomic && bytes > tuning::kAtomicBytes; };
    while (taken < pending_.size() &&
           (options_.atomic || (taken < tuning::kUnitChanges && bytes < tuning::kRoundBytes))) {
      const std::size_t index = pending_[taken++];
      Result<bool> prepared = prepare_one(index, *unit);
      if (!prepared && split(index, split_up)) continue;
      if (!prepared) settle(index, prepared.error());
      if (prepared && *prepared) bytes += unit->changes.back().size();
      if (!prepared && options_.atomic) failed_ = of_call(prepared.error(), index);
      if (too_many_bytes()) {
        failed_ = Error(ErrorCode::too_large, "the documents of an atomic write have too many bytes")
                      .at("atomic")
                      .over(tuning::kAtomicBytes);
        break;
      }
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(taken));
    pending_.insert(pending_.begin(), split_up.begin(), split_up.end());
    if (!unit->changes.empty() && !failed_) return unit;
  }
  return nullptr;
}

// True where the unit holds a change for it now; false where its row stands already.
Result<bool> WriteCall::prepare_one(std::size_t index, CommitUnit& unit) {
  if (!options_.request_id.empty()) {
    QUIRE_TRY(const bool answered, answered_before(index));
    if (answered) return false;
  }
  std::vector<const Edit*> together;
  if (joined_.contains(index)) {
    for (const std::size_t member : members(index)) together.push_back(&edits_[member]);
  }
  QUIRE_TRY(PreparedChange change, together.empty()
                                       ? parts_.preparer.prepare(edits_[index], options_.memory_only)
                                       : parts_.preparer.prepare(together, options_.memory_only));
  // What one edit alone finds is so when it looks.
  leans_ = leans_ || change.nothing;
  if (change.nothing && !change.joined.empty()) {
    settle_joined(index, change);
    return false;
  }
  if (change.nothing && !(change.pinned && options_.atomic)) {
    settle(index, std::move(change.result));
    return false;
  }
  unit.changes.push_back(std::move(change));
  if (!options_.request_id.empty()) {
    const auto& items = edits_[index].items;
    CommitUnit::RequestItem item{.number = item_of(index), .fingerprint = fingerprints_[index]};
    if (!items.empty()) item.also.assign(items.begin() + 1, items.end());
    unit.items.push_back(std::move(item));
  }
  in_unit_.push_back(index);
  return true;
}

Result<bool> WriteCall::answered_before(std::size_t index) {
  storage::ReadBuffer buffer;
  const std::string key = keys::request(options_.request_id, item_of(index));
  QUIRE_TRY(const bool found, parts_.store.get(storage::Family::meta, key, buffer));
  if (!found) return false;
  QUIRE_TRY(RequestRecord record, decode_request(buffer.view()));
  if (record.fingerprint != fingerprints_[index]) {
    return request_id_reused();
  }
  settle(index, std::move(record.result));
  leans_ = true;
  return true;
}

void WriteCall::absorb(CommitUnit& unit) {
  if (!unit.status) {
    refuse(unit.status.error());
    return;
  }
  std::vector<std::size_t> again;
  for (std::size_t i = 0; i < unit.changes.size(); ++i) {
    const std::size_t index = in_unit_[i];
    switch (unit.outcomes[i]) {
      case Outcome::committed:
        leans_ = leans_ || unit.changes[i].nothing;
        if (unit.changes[i].joined.empty()) {
          settle(index, std::move(unit.changes[i].result));
        } else {
          settle_joined(index, unit.changes[i]);
        }
        break;
      case Outcome::failed:
        if (split(index, again)) break;
        if (options_.atomic) failed_ = of_call(*unit.errors[i], index);
        settle(index, std::move(*unit.errors[i]));
        break;
      case Outcome::moved:
      case Outcome::waiting: again.push_back(index); break;
    }
  }
  pending_.insert(pending_.begin(), again.begin(), again.end());
}

// The committer took nothing of the unit. Where an earlier one was written, its rows stand and the rest fail.
void WriteCall::refuse(const Error& error) {
  bool written = false;
  for (const auto& row : rows_) written = written || (row && *row && (*row)->sequence != 0);
  if (!written) {
    failed_ = error;
    return;
  }
  for (auto& row : rows_) {
    if (!row) row = error;
  }
  pending_.clear();
}

Result<WriteResult> WriteCall::result() {
  if (failed_) return std::move(*failed_);
  WriteResult result;
  result.durable = options_.durability == Durability::disk ? Durability::disk : Durability::os;
  result.rows.reserve(rows_.size());
  for (auto& row : rows_) result.rows.push_back(std::move(*row));
  if (options_.atomic) {
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
      if (!result.rows[i]) return of_call(result.rows[i].error(), i);
    }
  }
  return result;
}

}  // namespace quire::database
