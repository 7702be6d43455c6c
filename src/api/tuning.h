#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::api::tuning {

// A body that comes without a known identity is taken up to here, and only so that the answer reaches clients
// that send all of it first; a larger one is answered without being read.
inline constexpr std::uint64_t kAnonymousBodyBytes = 4 << 10;

// A body up to this size is parsed on the connection's thread: 64 KB take some 60 microseconds, which is what
// handing them to another thread may cost.
inline constexpr std::size_t kInlineBodyBytes = 64 << 10;

// The parameters of a password's hash and of a session bound what a password or key may be; a longer text is
// none. Names are as long as those of databases and collections.
inline constexpr std::size_t kSecretBytes = 1024;
inline constexpr std::size_t kNameBytes = 128;
// Of a list of texts in a request, such as the databases of a key.
inline constexpr std::size_t kFieldTexts = 1000;

// Calls that wait for a password to be hashed: at two at a time and 50 ms each the last one waits for less
// than two seconds. Past it a client is told to come back.
inline constexpr std::uint32_t kWaitingPasswords = 64;
inline constexpr std::uint64_t kPasswordRetryMs = 2000;

// Documents of a listing where the request names no number, and at most; a page ends before it is larger than
// kPageBytes, so that a thousand documents of 8 MB are not gathered in memory.
inline constexpr std::uint64_t kListDefault = 100;
inline constexpr std::uint64_t kListMost = 1000;
inline constexpr std::size_t kPageBytes = 8 << 20;
// A pipeline's documents in one answer, which is gathered in memory: two of the largest.
inline constexpr std::size_t kAggregateBytes = 16 << 20;

// Streamed answers are handed over in pieces of this size: large enough that the cost of a hand-over is not
// seen, small enough that a client's first bytes come at once.
inline constexpr std::size_t kStreamPieceBytes = 64 << 10;
// What is taken at a time of a body that comes packed.
inline constexpr std::size_t kPackedPieceBytes = 16 << 10;

// Documents of one bulk request that is taken whole.
inline constexpr std::size_t kBulkDocuments = 100'000;
// A bulk request in lines, streamed.
inline constexpr std::uint64_t kBulkBytes = 64 << 20;

// Batches of an import: an fsync is shared by so many documents, and by so many bytes at least.
inline constexpr std::size_t kImportBatchDocuments = 500;
inline constexpr std::size_t kImportBatchBytes = 1 << 20;
// Batches that are written while the next ones are parsed: hides the fsync without holding much.
inline constexpr std::size_t kImportBatchesUnderWay = 4;
// Refused records that an import's answer names; the rest are counted.
inline constexpr std::size_t kImportErrorsShown = 20;

// A feed in which nothing happens says so this often, so that proxies and clients do not give it up.
inline constexpr std::chrono::milliseconds kHeartbeat{15'000};
// How often feeds are looked after: whether a client has gone, whether a heartbeat is due. One timer for all.
inline constexpr std::chrono::milliseconds kFeedTick{250};
// Whoever follows as many feeds as one may is told to come back after this: a long poll of others may be
// over.
inline constexpr std::uint64_t kFeedRetryMs = 5000;
// How long a long poll waits where the request names no time, and at most: below the 60 s after which proxies
// give a silent answer up.
inline constexpr std::uint64_t kPollDefaultMs = 30'000;
inline constexpr std::uint64_t kPollMostMs = 55'000;

// An Idempotency-Key is at most this long; a UUID has 36 characters. The engine takes 128, of which an import
// needs some for its batches.
inline constexpr std::size_t kIdempotencyKeyBytes = 100;
// Of parameters in a query, before their names are looked at.
inline constexpr std::size_t kParameters = 64;

// What a client that is told to come back later waits, in seconds.
inline constexpr const char* kRetryAfterSeconds = "1";

// A key-value record keeps so many ancestors: enough for a replica that was away for a few writes.
inline constexpr std::uint64_t kKvRevisionLimit = 8;

// Of a backup's name, which is a folder's.
inline constexpr std::size_t kBackupNameBytes = 128;

// A page of each collection where a Mango sort is over several: ids and keys, so some 20 KB.
inline constexpr std::uint64_t kMergedPageRows = 100;

// How often a read of an attachment begins again when the document moves between looking and reading.
inline constexpr int kAttachmentTries = 8;

// How often an index is put into its design document again where that has changed meanwhile.
inline constexpr int kDesignTries = 8;

// Requests of one WebSocket that are answered at the same time: enough to hide the disk behind each other;
// past it the client is not read, so that what waits is bounded.
inline constexpr std::size_t kSocketRequests = 16;
// Ids of one request, and documents.
inline constexpr std::size_t kSocketIds = 10'000;
// Documents of one request, which are made all or none: as many as one atomic write takes.
inline constexpr std::size_t kSocketDocuments = 4096;

}  // namespace quire::api::tuning
