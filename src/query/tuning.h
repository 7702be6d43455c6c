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
// Sixty-eight years, as MongoDB has it.
inline constexpr std::int64_t kMostExpireSeconds = 2'147'483'647;

}  // namespace quire::query::tuning
