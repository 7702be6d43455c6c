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
