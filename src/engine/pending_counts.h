#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>

#include "engine/caller.h"
#include "engine/position.h"

namespace quire::engine {

// What a page of a feed said of the rows behind it, for the page that is asked for next: a client that pages
// through a history in hundreds asks each time, and counting anew would walk the same rows for each of them.
// Remembered of the last kPendingCounts pages. Any thread.
class PendingCounts {
 public:
  // A feed, and the state of the history that it was counted in.
  struct Question {
    Caller caller = Caller::anonymous();
    std::string feed;    // the database, and what the feed leaves out
    Sequence until = 0;  // of the walk
    Sequence edge = 0;   // of what was trimmed

    friend bool operator==(const Question&, const Question&) = default;
  };
  struct Count {
    std::uint64_t rows = 0;
    bool exact = true;  // false: so many at least
  };

  // What is known of the rows behind the position.
  std::optional<Count> take(const Question& question, const Position& position);
  void keep(Question question, const Position& position, Count count);

 private:
  struct Entry {
    Question question;
    Position position;
    Count count;
  };

  std::mutex mutex_;
  std::list<Entry> entries_;  // guarded by mutex_; the newest first
};

}  // namespace quire::engine
