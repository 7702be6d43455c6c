#include "history_check.h"

#include <algorithm>
#include <limits>

namespace quire::crash {

using database::Operation;
using database::Sequence;

namespace {

// What the levels below disk promise: on disk after this, whatever the operating system does.
constexpr std::int64_t kSyncedAfterMs = 50;
// And what a test allows besides, before the waiting that the worker measured.
constexpr std::int64_t kSlackMs = 100;

std::string key_of(database::CollectionId collection, std::string_view id, std::string_view revision) {
  return std::to_string(collection) + '/' + std::string(revision) + '/' + std::string(id);
}

bool is_of_collection(const Change& change) {
  return change.entry.operation == Operation::create_collection ||
         change.entry.operation == Operation::drop_collection;
}

}  // namespace

void HistoryCheck::run() {
  index_requests();
  index_answers();
  if (!read_changes()) return;
  find_sources();
  check_trimmed();
  check_answers();
  check_order();
  check_sightings();
  check_collections();
}

const Change* HistoryCheck::at(Sequence sequence) const {
  if (sequence == 0 || sequence > changes_.size()) return nullptr;
  return &changes_[sequence - 1];
}

const Change* HistoryCheck::change_of(const Asked& asked, std::size_t index) const {
  const auto found = claimed_.find({&asked, index});
  return found == claimed_.end() ? nullptr : found->second;
}

// --- the history, and whose each change is

bool HistoryCheck::read_changes() {
  const auto cursor = shard_.history({});
  std::uint64_t time = 0;
  while (true) {
    const auto entry = cursor->next();
    if (!entry) {
      report_.add("failed", "the history cannot be read: " + entry.error().to_string());
      return false;
    }
    if (!*entry) break;
    const auto& [sequence, change] = **entry;
    if (!fill_until(sequence)) return false;
    if (change.time <= time) report_.add("order", "time goes back at change " + std::to_string(sequence));
    time = change.time;
    Change& kept = changes_.emplace_back(Change{sequence, std::string(change.id), change});
    kept.entry.id = kept.id;
  }
  const Sequence position = shard_.position().sequence;
  if (position < changes_.size()) {
    report_.add("order", "the history ends at " + std::to_string(changes_.size()) + ", the shard at " +
                             std::to_string(position));
  } else if (!fill_until(position + 1)) {
    return false;
  }
  report_.changes = changes_.size();
  return true;
}

// Puts back what was trimmed between the last change and this one. False where there is a hole.
bool HistoryCheck::fill_until(Sequence end) {
  const Sequence first = changes_.size() + 1;
  if (end < first || (end > first && shard_.history_edge() + 1 < end)) {
    report_.add("order", "after change " + std::to_string(first - 1) + " stands " + std::to_string(end));
    return false;
  }
  while (changes_.size() + 1 < end) {
    Change& kept = changes_.emplace_back(remembered(changes_.size() + 1));
    kept.entry.id = kept.id;
    if (!kept.entry.revision && !is_of_collection(kept)) ++unknown_;
  }
  return true;
}

Change HistoryCheck::remembered(Sequence sequence) {
  Change change;
  change.sequence = sequence;
  change.trimmed = true;
  const auto found = remembered_.find(sequence);
  if (found == remembered_.end()) return change;
  change.id = found->second.id;
  change.entry.operation = found->second.operation;
  change.entry.collection = found->second.collection;
  if (auto revision = document::Revision::parse(found->second.revision)) change.entry.revision = *revision;
  return change;
}

// Whether the change of an answer was still there when its round was checked. A sequence that was lost, as
// the level of its write allows, is given to another change.
bool HistoryCheck::outlived(const Asked& asked, const Asked::Given& given, const Answer::Row& row) const {
  const auto round = std::find_if(record_.rounds.begin(), record_.rounds.end(),
                                  [&](const Round& other) { return other.number == asked.round; });
  const auto kept = given.by_checker ? round->checked : round->recovered;
  return !row.failed && row.sequence != 0 && row.sequence <= kept.value_or(row.sequence);
}

// What the log knows of changes.
void HistoryCheck::index_answers() {
  for (const auto& [name, asked] : record_.asked) {
    for (const auto& given : asked.answers) {
      for (std::size_t i = 0; i < given.answer.rows.size(); ++i) {
        const auto& row = given.answer.rows[i];
        if (!outlived(asked, given, row)) continue;
        remembered_[row.sequence] = {row.sequence, asked.request.edits[i].collection, Operation::insert,
                                     row.revision, row.id};
      }
    }
  }
  for (const Sighting& seen : record_.sightings) remembered_[seen.sequence] = seen;
}

// Only what a later change of its document supersedes is trimmed, or what a dropped collection held.
void HistoryCheck::check_trimmed() {
  if (!knows_all()) return;
  for (const Change& change : changes_) {
    if (!change.trimmed || is_of_collection(change)) continue;
    if (!model_.collections().contains(change.entry.collection)) continue;
    if (model_.last_of({change.entry.collection, change.id}) != change.sequence) continue;
    report_.add("order",
                "change " + std::to_string(change.sequence) + " is gone, and is the last of " + change.id);
  }
}

void HistoryCheck::index_requests() {
  for (const auto& [name, asked] : record_.asked) {
    for (std::size_t i = 0; i < asked.request.edits.size(); ++i) {
      by_tag_[tag_of(name, i)] = {&asked, i};
      const auto& edit = asked.request.edits[i];
      by_id_[edit.id].emplace_back(&asked, i);
      if (!edit.path.empty()) {
        by_answer_[key_of(edit.collection, edit.id, edit.path.front().to_string())] = {&asked, i};
      }
      for (const auto& given : asked.answers) {
        if (given.answer.failed || given.answer.rows[i].failed) continue;
        const auto& row = given.answer.rows[i];
        by_answer_[key_of(edit.collection, row.id, row.revision)] = {&asked, i};
      }
    }
  }
}

void HistoryCheck::find_sources() {
  for (Change& change : changes_) {
    if (is_of_collection(change)) {
      take_collection(change);
      continue;
    }
    if (!change.entry.revision) continue;  // nobody knows
    const Source source = source_of(change);
    if (source.first == nullptr) {
      report_.add("alien", "nobody asked for change " + std::to_string(change.sequence) + ", " +
                               change.entry.revision.to_string() + " of " + change.id);
      continue;
    }
    claim(change, source);
    const auto& edit = source.first->request.edits[source.second];
    const std::string tag = tag_of(source.first->request.name, source.second);
    const auto wrong = model_.apply(change.sequence, change.entry, edit, tag, change.trimmed);
    if (!knows_all()) continue;
    for (const auto& line : wrong) report_.add("effect", line);
  }
}

// By an answer; else by the tag in the text; else, where the text is no longer kept, by what the edits of
// that document that were not answered would have made of it.
HistoryCheck::Source HistoryCheck::source_of(const Change& change) {
  const std::string revision = change.entry.revision.to_string();
  const auto answered = by_answer_.find(key_of(change.entry.collection, change.id, revision));
  if (answered != by_answer_.end()) return answered->second;
  const auto text = shard_.get(change.entry.collection, change.id, {.revision = change.entry.revision});
  if (text) {
    const auto tagged = by_tag_.find(std::string(tag_in(text->body)));
    return tagged == by_tag_.end() ? Source{} : tagged->second;
  }
  for (const std::string& id : {change.id, std::string()}) {
    for (const Source& source : by_id_[id]) {
      const auto& [asked, index] = source;
      if (claimed_.contains(source)) continue;
      if (model_.explains(change.entry, asked->request.edits[index], tag_of(asked->request.name, index)))
        return source;
    }
  }
  return {};
}

void HistoryCheck::claim(Change& change, const Source& source) {
  const std::string tag = tag_of(source.first->request.name, source.second);
  change.by = source.first;
  change.index = source.second;
  const auto [known, fresh] = claimed_.try_emplace(source, &change);
  if (!fresh) {
    report_.add("doubled", tag + " is both change " + std::to_string(known->second->sequence) + " and " +
                               std::to_string(change.sequence));
  }
  const unsigned round = round_of(change.sequence);
  if (round != source.first->round) {
    report_.add("alien", tag + " was asked for in round " + std::to_string(source.first->round) +
                             " and came into being in round " + std::to_string(round));
  }
}

void HistoryCheck::take_collection(const Change& change) {
  for (auto& line : model_.apply_collection(change.entry)) report_.add("effect", line);
  const bool drop = change.entry.operation == Operation::drop_collection;
  const bool asked = std::any_of(
      record_.collection_calls.begin(), record_.collection_calls.end(),
      [&](const CollectionCall& call) { return call.drop == drop && call.collection == change.id; });
  if (!asked)
    report_.add("alien", "nobody asked for change " + std::to_string(change.sequence) + " of " + change.id);
}

unsigned HistoryCheck::round_of(Sequence sequence) const {
  for (const Round& round : record_.rounds) {
    if (!round.checked || sequence <= *round.checked) return round.number;
  }
  return 0;
}

// --- answers

void HistoryCheck::check_answers() {
  for (const auto& [name, asked] : record_.asked) {
    if (asked.answers.size() < asked.times) ++report_.unanswered;
    for (std::size_t i = 0; i < asked.request.edits.size(); ++i) {
      for (const auto& given : asked.answers) {
        if (!given.answer.failed && !given.answer.rows[i].failed) check_answer(asked, given, i);
      }
      check_refused(asked, i);
    }
    if (asked.request.options.atomic) check_atomic(asked);
  }
}

void HistoryCheck::check_answer(const Asked& asked, const Asked::Given& given, std::size_t index) {
  const Answer::Row& row = given.answer.rows[index];
  const Round& now = record_.rounds.back();
  const bool judged_now = asked.round == now.number && !now.recovered;
  if (row.sequence == 0) return;
  if (judged_now) ++report_.acknowledged;
  if (given.answer.durable < asked.request.options.durability)
    report_.add("broken", asked.request.name + " was answered below the durability that it asked for");
  const Change* change = at(row.sequence);
  const bool same = change != nullptr && change->by == &asked && change->index == index &&
                    change->id == row.id && change->entry.revision.to_string() == row.revision;
  if (same) return;
  if (judged_now) return judge_loss(asked, given, index);
  // Of an earlier round, or a retry: what was there when that round was over is there for good.
  if (!outlived(asked, given, row)) return;
  ++report_.lost;
  report_.add("lost", tag_of(asked.request.name, index) + " was there as change " +
                          std::to_string(row.sequence) + " and is no longer");
}

void HistoryCheck::judge_loss(const Asked& asked, const Asked::Given& given, std::size_t index) {
  const Answer::Row& row = given.answer.rows[index];
  const Change* elsewhere = change_of(asked, index);
  const std::string tag = tag_of(asked.request.name, index);
  if (elsewhere != nullptr) {
    report_.add("order", tag + " was answered as change " + std::to_string(row.sequence) + " and is " +
                             std::to_string(elsewhere->sequence));
  } else if (row.sequence <= last()) {
    report_.add("order", tag + " was answered as change " + std::to_string(row.sequence) +
                             ", which is another's, and is not there");
  }
  if (elsewhere != nullptr) return;
  if (!must_survive(given)) {
    ++report_.given_up;
    return;
  }
  ++report_.lost;
  const std::int64_t before_us = record_.rounds.back().end_us - given.time_us;
  report_.add("lost", tag + " was acknowledged as change " + std::to_string(row.sequence) + ", durable=" +
                          std::string(name(given.answer.durable)) + ", " + std::to_string(before_us) +
                          " us before the end; the last that is there is " + std::to_string(last()));
}

bool HistoryCheck::must_survive(const Asked::Given& given) const {
  const Round& round = record_.rounds.back();
  if (given.answer.durable == database::Durability::disk) return true;
  if (!round.cut && given.answer.durable == database::Durability::os) return true;
  const std::int64_t allowed_ms = kSyncedAfterMs + kSlackMs + 4 * round.late_ms;
  // What a failed fsync should have covered nobody brings to the disk but who opens the shard again.
  return round.failed_us.value_or(round.end_us) - given.time_us > allowed_ms * 1000;
}

void HistoryCheck::check_refused(const Asked& asked, std::size_t index) {
  const Change* change = change_of(asked, index);
  if (change == nullptr || asked.answers.size() < asked.times) return;
  for (const auto& given : asked.answers) {
    const auto& failed = given.answer.failed ? given.answer.failed : given.answer.rows[index].failed;
    if (!failed || leaves_open(*failed)) return;
  }
  report_.add("alien", tag_of(asked.request.name, index) + " was refused and is change " +
                           std::to_string(change->sequence));
}

void HistoryCheck::check_atomic(const Asked& asked) {
  std::vector<const Change*> there;
  for (std::size_t i = 0; i < asked.request.edits.size(); ++i) {
    if (const Change* change = change_of(asked, i)) there.push_back(change);
  }
  if (there.empty()) return;
  bool together = there.size() == asked.request.edits.size();
  for (std::size_t i = 1; i < there.size(); ++i)
    together = together && there[i]->sequence == there[i - 1]->sequence + 1;
  if (together) return;
  report_.add("torn", asked.request.name + " is atomic; " + std::to_string(there.size()) + " of " +
                          std::to_string(asked.request.edits.size()) +
                          " edits are there, or others between them");
}

// A change that was answered before another was asked for comes first.
void HistoryCheck::check_order() {
  std::size_t first_answer = std::numeric_limits<std::size_t>::max();
  Sequence answered = 0;
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    if (change->by == nullptr) continue;
    if (change->by->first_at > first_answer) {
      report_.add("order", tag_of(change->by->request.name, change->index) + ", change " +
                               std::to_string(change->sequence) + ", was asked for after change " +
                               std::to_string(answered) + " was answered");
    }
    for (const auto& given : change->by->answers) {
      if (given.answer.failed || given.at >= first_answer) continue;
      const auto& row = given.answer.rows[change->index];
      if (row.sequence != change->sequence || !outlived(*change->by, given, row)) continue;
      first_answer = given.at;
      answered = change->sequence;
    }
  }
}

// --- what others saw

void HistoryCheck::check_sightings() {
  report_.sightings = record_.sightings.size();
  for (const Sighting& seen : record_.sightings) {
    const Change* change = at(seen.sequence);
    if (change != nullptr && change->id == seen.id && change->entry.collection == seen.collection &&
        change->entry.revision.to_string() == seen.revision) {
      continue;
    }
    report_.add("seen", "a follower saw change " + std::to_string(seen.sequence) + ", " + seen.revision +
                            " of " + seen.id +
                            (change == nullptr ? ", and it is gone" : ", and it is another now"));
  }
}

void HistoryCheck::check_collections() {
  for (const CollectionCall& call : record_.collection_calls) {
    if (call.answer.empty() || call.answer.starts_with('!')) continue;
    const bool there = std::any_of(changes_.begin(), changes_.end(), [&](const Change& change) {
      const auto wanted = call.drop ? Operation::drop_collection : Operation::create_collection;
      const bool same_number = call.drop || std::to_string(change.entry.collection) == call.answer;
      return change.entry.operation == wanted && change.id == call.collection && same_number;
    });
    if (!there)
      report_.add("lost", std::string(call.drop ? "dropping" : "making") + " collection " + call.collection);
  }
}

}  // namespace quire::crash
