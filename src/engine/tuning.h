#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::engine::tuning {

// Rows of a page of the feed: its rows then lie in 120 KB, which the allocator gives out again and again
// without asking the system, and opening a cursor is paid a thousand times.
inline constexpr std::uint32_t kFeedPageRows = 1000;
// Bytes of bodies in a page: one page of large documents must not fill the memory.
inline constexpr std::size_t kFeedPageBytes = 4 << 20;
// History entries that a page looks at for its rows, so that a filter that drops nearly all of them still
// lets its caller keep a position now and then.
inline constexpr std::uint32_t kFeedPageEntries = 100'000;
// How far a page looks ahead to say how many rows follow it: a millisecond or two.
inline constexpr std::uint32_t kPendingEntries = 10'000;
// Pages whose count is remembered for the next: clients that page through at one time, at 200 bytes each.
inline constexpr std::size_t kPendingCounts = 256;
// Documents that a feed may be asked for by name, and of how many of them the heads are read rather than the
// history: a read costs as much as some hundred steps of the walk.
inline constexpr std::size_t kFeedDocuments = 10'000;
inline constexpr std::size_t kFeedHeads = 1'000;
// Rows that a watcher which is behind takes at a time: a page that its connection can hold.
inline constexpr std::uint32_t kWatchPageRows = 200;
// How long a watcher may have no room for anything.
inline constexpr int kWatcherStallMs = 10'000;
// How often long loops look at deadline and cancellation, in rows.
inline constexpr std::uint32_t kLimitsCheckRows = 512;

// How soon a waiting caller that was cancelled is told. A flag cannot wake anybody, so somebody must look;
// four looks a second for each database that is waited for are not to be seen in a profile.
inline constexpr int kWaitTickMs = 250;

// A shard stays at hand this long after it was asked for, and twice as long at most: asking the catalog for
// each call would cost as much as the reading of a document does. It is small beside the time after which the
// catalog closes what is idle.
inline constexpr int kShardAtHandMs = 1000;
// Of those that the catalog keeps open, so many may be at hand: it closes none of these, and needs some to
// close for others.
inline constexpr double kAtHandShare = 0.75;

// Revisions of one document that are opened by name in one call: a replicator asks for those of one page.
inline constexpr std::size_t kOpenRevisions = 1000;

// Documents and revisions that one question about revisions, or one purge, names: several batches of a
// replicator, and milliseconds to answer.
inline constexpr std::size_t kNamedDocuments = 10'000;
inline constexpr std::size_t kNamedRevisions = 100'000;
// Leaves that are named as possible ancestors: hints, of which nobody needs more.
inline constexpr std::size_t kPossibleAncestors = 100;
// How often such a call looks at deadline and cancellation, in documents: each is a read.
inline constexpr std::size_t kLimitsCheckDocuments = 64;

// How often change_attachment() reads and writes again when others change the document meanwhile.
inline constexpr int kAttachmentTries = 100;

// Operations of a transaction: the documents of an atomic write, each with one at least.
inline constexpr std::size_t kTransactionSteps = 4096;

// How often a document is looked for whose finder lost it to a change each time: whoever loses so often is
// told.
inline constexpr int kFilterTries = 20;

// Documents that an update by filter changes together, and the bytes of what they were: enough to pay an
// fsync many times, small enough that others' writes flow between two batches. Two are under way, so that
// the next one is found while the last one is synced.
inline constexpr std::size_t kBatchDocuments = 500;
inline constexpr std::size_t kBatchBytes = 2 << 20;
inline constexpr std::size_t kBatchesUnderWay = 2;

// Of documents in an order of which the first is to be changed, so many are kept: the next one serves where
// somebody else was faster.
inline constexpr std::uint64_t kSortedCandidates = 16;
// An update may change many documents in one call, and its caller may end it: it may take as long as it
// takes.
inline constexpr int kUpdateHours = 24;

// How often an upsert makes its document anew that somebody else has made meanwhile.
inline constexpr int kUpsertTries = 5;

// Documents that are held against a schema in one task, and their bytes: a few milliseconds, so that others
// who wait for the executor do not notice.
inline constexpr std::size_t kSchemaPieceDocuments = 500;
inline constexpr std::size_t kSchemaPieceBytes = 1 << 20;
// Documents that do not fit of which the ids are kept: enough to see what is wrong.
inline constexpr std::size_t kSchemaMisfits = 100;

// A piece of an attachment that comes from another store.
inline constexpr std::size_t kReplicaPiece = 64 << 10;

// Replications that a node runs: each continuous one from elsewhere holds a thread while it waits for
// changes.
inline constexpr std::size_t kReplications = 50;
inline constexpr std::size_t kReplicationIdBytes = 8;
// One that has ended and is tried again, as its side refuses it or is not there, waits so long the first
// time: who is at work on it sees what comes of it. At last it is looked for once an hour, which costs
// nobody.
inline constexpr std::chrono::milliseconds kFirstRestart{5'000};
inline constexpr std::chrono::milliseconds kLongestRestart{3'600'000};

}  // namespace quire::engine::tuning
