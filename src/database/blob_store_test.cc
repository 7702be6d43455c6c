#include "database/blob_store.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"
#include "database/keys.h"
#include "database/tuning.h"
#include "storage/open.h"

namespace quire::database {
namespace {

using storage::Family;

constexpr std::size_t kChunk = tuning::kBlobChunkBytes;
constexpr std::uint64_t kAll = ~std::uint64_t{0};

std::string some_bytes(std::size_t size, std::uint64_t seed = 1) {
  std::string bytes(size, '\0');
  SeededRandom(seed).fill(bytes.data(), size);
  return bytes;
}

class BlobStoreTest : public ::testing::Test {
 protected:
  BlobStoreTest() { reopen(); }
  void reopen() { blobs_ = make_blob_store(*store_, clock_); }

  Attachment upload(std::string_view bytes, std::size_t piece = kAll) {
    auto writer = blobs_->begin();
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      EXPECT_TRUE(writer->write(bytes.substr(at, piece)));
      if (piece == kAll) break;
    }
    const auto blob = writer->finish();
    EXPECT_TRUE(blob);
    return *blob;
  }

  std::string read(std::string_view digest, std::uint64_t offset = 0, std::uint64_t length = kAll) {
    std::string out;
    const Status status = blobs_->read(digest, offset, length, [&](std::string_view piece) {
      EXPECT_LE(piece.size(), kChunk);
      out += piece;
      return true;
    });
    EXPECT_TRUE(status) << status.error().to_string();
    return out;
  }

  ErrorCode read_error(std::string_view digest) {
    const Status status = blobs_->read(digest, 0, kAll, [](std::string_view) { return true; });
    return status ? ErrorCode::internal : status.error().code();
  }

  // How many keys of the family begin with this letter.
  int count(char letter) {
    const std::string prefix(1, letter);
    auto it = store_->iterate(Family::blobs, {.upper_bound = keys::after_prefix(prefix)});
    int keys = 0;
    for (it->seek(prefix); it->valid(); it->next()) ++keys;
    return keys;
  }

  ManualClock clock_;
  std::unique_ptr<storage::MapStore> store_ = storage::make_map_store();
  std::unique_ptr<BlobStore> blobs_;
};

TEST_F(BlobStoreTest, WhatGoesInComesOutAtEverySizeAroundAChunk) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, 3 * kChunk + 17}) {
    const std::string bytes = some_bytes(size, size);
    const Attachment blob = upload(bytes, 100'000);
    EXPECT_EQ(blob.length, size);
    EXPECT_EQ(read(blob.digest), bytes) << size;
    EXPECT_EQ(*blobs_->length(blob.digest), size);
    EXPECT_TRUE(*blobs_->exists(blob.digest));
  }
  EXPECT_EQ(count('U'), 0);
}

TEST_F(BlobStoreTest, AnswersTheDigestsOfTheBytes) {
  const Attachment blob = upload("abc");
  EXPECT_EQ(to_hex(blob.digest), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  EXPECT_EQ(to_hex(blob.md5), "900150983cd24fb0d6963f7d28e17f72");
}

TEST_F(BlobStoreTest, RangesAreThoseOfTheBytes) {
  const std::string bytes = some_bytes(2 * kChunk + 100);
  const Attachment blob = upload(bytes);
  EXPECT_TRUE(rc::check([&] {
    const auto near = [&](std::size_t edge) { return edge + *rc::gen::inRange<std::size_t>(0, 5) - 2; };
    const std::size_t offset = near(*rc::gen::element(std::size_t{2}, kChunk, 2 * kChunk, bytes.size()));
    const std::uint64_t length = *rc::gen::element<std::uint64_t>(0, 1, kChunk - 1, kChunk, kChunk + 1, kAll);
    const std::string expected = offset > bytes.size() ? "" : bytes.substr(offset, length);
    RC_ASSERT(read(blob.digest, offset, length) == expected);
  }));
  EXPECT_EQ(read(blob.digest, kAll, kAll), "");
}

TEST_F(BlobStoreTest, AReaderMayStop) {
  const Attachment blob = upload(some_bytes(3 * kChunk));
  int pieces = 0;
  EXPECT_TRUE(blobs_->read(blob.digest, 0, kAll, [&](std::string_view) { return ++pieces < 2; }));
  EXPECT_EQ(pieces, 2);
}

TEST_F(BlobStoreTest, NamesWhatIsNotThere) {
  const std::string digest(32, 'x');
  EXPECT_FALSE(*blobs_->exists(digest));
  EXPECT_EQ(blobs_->length(digest).error().code(), ErrorCode::not_found);
  EXPECT_EQ(read_error(digest), ErrorCode::not_found);
}

TEST_F(BlobStoreTest, EqualBytesAreKeptOnce) {
  const std::string bytes = some_bytes(2 * kChunk);
  const Attachment first = upload(bytes);
  EXPECT_EQ(count('B'), 2);
  const Attachment second = upload(bytes);
  EXPECT_EQ(first, second);
  EXPECT_EQ(count('B'), 2);
  EXPECT_EQ(count('U'), 0);
  upload("small");
  upload("small");
  EXPECT_EQ(count('B'), 3);
  EXPECT_EQ(count('N'), 2);
}

TEST_F(BlobStoreTest, AnUploadThatEndsEarlyLeavesNothing) {
  {
    auto writer = blobs_->begin();
    ASSERT_TRUE(writer->write(some_bytes(3 * kChunk)));
    EXPECT_GT(count('B'), 0);
    EXPECT_EQ(count('U'), 1);
  }
  EXPECT_EQ(count('B') + count('U') + count('N'), 0);
}

TEST_F(BlobStoreTest, AWriterEndsOnce) {
  auto writer = blobs_->begin();
  ASSERT_TRUE(writer->write("abc"));
  const Attachment blob = *writer->finish();
  EXPECT_FALSE(writer->finish());
  EXPECT_FALSE(writer->write("more"));
  writer.reset();
  EXPECT_EQ(read(blob.digest), "abc");
}

TEST_F(BlobStoreTest, WhatACrashLeftOfAnUploadIsRemovedAndNothingElse) {
  const std::string bytes = some_bytes(2 * kChunk);
  const Attachment kept = upload(bytes);
  auto lost = blobs_->begin();
  ASSERT_TRUE(lost->write(some_bytes(3 * kChunk, 2)));
  // The process ends: its writer never removes anything.
  auto crashed = std::move(blobs_);
  reopen();
  auto active = blobs_->begin();
  const std::string others = some_bytes(2 * kChunk + 5, 3);
  ASSERT_TRUE(active->write(others));
  EXPECT_EQ(count('U'), 2);
  EXPECT_TRUE(blobs_->remove_broken_uploads());
  EXPECT_EQ(count('U'), 1);
  EXPECT_EQ(count('B'), 4);
  const Attachment blob = *active->finish();
  active.reset();
  EXPECT_TRUE(blobs_->remove_broken_uploads());
  EXPECT_EQ(read(blob.digest), others);
  EXPECT_EQ(read(kept.digest), bytes);
  EXPECT_EQ(count('B'), 5);
  lost.reset();
}

TEST_F(BlobStoreTest, NumbersGoOnAfterAReopen) {
  const std::string first = some_bytes(kChunk + 1, 1);
  const std::string second = some_bytes(kChunk + 1, 2);
  const Attachment a = upload(first);
  reopen();
  const Attachment b = upload(second);
  EXPECT_EQ(read(a.digest), first);
  EXPECT_EQ(read(b.digest), second);
}

// An empty blob has no chunks, so it must not share a number with one that has.
TEST_F(BlobStoreTest, RemovingAnEmptyBlobTakesNoOtherWithIt) {
  const Attachment empty = upload("");
  const Attachment other = upload("other");
  clock_.advance(std::chrono::hours(2));
  EXPECT_EQ(*blobs_->remove(empty.digest, clock_.wall_ms()), 0U);
  EXPECT_EQ(read(other.digest), "other");
}

TEST_F(BlobStoreTest, RemovesTheOldAndKeepsWhatWasUploadedAgain) {
  const std::string bytes = some_bytes(kChunk + 1);
  const Attachment blob = upload(bytes);
  const WallMs hour = 3'600'000;
  EXPECT_EQ(*blobs_->remove(blob.digest, clock_.wall_ms() - hour), std::nullopt);
  clock_.advance(std::chrono::hours(2));
  upload(bytes);
  EXPECT_EQ(*blobs_->remove(blob.digest, clock_.wall_ms() - hour), std::nullopt);
  EXPECT_EQ(read(blob.digest), bytes);
  clock_.advance(std::chrono::hours(2));
  EXPECT_EQ(*blobs_->remove(blob.digest, clock_.wall_ms() - hour), bytes.size());
  EXPECT_FALSE(*blobs_->exists(blob.digest));
  EXPECT_EQ(count('B'), 0);
  EXPECT_EQ(*blobs_->remove(blob.digest, clock_.wall_ms()), std::nullopt);
}

TEST_F(BlobStoreTest, AMissingOrShortChunkIsDamage) {
  const Attachment blob = upload(some_bytes(2 * kChunk));
  auto batch = store_->make_batch();
  batch->put(Family::blobs, keys::blob_chunk(1, 1), "short");
  ASSERT_TRUE(store_->write(*batch, storage::Sync::none));
  EXPECT_EQ(read_error(blob.digest), ErrorCode::corrupt);
  EXPECT_EQ(read(blob.digest, 0, kChunk).size(), kChunk);
  batch->clear();
  batch->erase(Family::blobs, keys::blob_chunk(1, 1));
  ASSERT_TRUE(store_->write(*batch, storage::Sync::none));
  EXPECT_EQ(read_error(blob.digest), ErrorCode::corrupt);
}

TEST_F(BlobStoreTest, ADamagedRecordIsReplacedByTheNextUpload) {
  const Attachment blob = upload("abc");
  auto batch = store_->make_batch();
  batch->put(Family::blobs, keys::blob(blob.digest), "\1nonsense");
  ASSERT_TRUE(store_->write(*batch, storage::Sync::none));
  EXPECT_EQ(blobs_->exists(blob.digest).error().code(), ErrorCode::corrupt);
  upload("abc");
  EXPECT_EQ(read(blob.digest), "abc");
}

// A power cut takes a suffix of the writes: whatever is left, a blob that is there is whole.
TEST_F(BlobStoreTest, AfterAPowerCutABlobIsWholeOrGone) {
  const std::string bytes = some_bytes(2 * kChunk + 5);
  const Attachment before = upload(bytes);
  ASSERT_TRUE(store_->sync());
  const Attachment after = upload(some_bytes(2 * kChunk + 6, 2));
  store_->drop_unsynced();
  reopen();
  EXPECT_EQ(read(before.digest), bytes);
  EXPECT_FALSE(*blobs_->exists(after.digest));
  const std::string others = some_bytes(2 * kChunk + 7, 3);
  EXPECT_EQ(read(upload(others).digest), others);
  EXPECT_EQ(read(before.digest), bytes);
}

}  // namespace
}  // namespace quire::database
