#pragma once

#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::database::tuning {

// Long walks ask for their caller's deadline and cancellation once in so many documents: a few tens of
// microseconds.
inline constexpr std::uint32_t kLimitsEvery = 256;

// Scans leave a collection in the store's cache where it takes up no more than one part of so many: one that
// is longer would push out everything that is asked for more often.
inline constexpr std::uint64_t kScansOfCache = 2;

// What a dropped document frees beside its body, roughly: its head's other parts, its keys.
inline constexpr std::uint64_t kHeadBytes = 64;

// Ancestors that stay in a head; what is older goes to chunks. A head grows to kHeadAncestors +
// kChunkRevisions before a chunk is written, so a document of many revisions pays at most 24 * 17 bytes a
// write for them.
inline constexpr std::size_t kHeadAncestors = 8;
inline constexpr std::size_t kChunkRevisions = 16;

// CouchDB's default; a replica that was away for more edits than this sees a conflict.
inline constexpr std::uint64_t kRevisionLimit = 1000;
// And the most that a database may ask for, and the longest path that a replicated revision may bring: a tree
// of so many nodes is read and written in about a millisecond.
inline constexpr std::uint64_t kMostRevisions = 20'000;

// A replaced text is kept as what it does not share with the one that replaced it, and read through a chain
// of such texts: every so many generations one is kept whole, so that no chain is longer. At sixteen gets a
// text is read in some tens of microseconds, and a whole one costs each of them little.
inline constexpr std::uint64_t kWholeTextEvery = 16;

// Changes of one commit round, and their bytes: enough to pay an fsync a thousand times, small enough that
// the round is over in a few milliseconds.
inline constexpr std::size_t kRoundChanges = 4096;
inline constexpr std::size_t kRoundBytes = 8 << 20;

// Edits of one call that are prepared and committed together, unless it is atomic: keeps other callers'
// writes flowing between the pieces of a large one.
inline constexpr std::size_t kUnitChanges = 1024;

// Texts of an atomic write, which are all in memory at once: twice what a request may bring.
inline constexpr std::size_t kAtomicBytes = 128 << 20;

// Units that may wait for a commit; past it a write is refused as exhausted.
inline constexpr std::size_t kQueueUnits = 16384;

// Slots of the table that tells whether a document may have moved since it was read. Two documents in one
// slot only cost a second look. 8 bytes a slot, made with the first write.
inline constexpr std::size_t kRecentSlots = 8192;

// A write that asked for less than disk is on disk after this.
inline constexpr int kSyncIntervalMs = 25;

// Indexes are built beside everything else. A step reads so many documents, or makes so many bytes of keys,
// and then lets others have the thread: some tens of milliseconds, and a few megabytes.
inline constexpr std::size_t kBuildDocuments = 32'768;
inline constexpr std::size_t kBuildBytes = 8 << 20;
// Entries of one job, which writers wait for: a millisecond.
inline constexpr std::size_t kBuildJobEntries = 1024;
// Entries of a unique index that are compared in one step.
inline constexpr std::size_t kBuildCheckedEntries = 100'000;
// Whoever waits for a build looks at its own limits this often.
inline constexpr int kBuildWaitMs = 20;
// A database that is closed, or killed, while an index is being built is opened again after this.
inline constexpr std::int64_t kBuildLookMs = 10'000;
// Indexes of one collection, as MongoDB has it: each is maintained by every write.
inline constexpr std::size_t kIndexesOfCollection = 64;
// Entries that an estimate counts one by one before it asks the store for sizes.
inline constexpr std::uint64_t kCountedEntries = 100;

// Request ids are kept for a day, as the promise says.
inline constexpr std::int64_t kRequestIdMs = 24LL * 3600 * 1000;
inline constexpr std::size_t kRequestIdBytes = 128;

// Attachments travel and lie in pieces of this size. Part of the format: docs/formats/records.md.
inline constexpr std::size_t kBlobChunkBytes = 256 << 10;
// A blob that nothing refers to is swept after this: an upload has that long to be committed.
inline constexpr std::int64_t kBlobOrphanMs = 3600LL * 1000;

// Replaced texts may have this part of the live bytes, where that is more than the settings say: two in a
// hundred of the disk for the versions of the last day.
inline constexpr std::uint64_t kKeptShareOfLive = 64;
// Superseded entries that go in one job: about a millisecond of the committer's time.
inline constexpr std::size_t kTrimBatch = 500;
// A shard is compacted whole when so much of it is garbage, and a quarter of what lives.
inline constexpr std::uint64_t kGarbageBytes = 16 << 20;
inline constexpr std::uint64_t kGarbageShareOfLive = 4;

// Checkpoints, which every client that replicates keeps one of: a replicator's own is a few KB. The bounds of
// a database let a million clients come, and keep what they leave small beside its documents.
inline constexpr std::size_t kCheckpointBytes = 1 << 20;
inline constexpr std::uint64_t kCheckpoints = 1'000'000;
inline constexpr std::uint64_t kAllCheckpointBytes = 1ULL << 30;

// Shares of a process's memory budget: documents in parsed-out form, the rest is the store's.
inline constexpr double kDocumentCacheShare = 0.25;
// And what a setting may make of it: the store needs its blocks and write buffers.
inline constexpr double kMostDocumentCacheShare = 0.5;

// The scheduler pauses between two databases that are due, so that a start with thousands of them leaves the
// disk to requests; and looks at the calendar this often while it waits, since somebody may set it.
inline constexpr std::int64_t kCarePauseMs = 50;
inline constexpr std::int64_t kCareLookMs = 60'000;
// What was due before a start waits this long, so that a program that runs for a moment does no care at all.
inline constexpr std::int64_t kCareAfterStartMs = 5'000;
// A database in use is cared for this often, due or not; one whose care failed waits as long.
inline constexpr std::int64_t kCareEveryMs = 5 * 60'000;
// And one with documents that expire this often, since what was written meanwhile may be due sooner than what
// was there: as MongoDB does.
inline constexpr std::int64_t kExpiryEveryMs = 60'000;

// How often at most it is looked whether a database is idle and can be closed.
inline constexpr std::int64_t kTickMs = 15'000;

// An open database costs about this much memory beside the caches, and this many descriptors; as many stay
// open as fit in a quarter of the budget and half of the descriptors, past which the longest unused is
// closed.
inline constexpr std::uint64_t kOpenDatabaseBytes = 1 << 20;
inline constexpr std::uint64_t kOpenDatabaseFiles = 24;
inline constexpr std::size_t kLeastOpenDatabases = 8;
// What must be free beside the logs before one that failed on a full disk is opened again.
inline constexpr std::uint64_t kRoomToOpen = 4 << 20;

// A hundred years, and a pebibyte: any more is a mistake, and a time of now and then stays far from its
// bounds.
inline constexpr std::int64_t kMostHistoryMs = 36'525LL * 24 * 3600 * 1000;
inline constexpr std::uint64_t kMostHistoryBytes = 1ULL << 50;

// A collection's name.
inline constexpr std::size_t kNameBytes = 128;

}  // namespace quire::database::tuning
