#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker.h"
#include "model.h"
#include "record.h"

namespace quire::crash {

// A change of the history and whose it is.
struct Change {
  database::Sequence sequence = 0;
  std::string id;
  database::HistoryEntry entry;  // its id points into `id`
  bool trimmed = false;          // known from what followers saw and writers were answered
  const Asked* by = nullptr;     // null: a collection's, or nobody's
  std::size_t index = 0;         // of the edit
};

// Reads a shard's history from its beginning, finds the request of each change, and compares all that
// requests were answered and followers saw with what is there. The model it leaves is what the documents must
// be.
//
// Changes that were trimmed are put back from the log. Where it does not know one either, as when it was
// trimmed before anybody could look, the documents of this shard are not judged any more.
class HistoryCheck {
 public:
  HistoryCheck(database::Shard& shard, const Record& record, Report& report)
      : shard_(shard), record_(record), report_(report) {}

  void run();

  const std::deque<Change>& changes() const { return changes_; }
  const Model& model() const { return model_; }
  bool knows_all() const { return unknown_ == 0; }
  database::Sequence last() const { return changes_.empty() ? 0 : changes_.back().sequence; }
  // The change of an edit, or null.
  const Change* change_of(const Asked& asked, std::size_t index) const;

 private:
  using Source = std::pair<const Asked*, std::size_t>;

  bool read_changes();
  bool fill_until(database::Sequence end);
  Change remembered(database::Sequence sequence);
  void index_answers();
  void check_trimmed();
  void index_requests();
  void find_sources();
  Source source_of(const Change& change);
  void claim(Change& change, const Source& source);
  void take_collection(const Change& change);
  unsigned round_of(database::Sequence sequence) const;
  const Change* at(database::Sequence sequence) const;
  bool outlived(const Asked& asked, const Asked::Given& given, const Answer::Row& row) const;

  void check_answers();
  void check_answer(const Asked& asked, const Asked::Given& given, std::size_t index);
  void judge_loss(const Asked& asked, const Asked::Given& given, std::size_t index);
  bool must_survive(const Asked::Given& given) const;
  void check_refused(const Asked& asked, std::size_t index);
  void check_atomic(const Asked& asked);
  void check_order();
  void check_sightings();
  void check_collections();

  database::Shard& shard_;
  const Record& record_;
  Report& report_;
  std::deque<Change> changes_;
  Model model_;
  std::unordered_map<std::string, Source> by_answer_;  // collection, id and revision
  std::unordered_map<std::string, Source> by_tag_;
  std::unordered_map<std::string, std::vector<Source>> by_id_;
  std::map<Source, const Change*> claimed_;
  std::unordered_map<database::Sequence, Sighting> remembered_;
  std::uint64_t unknown_ = 0;
};

}  // namespace quire::crash
