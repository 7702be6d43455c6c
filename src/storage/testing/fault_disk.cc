#include "storage/testing/fault_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "storage/backup_on.h"
#include "storage/files.h"
#include "storage/rocksdb_open.h"
#include "storage/testing/fault_file_system.h"

namespace quire::storage::testing {

using rocksdb::IOStatus;

namespace {

constexpr std::uint64_t kSector = 512;

std::uint64_t below(std::mt19937_64& random, std::uint64_t end) {
  return end == 0 ? 0 : std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put_content(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
}

// Overwrites about half of the sectors from `begin` on, as if their pages had not been written, or written
// badly.
void tear(const std::string& path, std::uint64_t begin, std::uint64_t end, std::mt19937_64& random) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  for (std::uint64_t at = begin; at < end; at = (at / kSector + 1) * kSector) {
    const std::uint64_t bytes = std::min((at / kSector + 1) * kSector, end) - at;
    const std::uint64_t what = below(random, 4);
    if (what >= 2) continue;
    std::string sector(bytes, '\0');
    if (what == 1) std::generate(sector.begin(), sector.end(), [&] { return static_cast<char>(random()); });
    file.seekp(static_cast<std::streamoff>(at));
    file.write(sector.data(), static_cast<std::streamsize>(bytes));
  }
}

void cut_tail(const std::string& path, const FileState& state, FaultDisk::Loss loss,
              std::mt19937_64& random) {
  std::error_code failed;
  const std::uint64_t size = std::filesystem::file_size(path, failed);
  if (failed || size <= state.synced_bytes) return;
  std::uint64_t kept = state.synced_bytes;
  if (loss != FaultDisk::Loss::all) kept += below(random, size - state.synced_bytes + 1);
  std::filesystem::resize_file(path, kept);
  if (loss == FaultDisk::Loss::torn) tear(path, state.synced_bytes, kept, random);
}

IOStatus failed(FaultDisk::Failure failure, const std::string& path) {
  if (failure == FaultDisk::Failure::no_space) return IOStatus::NoSpace("no space left on device", path);
  return IOStatus::IOError("a fault that was asked for", path);
}

}  // namespace

IOStatus FaultDisk::Impl::admit(Call call, const std::string& path, std::uint64_t bytes,
                                std::uint64_t* room) {
  const std::lock_guard lock(mutex_);
  ++calls_;
  if (call == Call::sync) ++syncs_;
  if (power_is_cut_) return IOStatus::IOError("the power is cut", path);
  if (frozen_) return IOStatus::IOError("the process is gone", path);
  if (fault_ && calls_ >= fault_->at) {
    const Failure failure = fault_->failure;
    if (fault_->only_once) fault_.reset();
    return failed(failure, path);
  }
  if (call == Call::sync && fail_from_sync_ && syncs_ >= *fail_from_sync_)
    return failed(Failure::io_error, path);
  if (!space_ || (call != Call::create && call != Call::append)) return IOStatus::OK();
  const std::uint64_t fits = std::min(bytes, *space_);
  if (room != nullptr) *room = fits;
  *space_ -= fits;
  const bool full = fits < bytes || (call == Call::create && *space_ == 0);
  return full ? failed(Failure::no_space, path) : IOStatus::OK();
}

bool FaultDisk::Impl::power_is_cut() const {
  const std::lock_guard lock(mutex_);
  return power_is_cut_;
}

// What the disk has not seen being written is on it.
std::shared_ptr<FileState> FaultDisk::Impl::state(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto& state = files_[path];
  if (state) return state;
  state = std::make_shared<FileState>();
  std::error_code missing;
  const std::uint64_t size = std::filesystem::file_size(path, missing);
  state->synced_bytes = missing ? 0 : size;
  return state;
}

void FaultDisk::Impl::note_sync(FileState& state, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!state.sync_failed) state.synced_bytes = std::max(state.synced_bytes, bytes);
}

void FaultDisk::Impl::note_failed_sync(FileState& state) {
  const std::lock_guard lock(mutex_);
  if (!frozen_) state.sync_failed = true;  // else nobody asked for it
}

void FaultDisk::Impl::note_change(DirectoryChange change) {
  const std::lock_guard lock(mutex_);
  changes_.push_back(std::move(change));
}

void FaultDisk::Impl::note_directory_sync(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  std::erase_if(changes_, [&](const DirectoryChange& change) { return parent_of(change.path) == directory; });
}

DirectoryChange FaultDisk::Impl::change_of(DirectoryChange::Kind kind, const std::string& path) {
  DirectoryChange change{kind, path, {}, {}, {}};
  if (!std::filesystem::is_regular_file(path)) return change;
  change.old_state = state(path);
  change.old_content = content_of(path);
  return change;
}

void FaultDisk::Impl::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  files_.erase(to);
  if (!from.empty()) move_names(from, to);
}

// Of the path, and of all below it.
void FaultDisk::Impl::move_names(const std::string& from, const std::string& to) {
  const auto moved = [&](const std::string& path) -> std::optional<std::string> {
    const bool inside = path == from || path.starts_with(from + "/");
    return inside ? std::optional(to + path.substr(from.size())) : std::nullopt;
  };
  std::map<std::string, std::shared_ptr<FileState>> files;
  for (auto& [path, state] : files_) files[moved(path).value_or(path)] = std::move(state);
  files_ = std::move(files);
  if (!std::filesystem::is_directory(to)) return;
  for (auto& change : changes_) {
    change.path = moved(change.path).value_or(change.path);
    change.old_path = moved(change.old_path).value_or(change.old_path);
  }
}

void FaultDisk::Impl::share_state(const std::string& from, const std::string& to) {
  const auto shared = state(from);
  const std::lock_guard lock(mutex_);
  files_[to] = shared;
}

void FaultDisk::Impl::give_back(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (space_) *space_ += bytes;
}

std::uint64_t FaultDisk::Impl::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::uint64_t FaultDisk::Impl::syncs() const {
  const std::lock_guard lock(mutex_);
  return syncs_;
}

void FaultDisk::Impl::fail_call(std::uint64_t n, Failure failure, bool only_once) {
  const std::lock_guard lock(mutex_);
  fault_ = Fault{calls_ + n, failure, only_once};
}

void FaultDisk::Impl::fail_from_sync(std::uint64_t n) {
  const std::lock_guard lock(mutex_);
  fail_from_sync_ = syncs_ + n;
}

void FaultDisk::Impl::limit_space(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  space_ = bytes;
}

void FaultDisk::Impl::cut_power() {
  const std::lock_guard lock(mutex_);
  power_is_cut_ = true;
}

void FaultDisk::Impl::freeze() {
  const std::lock_guard lock(mutex_);
  frozen_ = true;
}

void FaultDisk::Impl::repair() {
  const std::lock_guard lock(mutex_);
  fault_.reset();
  fail_from_sync_.reset();
  space_.reset();
  power_is_cut_ = false;
  frozen_ = false;
}

Status FaultDisk::Impl::drop_unsynced(Loss loss, std::uint64_t seed) {
  {
    const std::lock_guard lock(mutex_);
    std::mt19937_64 random(seed);
    // A journaling file system keeps the order of its changes: what is lost is an end of the list.
    const std::uint64_t kept = loss == Loss::all ? 0 : below(random, changes_.size() + 1);
    while (changes_.size() > kept) {
      const DirectoryChange change = std::move(changes_.back());
      changes_.pop_back();
      revert(change);
    }
    for (const auto& [path, state] : files_) cut_tail(path, *state, loss, random);
    changes_.clear();
    files_.clear();
  }
  repair();
  return ok();
}

void FaultDisk::Impl::revert(const DirectoryChange& change) {
  using Kind = DirectoryChange::Kind;
  std::error_code ignored;
  switch (change.kind) {
    case Kind::create:
    case Kind::link: std::filesystem::remove(change.path, ignored); break;
    case Kind::make_directory: std::filesystem::remove_all(change.path, ignored); break;
    case Kind::remove_directory: std::filesystem::create_directory(change.path, ignored); break;
    case Kind::rename:
      std::filesystem::rename(change.path, change.old_path, ignored);
      move_names(change.path, change.old_path);
      break;
    case Kind::remove: break;
  }
  if (change.kind != Kind::rename) files_.erase(change.path);
  if (!change.old_content || !std::filesystem::is_directory(parent_of(change.path))) return;
  put_content(change.path, *change.old_content);
  files_[change.path] = change.old_state;
}

FaultDisk::FaultDisk() : impl_(std::make_shared<Impl>()) {}
FaultDisk::~FaultDisk() = default;

Result<std::unique_ptr<Store>> FaultDisk::open(const std::string& directory, const OpenOptions& options) {
  return open_on({std::make_shared<FaultFileSystem>(impl_), true}, directory, options);
}

Status FaultDisk::restore(const std::string& backup, const std::string& target) {
  return restore_on(std::make_shared<FaultFileSystem>(impl_), backup, target);
}

std::uint64_t FaultDisk::mutating_calls() const { return impl_->calls(); }
std::uint64_t FaultDisk::syncs() const { return impl_->syncs(); }
void FaultDisk::fail_call(std::uint64_t n, Failure failure) { impl_->fail_call(n, failure, true); }
void FaultDisk::fail_from_call(std::uint64_t n, Failure failure) { impl_->fail_call(n, failure, false); }
void FaultDisk::fail_from_sync(std::uint64_t n) { impl_->fail_from_sync(n); }
void FaultDisk::limit_space(std::uint64_t bytes) { impl_->limit_space(bytes); }
void FaultDisk::cut_power() { impl_->cut_power(); }
void FaultDisk::freeze() { impl_->freeze(); }
void FaultDisk::repair() { impl_->repair(); }
Status FaultDisk::drop_unsynced(Loss loss, std::uint64_t seed) { return impl_->drop_unsynced(loss, seed); }

}  // namespace quire::storage::testing
