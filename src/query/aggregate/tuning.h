#pragma once

#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::query {

// A spilled block: large enough that a read of many runs side by side is mostly sequential, small enough that
// the writers of all partitions of a group fit into a small budget.
inline constexpr std::size_t kSpillBlockBytes = 64 << 10;

// A query looks at its clock and its cancellation once in so many steps: a step takes from 0.1 to some
// 10 microseconds, so that 100 ms are never passed.
inline constexpr std::uint32_t kStepsBetweenChecks = 1024;

}  // namespace quire::query
