#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason. What an operator may want to change is a setting instead.
namespace quire::server::tuning {

// Of a file of settings: all of them with long values fit a hundred times.
inline constexpr std::size_t kConfigFileBytes = 1 << 20;

// Of what stands in it, in a message: a name with some dots, and the parser's sentences.
inline constexpr std::size_t kShownBytes = 200;

// --- threads
// For care and commits in the background: more would only wait for the one committer of each database.
inline constexpr unsigned kMostEngineThreads = 4;

// --- memory
// Blocks of this size and more are the system's pages of their own: bodies and indexes of large documents,
// whose parsing costs more than fresh pages do. The end of a heap, of which a thread may have one, stays up
// to twice that.
inline constexpr int kLargeBlockBytes = 1 << 20;
inline constexpr int kKeptHeapEndBytes = 2 << 20;
// How often freed memory is given back to the system: a page that is wanted again costs less than a
// microsecond, a hundred thousand of them in ten seconds a hundredth of a core.
inline constexpr std::chrono::seconds kGiveBackEvery{10};
// So much may stay with the allocator: what a busy server takes and frees all the time.
inline constexpr std::size_t kFreeBytesKept = 4 << 20;

// --- the log of requests
// Longer names of parameters, and more of them, are nothing that a route has.
inline constexpr std::size_t kLoggedNameBytes = 32;
inline constexpr std::size_t kLoggedParameters = 16;
// Longer than the parts of the paths of routes, and than most ids: what is longer may be anything.
inline constexpr std::size_t kLoggedPartBytes = 64;
inline constexpr std::size_t kLoggedPathBytes = 256;

// --- metrics
// Threads count beside each other; more of them than this share.
inline constexpr std::size_t kMetricStripes = 16;
// More routes than the table has; what is beyond is counted as one.
inline constexpr std::size_t kMetricRoutes = 256;

// --- replications
// Requests to other stores that are under way at a time.
inline constexpr unsigned kPeerWorkers = 8;
// And those that wait for changes, one a continuous replication, or send an attachment: a thread costs a
// stack.
inline constexpr unsigned kPeerWaiters = 64;

}  // namespace quire::server::tuning
