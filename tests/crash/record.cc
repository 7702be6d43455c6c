#include "record.h"

#include <algorithm>

namespace quire::crash {

namespace {
const std::string& field(const Event& event, std::size_t index) {
  static const std::string none;
  return index < event.fields.size() ? event.fields[index] : none;
}
}  // namespace

std::string field_of(const Sighting& sighting) {
  return std::to_string(sighting.sequence) + '/' + std::to_string(sighting.collection) + '/' +
         std::to_string(static_cast<int>(sighting.operation)) + '/' + sighting.revision + '/' + sighting.id;
}

Result<Record> Record::read(const std::string& path) {
  QUIRE_TRY(const auto events, read_events(path));
  Record record;
  for (std::size_t at = 0; at < events.size(); ++at) QUIRE_TRY_STATUS(record.take(events[at], at));
  return record;
}

Status Record::take(const Event& event, std::size_t at) {
  if (event.kind == "round") {
    rounds.emplace_back().number = static_cast<unsigned>(to_number(field(event, 0)));
    return ok();
  }
  if (rounds.empty()) return ok();
  if (event.kind == "recovered") {
    round().recovered = to_number(field(event, 0));
  } else if (event.kind == "checked") {
    round().checked = to_number(field(event, 0));
  } else if (!round().recovered && !round().cut) {
    round().end_us = event.time_us;
    round().cut = event.kind == "cut";
  }
  if (event.kind == "opened") round().failed_us.reset();
  // Where the disk fails while a shard is closed, only the next open tells.
  const bool failed = (event.kind == "closed" && field(event, 0) == "failed") || event.kind == "unopened";
  if (failed && !round().failed_us) round().failed_us = last_taken_us_;
  if (event.kind == "ask") return take_ask(event, at);
  if (event.kind == "answer") return take_answer(event, at);
  if (event.kind == "seen") take_sightings(event);
  if (event.kind == "broken") broken.push_back(field(event, 0));
  if (event.kind == "late") {
    round().late_ms = std::max(round().late_ms, static_cast<std::int64_t>(to_number(field(event, 0))));
  }
  if (event.kind == "create" || event.kind == "drop")
    collection_calls.push_back({field(event, 1), event.kind == "drop", {}});
  if (event.kind == "created" || event.kind == "dropped") {
    // A thread's calls follow each other, but those of several threads mix.
    for (auto& call : collection_calls) {
      const bool same = call.drop == (event.kind == "dropped") && call.collection == field(event, 1);
      if (same) call.answer = field(event, 2);
    }
  }
  return ok();
}

Status Record::take_ask(const Event& event, std::size_t at) {
  Asked& request = asked[field(event, 0)];
  if (request.times++ > 0) return ok();
  request.round = round().number;
  request.first_at = at;
  QUIRE_TRY(request.request, request_from(event.fields));
  return ok();
}

Status Record::take_answer(const Event& event, std::size_t at) {
  QUIRE_TRY(auto answer, answer_from(event.fields));
  const auto request = asked.find(answer.request);
  if (request == asked.end()) return Error(ErrorCode::invalid, "an answer in the log that nobody asked for");
  const std::size_t edits = request->second.request.edits.size();
  if (!answer.failed && answer.rows.size() != edits)
    return Error(ErrorCode::invalid, answer.request + " was answered with another number of rows");
  if (!answer.failed) last_taken_us_ = event.time_us;
  request->second.answers.push_back({std::move(answer), at, event.time_us, round().recovered.has_value()});
  return ok();
}

void Record::take_sightings(const Event& event) {
  for (const std::string& text : event.fields) {
    auto parts = split(text, '/', 5);
    parts.resize(5);
    sightings.push_back({to_number(parts[0]), static_cast<database::CollectionId>(to_number(parts[1])),
                         static_cast<database::Operation>(to_number(parts[2])), std::move(parts[3]),
                         std::move(parts[4])});
  }
}

}  // namespace quire::crash
