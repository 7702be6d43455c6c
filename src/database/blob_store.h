#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "database/records.h"
#include "database/types.h"
#include "storage/store.h"

namespace quire::database {

// Takes an attachment's bytes piece by piece and lays them down in chunks as they come, so that a gigabyte
// needs a chunk of memory. Destroyed without finish(): what was laid down is removed. One thread at a time.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual Status write(std::string_view bytes) = 0;
  // The digest, MD5 and length; name and type are the caller's to fill in. The blob is kept for an hour; a
  // commit that refers to it within that keeps it for good, and makes it durable together with itself.
  virtual Result<Attachment> finish() = 0;
};

// The attached bytes of a shard, each content kept once, by digest. Thread-safe.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual std::unique_ptr<BlobWriter> begin() = 0;
  // False where there is no such blob.
  virtual Result<bool> exists(std::string_view digest) = 0;
  virtual Result<std::uint64_t> length(std::string_view digest) = 0;
  // Calls `sink` with the bytes [offset, offset + length), as far as the blob goes, in order and in pieces of
  // a chunk at most; stops early where it answers false. Errors: not_found, corrupt.
  virtual Status read(std::string_view digest, std::uint64_t offset, std::uint64_t length,
                      const std::function<bool(std::string_view)>& sink) = 0;

  // For the sweeper.
  // Removes a blob that was last uploaded before this, and answers how many bytes that freed; nullopt where
  // it is younger, or gone. Called while no commit is under way that could come to refer to it.
  virtual Result<std::optional<std::uint64_t>> remove(std::string_view digest, WallMs uploaded_before) = 0;
  // Removes what uploads left that no writer of this process is busy with.
  virtual Status remove_broken_uploads() = 0;
};

// The blobs of one shard; both outlive it.
std::unique_ptr<BlobStore> make_blob_store(storage::Store& store, const Clock& clock);

}  // namespace quire::database
