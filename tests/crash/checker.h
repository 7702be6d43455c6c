#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "database/shard.h"

namespace quire::crash {

// What a round is checked for, and what came out. A finding is a word for its kind, a colon, and a sentence.
struct Report {
  std::vector<std::string> findings;
  std::uint64_t acknowledged = 0;  // changes that the round's worker was told are written
  std::uint64_t lost = 0;          // of these, gone though the level says that they stay
  std::uint64_t given_up = 0;      // of these, gone as the level allows
  std::uint64_t unanswered = 0;    // requests
  std::uint64_t retried = 0;       // requests, by the checker
  std::uint64_t sightings = 0;     // by followers, of all rounds
  std::uint64_t changes = 0;       // in the history
  std::uint64_t unjudged = 0;      // 1 where trimming took what nobody saw, and documents were not compared

  void add(std::string_view kind, const std::string& what) {
    findings.push_back(std::string(kind) + ": " + what);
  }
  std::string to_json() const;
};

// The acknowledged-write checker: holds a shard that was opened again to all that the log says, of the last
// round and of all before it. Writes into the log what it found there, and makes retries of its own.
//
// A worker that was killed, or whose calls failed, loses nothing that it was told of. Where the power was
// cut, what was answered durable=disk is there, and whatever was answered longer before than the promise of
// the lower levels says.
//
//   lost      a write that was acknowledged at its level is not there
//   alien     a change that nobody asked for, that was refused, or that was given up in an earlier round
//   doubled   one edit, two changes
//   torn      a part of an atomic write
//   order     the history has a hole, goes back, or contradicts who was answered before whom asked
//   seen      a follower saw a change that is not there
//   effect    a change is not what its edit makes of the document it found
//   state     documents, trees, texts, counts, indexes or blobs are not what the history makes
//   feed      a feed from some position is not the rest of the history
//   retry     the answer to a retry is not that of the first try
//   broken    a worker saw a contract broken while it ran
//   failed    the check could not be made
Report check_round(database::Shard& shard, const std::string& log_path, std::uint64_t seed);

// The same for a shard's directory.
Report check_directory(const std::string& directory, const std::string& log_path, std::uint64_t seed);

}  // namespace quire::crash
