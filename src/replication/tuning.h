#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::replication {

// --- Batches
// A page of changes. A thousand rows of the smallest documents are some 300 KB on the way and one fsync at
// the target; more would only make what is repeated after a crash larger.
inline constexpr std::uint32_t kFirstBatchRows = 200;
inline constexpr std::uint32_t kMostBatchRows = 1000;
inline constexpr std::uint32_t kLeastBatchRows = 1;
// A batch that took longer is followed by a smaller one: what a crash repeats, and how soon a cancellation is
// felt, are counted in time. A quicker one by a larger.
inline constexpr std::chrono::milliseconds kLongBatch{5'000};
inline constexpr std::chrono::milliseconds kQuickBatch{1'000};
// So much in one batch makes the next one smaller, and lets a checkpoint be written.
inline constexpr std::uint64_t kBatchBytes = 8ULL << 20;
// Batches whose changes are read before the first of them is written.
inline constexpr std::size_t kBatchesAhead = 2;
// Revisions that one question after the missing ones names: a document may have thousands of leaves.
inline constexpr std::size_t kMissingRevisions = 4'000;

// --- Requests
// Fetches under way at a time: enough to fill a link with 100 ms of delay at some MB/s.
inline constexpr unsigned kFetchesInFlight = 4;
// What one fetch asks for; the answer may be a document larger (8 MB are allowed).
inline constexpr std::size_t kFetchRevisions = 250;
inline constexpr std::uint64_t kFetchBytes = 1ULL << 20;
// Revisions that are fetched and not yet written; no fetch begins past it.
inline constexpr std::uint64_t kHeldBytes = 8ULL << 20;
// One write: a group of these is one fsync at the target.
inline constexpr std::uint64_t kWriteBytes = 2ULL << 20;
inline constexpr std::size_t kWriteRevisions = 1'000;
// A call that has shown no progress for so long is given up.
inline constexpr std::chrono::milliseconds kCallTime{60'000};
// How long a source may hold back its answer while there is nothing: below what proxies cut.
inline constexpr std::chrono::milliseconds kWaitForMore{25'000};
// Pieces of attachments on their way.
inline constexpr std::size_t kPieceBytes = 64 << 10;

// --- Answers of others
// A document may nest 64 deep, and stands some levels down in an answer.
inline constexpr std::uint32_t kAnswerDepth = 80;
// Of a page of changes: documents with thousands of leaves have 50 bytes for each.
inline constexpr std::uint64_t kChangesBytes = 32ULL << 20;
// Of documents that were asked for: several of 8 MB at most.
inline constexpr std::uint64_t kDocumentsBytes = 32ULL << 20;
// Of everything else.
inline constexpr std::uint64_t kSmallAnswerBytes = 4ULL << 20;
// Ancestors that come with a revision. Trees with 5,000 are met; one of a million is an attack.
inline constexpr std::size_t kPathRevisions = 100'000;
inline constexpr std::size_t kAttachmentNameBytes = 4 << 10;
// Of one document by itself: two of them for each fetch under way are what answers to _bulk_get may be.
inline constexpr std::uint64_t kOneDocumentBytes = 16ULL << 20;
inline constexpr std::size_t kDocumentsInFlight = 2;
// Documents that one fetch asks for by themselves: at two seconds each it is over before it counts as stuck.
inline constexpr std::size_t kDocumentsOneByOne = 32;
// Of revisions in a target: what old servers take of one is 8 KB.
inline constexpr std::size_t kTargetRevisionBytes = 6'000;
// Documents that the first question for bodies names; then as many as fit, going by what came.
inline constexpr std::size_t kFirstDocuments = 50;

// --- Questions of others
// Of the exchange: a write of 2 MB, or of one document of 8 MB with its ancestors.
inline constexpr std::uint64_t kQuestionBytes = 32ULL << 20;

// Messages of the exchange from this size on are packed: of less there is little to save.
inline constexpr std::size_t kPackFrom = 400;

// --- Again
// A restart of the peer is over in a second; one that is gone is asked once a minute.
inline constexpr std::chrono::milliseconds kFirstBackoff{250};
inline constexpr std::chrono::milliseconds kLongestBackoff{60'000};
// A one-shot replication gives up after so many failures in a row: some four minutes.
inline constexpr unsigned kOneShotFailures = 10;
// A history that is lost time and again, without a batch in between, is a source that does not work.
inline constexpr unsigned kResetsInARow = 3;

// Bytes of a session's name, drawn.
inline constexpr std::size_t kSessionRandomBytes = 16;

// --- Checkpoints
// Small batches (a live edit each) share a checkpoint for so long.
inline constexpr std::chrono::milliseconds kCheckpointInterval{1'000};
// Entries of a record: the newest eight as they are, then ever fewer.
inline constexpr std::size_t kCheckpointEntries = 32;
inline constexpr std::size_t kDenseEntries = 8;
// A position of a CouchDB cluster has some hundred bytes for each shard.
inline constexpr std::size_t kPositionBytes = 16 << 10;
inline constexpr std::size_t kCheckpointBytes = 1 << 20;
// CouchDB's and ours have 32 digits.
inline constexpr std::size_t kSessionBytes = 256;

// --- Reports
inline constexpr std::size_t kKeptFailures = 100;

// --- Scopes
inline constexpr std::size_t kScopeIds = 10'000;

}  // namespace quire::replication
