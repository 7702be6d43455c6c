#pragma once

#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::query::tuning {

// MongoDB's index names are shorter; this is a collection's name, and fits in a line of a message.
inline constexpr std::size_t kIndexNameBytes = 128;
// The text of a definition: room for a partial filter of some size, and no more than a request should hold.
inline constexpr std::size_t kDefinitionBytes = 64 << 10;
// Paths of one index. Longer tuples are better served by two indexes.
inline constexpr std::size_t kIndexPaths = 16;
inline constexpr std::size_t kPathSteps = 32;
// The longest key of an entry, all paths together: half of a block of the index's tables, so that a search
// still finds several entries in each.
inline constexpr std::size_t kKeyBytes = 8 << 10;
// Entries of one document in one index: an array of so many elements is a collection of its own.
inline constexpr std::size_t kEntriesOfDocument = 65'536;
// And all its keys together, which may share a long value: twice what a document may have of text.
inline constexpr std::size_t kKeyBytesOfDocument = 16 << 20;
// Sixty-eight years, as MongoDB has it.
inline constexpr std::int64_t kMostExpireSeconds = 2'147'483'647;

// Bounds on a sort and a projection from outside: more than any index or form has, and short to work through.
inline constexpr std::uint64_t kSortBytes = 64 << 10;
inline constexpr std::size_t kSortKeys = 32;
// Paths whose values stand together: those of a sort, or of an index.
inline constexpr std::size_t kTuplePaths = kSortKeys;
static_assert(kTuplePaths >= kIndexPaths);
inline constexpr std::uint64_t kProjectionBytes = 256 << 10;
inline constexpr std::size_t kProjectionPaths = 1000;

// How often running operators look at the clock and at whether the caller has gone: at a microsecond and a
// half a document it is some hundred times within the 100 ms in which a query is to end.
inline constexpr std::uint32_t kCheckRows = 256;

// A spilled run is read back in pieces of this size while runs are merged; smaller ones where there are many
// runs for the memory.
inline constexpr std::size_t kSpillReadBytes = 64 << 10;
inline constexpr std::size_t kSpillReadLeastBytes = 4 << 10;
// Spilled bytes are written in pieces of this size, so that a system call disappears in it.
inline constexpr std::size_t kSpillWriteBytes = 256 << 10;

// What a sorted document costs in memory besides its bytes.
inline constexpr std::size_t kSortedRowBytes = 64;

// A token of a cursor is at most this long: the keys of a sort may hold long strings.
inline constexpr std::size_t kCursorBytes = 256 << 10;

// Of a key that an index is walked backward over, so many ids are gathered and turned round; for more,
// opening a second cursor is cheaper than to hold them.
inline constexpr std::size_t kReversedEntries = 64;

// To choose between indexes, so many entries of each are counted: a tenth of a millisecond, and beyond it the
// difference between them is no longer worth the counting.
inline constexpr std::uint64_t kProbedEntries = 200;
// Where a query looks at all that it comes to, counting goes on to this part of the collection's documents:
// beyond it no index is many times better than another.
inline constexpr std::uint64_t kProbedShare = 16;
// Of lists of values for several keys of an index, so many combinations become spans.
inline constexpr std::size_t kSpans = 1000;
// Documents that are looked at in the order of a sort before an index for it is preferred to a scan: a match
// among so many says that a page fills soon.
inline constexpr std::uint64_t kSampledDocuments = 256;
// What fetching a document behind an index costs, in documents of a scan.
inline constexpr double kFetchCost = 4;
// And what it costs where it is put together of several paths, and so looked at by the filters of some.
inline constexpr double kJoinedCost = 8;

// A filter's shape in a log ends behind so many bytes.
inline constexpr std::size_t kShapeBytes = 500;

}  // namespace quire::query::tuning
