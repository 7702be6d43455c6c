#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "event_log.h"
#include "request.h"

namespace quire::crash {

// What a log says of one request: how often it was asked, and each answer.
struct Asked {
  struct Given {
    Answer answer;
    std::size_t at = 0;  // which event
    std::int64_t time_us = 0;
    bool by_checker = false;  // a retry after the restart
  };
  Request request;
  unsigned round = 0;
  std::size_t first_at = 0;  // which event
  unsigned times = 0;
  std::vector<Given> answers;
};

// A collection that was to be made or dropped.
struct CollectionCall {
  std::string collection;
  bool drop = false;
  std::string answer;  // a number, "ok", "!" and an error, or nothing
};

// A change that a follower of the history saw.
struct Sighting {
  database::Sequence sequence = 0;
  database::CollectionId collection = 0;
  database::Operation operation = database::Operation::insert;
  std::string revision;
  std::string id;
};

std::string field_of(const Sighting& sighting);

// A round: a worker's life or lives, what ended them, and the check.
struct Round {
  unsigned number = 0;
  std::int64_t end_us = 0;   // the power cut, or the last event of the worker
  std::int64_t late_ms = 0;  // the longest that the worker's process waited to be scheduled
  bool cut = false;
  // The last write that was taken in a life which a failing disk ended, and which none that opened followed.
  std::optional<std::int64_t> failed_us;
  std::optional<database::Sequence> recovered;  // the last sequence that was there after the restart
  std::optional<database::Sequence> checked;    // and after the checker's own retries
};

// A log, read.
struct Record {
  static Result<Record> read(const std::string& path);

  std::map<std::string, Asked> asked;  // by name
  std::vector<CollectionCall> collection_calls;
  std::deque<Sighting> sightings;
  std::vector<Round> rounds;
  std::vector<std::string> broken;  // contracts, as the workers saw it

  database::Sequence last_sighting() const { return sightings.empty() ? 0 : sightings.back().sequence; }

 private:
  Status take(const Event& event, std::size_t at);
  Status take_ask(const Event& event, std::size_t at);
  Status take_answer(const Event& event, std::size_t at);
  void take_sightings(const Event& event);
  Round& round() { return rounds.back(); }

  std::int64_t last_taken_us_ = 0;
};

}  // namespace quire::crash
