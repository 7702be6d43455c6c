#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::cli::tuning {

// Documents of a write of the import: one sync pays for so many, and a round of the committer holds several.
inline constexpr std::uint64_t kImportBatch = 500;
// Bytes of such a batch, whatever its documents: with kImportBatches of them an import of large documents
// stays under 64 MiB.
inline constexpr std::size_t kImportBatchBytes = 4 << 20;
// Batches that are read and not yet answered: one that is read, some that are prepared, and as many as the
// committer needs to be busy while the disk syncs.
inline constexpr std::size_t kImportBatches = 8;

// Records that are named on stderr when they are skipped; the rest is only counted.
inline constexpr std::uint64_t kSkippedShown = 20;

// Of an answer of a server that is taken whole: a page of changes with a thousand documents of moderate size.
inline constexpr std::size_t kAnswerBytes = 256 << 20;
// Of an answer that says why not: a sentence, a path and a name.
inline constexpr std::size_t kRefusalBytes = 64 << 10;
// How long a follower waits before it asks again for a server that is away: a restart takes about as long.
inline constexpr std::uint64_t kReconnectMs = 500;
// A backup copies all logs, and on another disk all tables.
inline constexpr std::chrono::hours kBackupTime{24};
// Of a streamed answer, read at once: calls cost nothing beside it.
inline constexpr std::size_t kStreamPieceBytes = 64 << 10;

// Threads that read and write a database of the data directory for a replication.
inline constexpr unsigned kReplicationThreads = 4;

}  // namespace quire::cli::tuning
