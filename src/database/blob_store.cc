#include "database/blob_store.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/md5.h"
#include "database/keys.h"
#include "database/tuning.h"

// A writer puts chunks under a number that nobody else has, unsynced; the record 'N', which makes them a
// blob, follows in the batch of the last chunk. The store's log is in order, so the synced commit that refers
// to the blob makes all of it durable.
//
// Numbers are taken from memory, from above the largest in the store. A number may come again once nothing is
// left under it. A blob without bytes has no chunks, and so the number 0, which no writer gets.

namespace quire::database {

using storage::Family;

namespace {

constexpr std::size_t kChunk = tuning::kBlobChunkBytes;

Error missing(std::string_view digest) {
  return Error(ErrorCode::not_found, "there is no attachment of digest " + to_hex(digest));
}
Error damaged(std::string_view digest, std::uint64_t chunk) {
  return Error(ErrorCode::corrupt, "chunk " + std::to_string(chunk) + " of the attachment of digest " +
                                       to_hex(digest) + " is missing or of another length");
}

void erase_chunks(storage::Batch& batch, std::uint64_t number) {
  if (number == 0) return;
  const std::string first = keys::blob_chunk(number, 0);
  batch.erase_range(Family::blobs, first, keys::after_prefix(first.substr(0, 9)));
}

class StoredBlobs final : public BlobStore {
 public:
  StoredBlobs(storage::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  std::unique_ptr<BlobWriter> begin() override;
  Result<bool> exists(std::string_view digest) override;
  Result<std::uint64_t> length(std::string_view digest) override;
  Status read(std::string_view digest, std::uint64_t offset, std::uint64_t length,
              const std::function<bool(std::string_view)>& sink) override;
  Result<std::optional<std::uint64_t>> remove(std::string_view digest, WallMs uploaded_before) override;
  Status remove_broken_uploads() override;

 private:
  friend class StoredBlobWriter;

  Result<std::optional<BlobRecord>> find(std::string_view digest,
                                         const storage::Snapshot* snapshot = nullptr);
  Result<std::uint64_t> take_number();
  Result<std::uint64_t> largest_number();
  struct Upload {
    std::uint64_t number = 0;
    bool laid_down = false;
  };
  Status finish(storage::Batch& batch, Upload upload, const Attachment& blob);
  void forget(std::uint64_t number);

  storage::Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<std::uint64_t> last_number_;  // guarded by mutex_
  std::set<std::uint64_t> active_;            // guarded by mutex_: numbers of writers
};

class StoredBlobWriter final : public BlobWriter {
 public:
  explicit StoredBlobWriter(StoredBlobs& blobs) : blobs_(blobs), batch_(blobs.store_.make_batch()) {}
  ~StoredBlobWriter() override { abandon(); }

  Status write(std::string_view bytes) override {
    if (ended_) return ended();
    digest_.update(bytes);
    md5_.update(bytes);
    length_ += bytes.size();
    while (!bytes.empty()) {
      if (chunk_.size() == kChunk) QUIRE_TRY_STATUS(lay_down());
      const std::string_view piece = bytes.substr(0, kChunk - chunk_.size());
      chunk_.append(piece);
      bytes.remove_prefix(piece.size());
    }
    return ok();
  }

  Result<Attachment> finish() override {
    if (ended_) return ended();
    ended_ = true;
    Attachment blob;
    blob.digest.resize(32);
    digest_.finish(blob.digest.data());
    blob.md5 = md5_.finish();
    blob.length = length_;
    if (!chunk_.empty()) QUIRE_TRY_STATUS(put_chunk());
    QUIRE_TRY_STATUS(blobs_.finish(*batch_, {number_, laid_down_}, blob));
    finished_ = true;
    return blob;
  }

 private:
  static Error ended() { return Error(ErrorCode::invalid, "the attachment was finished already"); }

  Status put_chunk() {
    if (number_ == 0) {
      QUIRE_TRY(number_, blobs_.take_number());
    }
    if (next_chunk_ > ~std::uint32_t{0})
      return Error(ErrorCode::too_large, "an attachment has too many bytes");
    batch_->put(Family::blobs, keys::blob_chunk(number_, static_cast<std::uint32_t>(next_chunk_)), chunk_);
    ++next_chunk_;
    chunk_.clear();
    return ok();
  }

  Status lay_down() {
    QUIRE_TRY_STATUS(put_chunk());
    if (!laid_down_) {
      std::string upload;
      encode(UploadRecord{blobs_.clock_.wall_ms()}, upload);
      batch_->put(Family::blobs, keys::upload(number_), upload);
    }
    laid_down_ = true;
    Status written = blobs_.store_.write(*batch_, storage::Sync::none);
    batch_->clear();
    return written;
  }

  // A store that takes no more writes keeps the chunks until it is opened again; then nobody is busy with
  // them.
  void abandon() {
    if (number_ == 0) return;
    if (laid_down_ && !finished_) {
      batch_->clear();
      erase_chunks(*batch_, number_);
      batch_->erase(Family::blobs, keys::upload(number_));
      (void)blobs_.store_.write(*batch_, storage::Sync::none);
    }
    blobs_.forget(number_);
  }

  StoredBlobs& blobs_;
  std::unique_ptr<storage::Batch> batch_;
  Blake2b digest_{32};
  Md5 md5_;
  std::string chunk_;
  std::uint64_t length_ = 0;
  std::uint64_t number_ = 0;  // 0: there was no chunk yet
  std::uint64_t next_chunk_ = 0;
  bool laid_down_ = false;  // chunks and a record of the upload are in the store
  bool ended_ = false;      // finish() was called
  bool finished_ = false;   // and did it
};

std::unique_ptr<BlobWriter> StoredBlobs::begin() { return std::make_unique<StoredBlobWriter>(*this); }

// --- numbers

Result<std::uint64_t> StoredBlobs::largest_number() {
  std::uint64_t largest = 0;
  auto it = store_.iterate(Family::blobs);
  for (const char letter : {'B', 'U'}) {
    it->seek_for_prev(std::string(1, letter) + std::string(12, '\xFF'));
    QUIRE_TRY_STATUS(it->status());
    const bool found = it->valid() && it->key().size() >= 9 && it->key().front() == letter;
    if (found) largest = std::max(largest, load_u64(it->key().data() + 1));
  }
  return largest;
}

Result<std::uint64_t> StoredBlobs::take_number() {
  const std::lock_guard lock(mutex_);
  if (!last_number_) {
    QUIRE_TRY(last_number_, largest_number());
  }
  active_.insert(++*last_number_);
  return *last_number_;
}

void StoredBlobs::forget(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  active_.erase(number);
}

// --- reading

Result<std::optional<BlobRecord>> StoredBlobs::find(std::string_view digest,
                                                    const storage::Snapshot* snapshot) {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, store_.get(Family::blobs, keys::blob(digest), buffer, snapshot));
  if (!found) return std::optional<BlobRecord>{};
  QUIRE_TRY(BlobRecord record, decode_blob(buffer.view()));
  return std::optional(std::move(record));
}

Result<bool> StoredBlobs::exists(std::string_view digest) {
  QUIRE_TRY(const auto record, find(digest));
  return record.has_value();
}

Result<std::uint64_t> StoredBlobs::length(std::string_view digest) {
  QUIRE_TRY(const auto record, find(digest));
  if (!record) return missing(digest);
  return record->length;
}

Status StoredBlobs::read(std::string_view digest, std::uint64_t offset, std::uint64_t length,
                         const std::function<bool(std::string_view)>& sink) {
  const auto snapshot = store_.snapshot();
  QUIRE_TRY(const auto record, find(digest, snapshot.get()));
  if (!record) return missing(digest);
  const std::uint64_t begin = std::min(offset, record->length);
  const std::uint64_t end = begin + std::min(length, record->length - begin);
  storage::ReadBuffer buffer;
  for (std::uint64_t at = begin; at < end;) {
    const std::uint64_t chunk = at / kChunk;
    const std::uint64_t start = chunk * kChunk;
    const std::string key = keys::blob_chunk(record->number, static_cast<std::uint32_t>(chunk));
    QUIRE_TRY(const bool found, store_.get(Family::blobs, key, buffer, snapshot.get()));
    const std::uint64_t size = std::min<std::uint64_t>(kChunk, record->length - start);
    if (!found || buffer.view().size() != size) return damaged(digest, chunk);
    const std::uint64_t stop = std::min(end, start + size);
    if (!sink(buffer.view().substr(at - start, stop - at))) return ok();
    at = stop;
  }
  return ok();
}

// --- what makes a blob, and ends one: never both at once

// `batch` holds what of the upload is not laid down yet.
Status StoredBlobs::finish(storage::Batch& batch, Upload upload, const Attachment& blob) {
  const std::lock_guard lock(mutex_);
  BlobRecord record{
      .number = upload.number, .length = blob.length, .md5 = blob.md5, .created_ms = clock_.wall_ms()};
  // A record that cannot be read is replaced by this upload's.
  if (const auto before = find(blob.digest); before && *before) {
    record.number = (*before)->number;
    batch.clear();
    if (upload.laid_down) erase_chunks(batch, upload.number);
  }
  if (upload.laid_down) batch.erase(Family::blobs, keys::upload(upload.number));
  std::string value;
  encode(record, value);
  batch.put(Family::blobs, keys::blob(blob.digest), value);
  return store_.write(batch, storage::Sync::none);
}

Result<std::optional<std::uint64_t>> StoredBlobs::remove(std::string_view digest, WallMs uploaded_before) {
  const std::lock_guard lock(mutex_);
  QUIRE_TRY(const auto record, find(digest));
  if (!record || record->created_ms >= uploaded_before) return std::optional<std::uint64_t>{};
  auto batch = store_.make_batch();
  erase_chunks(*batch, record->number);
  batch->erase(Family::blobs, keys::blob(digest));
  QUIRE_TRY_STATUS(store_.write(*batch, storage::Sync::none));
  return std::optional(record->length);
}

Status StoredBlobs::remove_broken_uploads() {
  const std::lock_guard lock(mutex_);
  auto it = store_.iterate(Family::blobs, {.upper_bound = keys::after_prefix("U")});
  for (it->seek("U"); it->valid(); it->next()) {
    if (it->key().size() != 9) return Error(ErrorCode::corrupt, "an upload's key has another length");
    const std::uint64_t number = load_u64(it->key().data() + 1);
    if (active_.contains(number)) continue;
    auto batch = store_.make_batch();
    erase_chunks(*batch, number);
    batch->erase(Family::blobs, it->key());
    QUIRE_TRY_STATUS(store_.write(*batch, storage::Sync::none));
  }
  return it->status();
}

}  // namespace

std::unique_ptr<BlobStore> make_blob_store(storage::Store& store, const Clock& clock) {
  return std::make_unique<StoredBlobs>(store, clock);
}

}  // namespace quire::database
