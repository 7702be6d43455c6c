#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// The numbers of this folder, each with its reason.
namespace quire::access::tuning {

// A user's name and an address as they are typed; an address longer than this cannot be delivered to (RFC
// 5321).
inline constexpr std::size_t kNameBytes = 128;
inline constexpr std::size_t kEmailBytes = 254;
inline constexpr std::size_t kLabelBytes = 128;

// Eight is what guessing online cannot get through; past the most a hash of a megabyte would be a way to keep
// the server busy.
inline constexpr std::size_t kPasswordLeast = 8;
inline constexpr std::size_t kPasswordMost = 1024;

// OWASP's least for Argon2id. Below the most, one hash stays under a second on a slow machine and its memory
// does not end the process.
inline constexpr std::uint32_t kMemoryLeastKib = 19 * 1024;
inline constexpr std::uint32_t kMemoryMostKib = 1024 * 1024;
inline constexpr std::uint32_t kPassesLeast = 2;
inline constexpr std::uint32_t kPassesMost = 32;

// What waits for a hash is told to come back after as long as a few hashes take.
inline constexpr std::uint64_t kRetryHashMs = 1000;

// A password that was right is known again for so long without a hash, for clients that send it with every
// request.
inline constexpr std::chrono::minutes kPasswordRemembered{5};

// Characters of the first administrator's password: 24 of 62 are 142 bits.
inline constexpr std::size_t kAdminPasswordLength = 24;

// Of one account. Each stands in the account's record, which is written whole.
inline constexpr std::size_t kKeysEach = 100;
inline constexpr std::size_t kKeyDatabases = 64;
// A login past this ends the session that was used longest ago.
inline constexpr std::size_t kSessionsEach = 32;

// Keys and sessions that are known without SHA-256: sets of four in each lane, half a megabyte in all. More
// lanes than threads that take requests on most machines.
inline constexpr std::size_t kKnownLanes = 8;
inline constexpr std::size_t kKnownSets = 256;
inline constexpr std::size_t kKnownWays = 4;

// A session's end is moved in memory no more often than this, so that threads do not fight over a line of
// cache.
inline constexpr std::int64_t kSlideEveryMs = 1000;
// The same of a reservation's.
inline constexpr std::chrono::milliseconds kHoldSlideEvery{250};

// Wrong passwords that cost nothing but the hash; then the delay doubles from the first to the most. What is
// quiet for as long as the most is forgotten.
inline constexpr std::uint32_t kFreeFailures = 5;
inline constexpr std::chrono::milliseconds kFirstDelay{1000};
inline constexpr std::chrono::milliseconds kMostDelay{15 * 60'000};
// Names and addresses with failures that are remembered, about 150 bytes each; to push one out, an attacker
// has to have as many others hashed.
inline constexpr std::size_t kThrottled = 65'536;
// Attempts of one name that may be under way at once while it has free failures.
inline constexpr std::uint32_t kAttemptsAtOnce = 16;
// Of one address that may: behind it may be an office.
inline constexpr std::uint32_t kAddressAttemptsAtOnce = 64;

// Locks of what is locked by name: more than callers that write at once.
inline constexpr std::size_t kLockStripes = 64;
// Tables that are read with every request are cut into so many, each with a lock of its own.
inline constexpr std::size_t kTableShards = 16;

// Events that wait to be written; past it note() drops the newest, counts them, and says so in the log.
inline constexpr std::size_t kAuditQueue = 16'384;
inline constexpr std::size_t kAuditBatch = 512;
inline constexpr std::chrono::milliseconds kAuditDelay{100};
// Parts of an event that come from outside are cut to this.
inline constexpr std::size_t kAuditTextBytes = 256;
// Months of the log that stay, this one included.
inline constexpr std::size_t kAuditMonths = 13;

// Records that are removed in one batch.
inline constexpr std::size_t kRemoveBatch = 512;

// Revisions that a record remembers. Nothing replicates them.
inline constexpr std::uint64_t kRevisionLimit = 2;

}  // namespace quire::access::tuning
