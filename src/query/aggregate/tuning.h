#pragma once

#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::query {

// A spilled block: large enough that a read of many runs side by side is mostly sequential, small enough that
// the writers of all partitions of a group fit into a small budget.
inline constexpr std::size_t kSpillBlockBytes = 64 << 10;
inline constexpr std::size_t kLeastSpillBlockBytes = 4 << 10;
inline constexpr std::uint64_t kSpillBlockShare = 64;

// A document that a stage makes is at most as large and as deep as one that is stored may be: what reads it
// further on recurses as it does over a stored one.
inline constexpr std::uint64_t kRowBytes = 8 << 20;
inline constexpr std::uint32_t kRowDepth = 200;
// What the expressions of one document may use besides: a few results of the largest size.
inline constexpr std::uint64_t kEvaluationBytes = 64 << 20;

// An expression's result in between, as an element of a list: its handle.
inline constexpr std::uint64_t kElementBytes = 24;

// A group that spills writes to so many partitions; a partition that does not fit is divided again, with
// other bits of the hash, this often: 16^8 partitions are more than any disk has.
inline constexpr std::size_t kGroupPartitions = 16;
inline constexpr std::uint32_t kGroupDivisions = 8;

// A group in memory besides its key and what its accumulators say: its place in the table and in the list.
inline constexpr std::size_t kGroupBytes = 64;

// Sorted runs are merged so many at a time: each needs a block in memory.
inline constexpr std::size_t kMergedRuns = 32;
// A row that waits to be sorted, besides its key and its text.
inline constexpr std::size_t kSortedRecordBytes = 48;

// A path in a pipeline, those of nested objects put together, is at most so long, and a stage names so many:
// each is kept several times.
inline constexpr std::size_t kPathBytes = 4 << 10;
inline constexpr std::size_t kShapePaths = 5000;
// Of the place in the pipeline that an error names, so much of each name and of all is kept.
inline constexpr std::size_t kPlaceNameBytes = 60;
inline constexpr std::size_t kPlaceBytes = 1000;
// Regular expressions of one pipeline: each may take a megabyte.
inline constexpr std::uint32_t kPatterns = 100;
// Variables of one pipeline: each evaluation has room for all of them.
inline constexpr std::size_t kVariables = 1000;

// A document from this size on is worth a look at the clock.
inline constexpr std::uint64_t kLargeRowBytes = 64 << 10;

// $lookup asks for the matches of so many documents at once, so that a collection without an index is read
// once for all of them; the filter that asks is at most so long.
inline constexpr std::size_t kLookupRows = 1000;
inline constexpr std::size_t kLookupFilterBytes = 512 << 10;
// Different values of one document that are looked for: each is some 300 bytes of a filter.
inline constexpr std::size_t kLookupValues = 50'000;

}  // namespace quire::query
