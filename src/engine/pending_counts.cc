#include "engine/pending_counts.h"

#include <algorithm>
#include <utility>

#include "engine/tuning.h"

namespace quire::engine {

std::optional<PendingCounts::Count> PendingCounts::take(const Question& question, const Position& position) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.position == position && entry.question == question;
  });
  if (found == entries_.end()) return std::nullopt;
  const Count count = found->count;
  entries_.erase(found);
  return count;
}

void PendingCounts::keep(Question question, const Position& position, Count count) {
  const std::lock_guard lock(mutex_);
  entries_.push_front({std::move(question), position, count});
  if (entries_.size() > tuning::kPendingCounts) entries_.pop_back();
}

}  // namespace quire::engine
