#pragma once

#include <chrono>
#include <cstddef>

// The numbers of this folder, each with its reason. What a client may take stands in net/server.h (Limits).
namespace quire::net {

inline constexpr std::size_t kKiB = 1024;

// --- Reading
// A browser's head fits; ten thousand connections that sent one are 20 MB until they are idle.
inline constexpr std::size_t kFirstRead = 2 * kKiB;
// A body is read by pieces of this size: large enough that calls do not matter, small enough to hold one for
// each of many uploads.
inline constexpr std::size_t kBodyRead = 32 * kKiB;
// So much of a streamed body waits for its reader; past it the client waits.
inline constexpr std::size_t kBodyWaiting = 256 * kKiB;
// A connection whose buffers were not used for so long gives them back.
inline constexpr std::chrono::milliseconds kReleaseAfter{1000};
// Requests of one connection that are answered before others have their turn.
inline constexpr unsigned kRequestsInARow = 64;
// The method's name: longer than any registered one.
inline constexpr std::size_t kMethodBytes = 32;

// Of a request's id: thousands of requests a millisecond of a server's life, in 256 stretches, a worker each.
inline constexpr unsigned kRequestTimeShift = 15;
inline constexpr unsigned kRequestWorkerShift = 56;

// --- Chunked bodies
// A size of 16 digits is 64 bits; nobody needs more zeros in front.
inline constexpr std::size_t kChunkSizeDigits = 16;
// Extensions mean nothing to us, so a body that is mostly extensions is an attack.
inline constexpr std::size_t kChunkExtensionBytes = 256;
inline constexpr std::size_t kChunkExtensionsBytes = 16 * kKiB;
inline constexpr std::size_t kTrailerBytes = 8 * kKiB;

// --- Writing
// While more than this is unsent, the next pipelined request waits.
inline constexpr std::size_t kUnsentAnswers = 64 * kKiB;
// From here on a body is sent from where it stands rather than copied behind its head.
inline constexpr std::size_t kCopyBody = 16 * kKiB;
// Parts that one call sends: the fewer calls, the more watchers of one change.
inline constexpr std::size_t kPartsInARow = 64;
// The most that a record of TLS holds.
inline constexpr std::size_t kTlsRecord = 16 * kKiB;
// Calls that send for one connection before others have their turn.
inline constexpr int kSendsInARow = 16;

// --- WebSocket
// What a thread receives into for all its WebSockets. Messages are used from there, so that an idle one has
// no buffer, and what a client sends at once is as much as it has of a turn.
inline constexpr std::size_t kWebSocketRead = 32 * kKiB;
// Connections that were sent something from other threads and are seen to before others have their turn.
inline constexpr int kWakesInARow = 64;
// A list of messages that wait keeps memory for so many; idle connections keep none.
inline constexpr std::size_t kKeptMessages = 64;

// --- Time
// How often connections are looked at: this share of the shortest time limit, within bounds.
inline constexpr int kTicksInALimit = 8;
inline constexpr std::chrono::milliseconds kShortestTick{10};
inline constexpr std::chrono::milliseconds kLongestTick{500};
// The least rate of a body is asked over so long, so that a client may pause.
inline constexpr std::chrono::milliseconds kRateWindow{5000};
// A refused client may still be sending: closing at once would make its system drop the answer unread.
inline constexpr std::chrono::milliseconds kLinger{2000};
inline constexpr std::size_t kLingerBytes = std::size_t{16} << 20;
// Sockets that a listener takes before connections have their turn.
inline constexpr int kAcceptsInARow = 64;
inline constexpr int kBacklog = 1024;
// Events of one look at the sockets.
inline constexpr int kEventsInARow = 128;

// --- The client
// How often a blocking call looks whether it was given up.
inline constexpr std::chrono::milliseconds kCancellationLook{100};

}  // namespace quire::net
