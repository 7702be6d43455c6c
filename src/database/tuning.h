#pragma once

#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::database::tuning {

// Long walks ask for their caller's deadline and cancellation once in so many documents: a few tens of
// microseconds.
inline constexpr std::uint32_t kLimitsEvery = 256;

// What a dropped document frees beside its body, roughly: its head's other parts, its keys.
inline constexpr std::uint64_t kHeadBytes = 64;

// Ancestors that stay in a head; what is older goes to chunks. A head grows to kHeadAncestors +
// kChunkRevisions before a chunk is written, so a document of many revisions pays at most 80 * 17 bytes a
// write for them.
inline constexpr std::size_t kHeadAncestors = 16;
inline constexpr std::size_t kChunkRevisions = 64;

// CouchDB's default; a replica that was away for more edits than this sees a conflict.
inline constexpr std::uint64_t kRevisionLimit = 1000;

// Changes of one commit round, and their bytes: enough to pay an fsync a thousand times, small enough that
// the round is over in a few milliseconds.
inline constexpr std::size_t kRoundChanges = 4096;
inline constexpr std::size_t kRoundBytes = 8 << 20;

// Edits of one call that are prepared and committed together, unless it is atomic: keeps other callers'
// writes flowing between the pieces of a large one.
inline constexpr std::size_t kUnitChanges = 1024;

// Units that may wait for a commit; past it a write is refused as exhausted.
inline constexpr std::size_t kQueueUnits = 16384;

// Slots of the table that tells whether a document may have moved since it was read. Two documents in one
// slot only cost a second look. 8 bytes a slot, made with the first write.
inline constexpr std::size_t kRecentSlots = 8192;

// A write that asked for less than disk is on disk after this.
inline constexpr int kSyncIntervalMs = 25;

// Request ids are kept for a day, as the promise says.
inline constexpr std::int64_t kRequestIdMs = 24LL * 3600 * 1000;
inline constexpr std::size_t kRequestIdBytes = 128;

// Attachments travel and lie in pieces of this size. Part of the format: docs/formats/records.md.
inline constexpr std::size_t kBlobChunkBytes = 256 << 10;
// A blob that nothing refers to is swept after this: an upload has that long to be committed.
inline constexpr std::int64_t kBlobOrphanMs = 3600LL * 1000;

// Shares of a process's memory budget: documents in parsed-out form, the rest is the store's.
inline constexpr double kDocumentCacheShare = 0.25;

// A collection's name.
inline constexpr std::size_t kNameBytes = 128;

}  // namespace quire::database::tuning
