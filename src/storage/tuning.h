#pragma once

#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::storage {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;

// --- Memory
// ----------------------------------------------------------------------------------------------------- A
// store that is opened without a budget.
inline constexpr std::uint64_t kOwnBudget = 64 * kMiB;
// The cache's share. The rest is for what nobody can charge: compaction's input and output buffers, the
// program itself, and what the allocator loses between blocks.
inline constexpr std::uint64_t kCachePercent = 80;
// Memtables of all stores together, charged to the cache; more would make the log longer to replay, less
// would make many small tables.
inline constexpr std::uint64_t kWriteBufferPercent = 15;
inline constexpr std::uint64_t kLeastWriteBuffers = 4 * kMiB;
// Of that share, from which the largest memtables are flushed, whosever they are; RocksDB flushes the
// writer's at seven eighths. All open stores are looked through at each further part of so many.
inline constexpr std::uint64_t kCrowdedPercent = 60;
inline constexpr std::uint64_t kLooks = 16;
// Smaller memtables make tables that are soon compacted away.
inline constexpr std::uint64_t kWorthATable = 512 * kKiB;
// A shard of the cache must hold many blocks of 16 KiB, and two cores seldom meet in one of sixteen.
inline constexpr std::uint64_t kManyShardsFrom = 128 * kMiB;
inline constexpr int kCacheShardBits = 4;
inline constexpr int kSmallCacheShardBits = 2;
// Indexes and filters are asked for by every get, a data block by few.
inline constexpr double kIndexShareOfCache = 0.5;

// Every read looks for its table in this cache of open files; few cores meet there.
inline constexpr int kTableCacheShardBits = 2;

// --- Writing
// ---------------------------------------------------------------------------------------------------- One
// memtable of a family that takes most of the bytes, and of one that takes few.
inline constexpr std::size_t kWriteBuffer = 16 * kMiB;
inline constexpr std::size_t kSmallWriteBuffer = 4 * kMiB;
// Of attachments, which go from here to blob files: their tables hold keys alone, so that a large memtable
// would buy nothing. Two of these are in memory while an upload goes on.
inline constexpr std::size_t kBlobWriteBuffer = 4 * kMiB;
// A memtable allocates by this. An open store has seven, and where many stores are open that were written to
// a little, these blocks are what fills the share of the write buffers.
inline constexpr std::size_t kArenaBlock = 16 * kKiB;
// The nodes of its list are allocated by pieces that double from the first to the last of these, so that a
// memtable of one entry is small.
inline constexpr std::size_t kFirstNodePiece = 512;
inline constexpr std::size_t kMostNodePiece = 8 * kKiB;
// Every new document is looked for first. A filter of this share of the memtable answers for those that are
// not there: it saves a third of what a put of 1 KB costs its caller.
// Twenty bits for a document of 1 KB. It is there as soon as the store is open.
inline constexpr double kMemtableFilterShare = 0.0025;
// The log of a full store is replayed in well under a second.
inline constexpr std::uint64_t kMaxLog = 32 * kMiB;
// Files grow on disk by this: fewer changes of extents, and no store of a kilobyte that holds 17 MB.
inline constexpr std::size_t kPreallocate = 1 * kMiB;
// A manifest is read whole at each open, and begun anew past this length.
inline constexpr std::uint64_t kMaxManifest = 4 * kMiB;
inline constexpr std::size_t kManifestPreallocate = 64 * kKiB;
// What is gathered before it is handed to the system, of an open store always in memory. A log is written in
// pieces of 32 KiB, a manifest by some hundred bytes now and then.
inline constexpr std::size_t kLogBuffer = 32 * kKiB;
inline constexpr std::size_t kManifestBuffer = 4 * kKiB;
// Table files go to the disk as they are written, not in one burst at their end.
inline constexpr std::uint64_t kBytesPerSync = 1 * kMiB;
// One flush and one compaction at a time: the machine may have two cores, and requests need one.
inline constexpr int kBackgroundJobs = 2;
// Of the thread that compacts, so that a burst of writes is not shared with what can wait: a third of the
// processor's time beside a thread that wants all of it.
inline constexpr int kCompactionNiceness = 5;

// --- Tables
// -----------------------------------------------------------------------------------------------------
inline constexpr std::size_t kDocumentBlock = 16 * kKiB;
inline constexpr std::size_t kSmallRecordBlock = 8 * kKiB;
inline constexpr std::size_t kScanBlock = 32 * kKiB;
// A filter that errs once in a hundred; an absent id is asked for by every new document.
inline constexpr double kFilterBits = 10;
// Where the filter is a good part of the record: a Ribbon filter, which takes three quarters of the bits, and
// errs once in twenty.
inline constexpr double kSmallRecordFilterBits = 6;
inline constexpr std::uint64_t kTable = 16 * kMiB;
// A level's tables are four times as large as those above: a bottom table carries its own dictionary, which
// should be small beside it, and the fewer there are, the likelier a get finds one in the processor's cache.
inline constexpr int kTableGrowth = 4;
inline constexpr std::uint64_t kFirstLevel = 64 * kMiB;
inline constexpr int kLevels = 6;
inline constexpr int kFilesBeforeCompaction = 4;
// Measured on 63,666 package records (53 MB of JSON; 10.4 MB as LZMA of 256 records each): blocks of 16 KiB
// take 16.8 MB, with a dictionary of 16 KiB 15.1, with one of 32 KiB 15.0, with one of 64 KiB 14.9; level 6
// takes 14.4 at 2.5 times the work, blocks of 32 KiB 14.6 at twice the time of a get. A get among 10,000,000
// documents finds the dictionary of its table cold: with 16 KiB it takes 68 us, with 32 KiB in tables of half
// the size 89.
inline constexpr std::uint32_t kDictionary = 16 * kKiB;
inline constexpr std::uint32_t kDictionarySamples = 1 * kMiB;
// What a compaction holds back until it has trained the dictionary.
inline constexpr std::uint64_t kDictionaryBuffer = 4 * kMiB;
inline constexpr int kBottomCompressionLevel = 3;
// Records of a few bytes that are read in order, or seldom, and stay for good: history and tombstones.
// Measured on 180,000 of each: level 6 with a restart of the keys every 64 records takes 9 % less of a
// history and 3 % of tombstones than level 3 and every 16, at a quarter more work. A dictionary takes another
// 2 % of either, at half as much work again: tombstones, which nothing takes away, have one.
inline constexpr int kSmallRecordCompressionLevel = 6;
inline constexpr std::uint32_t kSmallRecordDictionary = 16 * kKiB;
inline constexpr int kSmallRecordRestarts = 64;
// A table is compacted when this share of its entries, or so many of a window, are deletions.
inline constexpr std::size_t kDeletionWindow = 4096;
inline constexpr std::size_t kDeletionsInWindow = 2048;
inline constexpr double kDeletionShare = 0.25;
// Values of the blobs family from this size on stand in blob files, which compaction does not copy.
inline constexpr std::uint64_t kBlobFrom = 4 * kKiB;
inline constexpr std::uint64_t kBlobFile = 64 * kMiB;

// Tables that one store keeps open, however few there are: one that has to be opened first makes a get four
// times as long, and one that is open takes some kilobytes of the cache.
inline constexpr std::uint64_t kLeastOpenFiles = 16;
inline constexpr std::uint64_t kMostOpenFiles = 2048;

// --- Opening and closing
// ---------------------------------------------------------------------------------------- A log shorter than
// this, in no more than so many files, is left for the next open: replaying it is quicker than writing tables
// of a few records at each close.
inline constexpr std::uint64_t kLogLeftAtClose = 1 * kMiB;
inline constexpr std::size_t kLogFilesLeftAtClose = 4;

// The longest that RocksDB may sleep: long enough to slow writers down, short enough for whoever closes a
// store.
inline constexpr int kLongestSleepMicros = 2000;

// --- Reading
// ----------------------------------------------------------------------------------------------------
inline constexpr std::size_t kReadAhead = 512 * kKiB;
// Whole files are copied and checked by pieces of this size.
inline constexpr std::size_t kCopyPiece = 1 * kMiB;

}  // namespace quire::storage
