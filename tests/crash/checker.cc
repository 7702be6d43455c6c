#include "checker.h"

#include <random>

#include "database/testing/test_shard.h"
#include "history_check.h"
#include "record.h"
#include "state_check.h"
#include "storage/open.h"

namespace quire::crash {

using database::Sequence;

namespace {

// Of requests that were answered, one in so many is asked again too.
constexpr std::uint64_t kRetryOneOf = 20;

// Asks again for what has a request id: what was not answered, what was lost, and some of the rest.
class Retries {
 public:
  Retries(database::Shard& shard, EventLog& log, const Record& record, const HistoryCheck& before,
          Report& report)
      : shard_(shard), log_(log), record_(record), before_(before), report_(report) {}

  void run(std::uint64_t seed) {
    std::mt19937_64 dice(seed);
    for (const auto& [name, asked] : record_.asked) {
      const bool last_round = asked.round == record_.rounds.back().number;
      if (asked.request.options.request_id.empty() || !last_round) continue;
      if (is_open(asked) || dice() % kRetryOneOf == 0) retry(asked);
    }
  }

 private:
  bool is_open(const Asked& asked) const {
    if (asked.answers.size() < asked.times) return true;
    for (const auto& given : asked.answers) {
      if (given.answer.failed && leaves_open(*given.answer.failed)) return true;
      for (std::size_t i = 0; i < given.answer.rows.size(); ++i) {
        const bool lost = given.answer.rows[i].sequence != 0 && before_.change_of(asked, i) == nullptr;
        if (lost) return true;
      }
    }
    return false;
  }

  void retry(const Asked& asked) {
    ++report_.retried;
    auto options = asked.request.options;
    options.durability = database::Durability::disk;
    log_.add("ask", to_fields(asked.request));
    const auto result = shard_.write(asked.request.edits, options);
    log_.add("answer", to_fields(answer_of(asked.request.name, result)));
    if (!result) {
      // An atomic request that was refused then may be refused again.
      const bool right = asked.request.options.atomic && !leaves_open(result.error().code()) &&
                         result.error().code() != ErrorCode::read_only;
      if (!right) report_.add("retry", asked.request.name + ": " + result.error().to_string());
      return;
    }
    for (std::size_t i = 0; i < result->rows.size(); ++i) compare(asked, i, result->rows[i]);
  }

  void compare(const Asked& asked, std::size_t index, const Result<database::EditResult>& row) {
    const Change* change = before_.change_of(asked, index);
    if (change == nullptr) return;
    const bool same = row && row->sequence == change->sequence && row->id == change->id &&
                      row->revision == change->entry.revision;
    if (same) return;
    report_.add("retry", tag_of(asked.request.name, index) + " is change " +
                             std::to_string(change->sequence) + "; its retry was answered " +
                             (row ? "as change " + std::to_string(row->sequence) : row.error().to_string()));
  }

  database::Shard& shard_;
  EventLog& log_;
  const Record& record_;
  const HistoryCheck& before_;
  Report& report_;
};

void check_once(database::Shard& shard, const Record& record, std::uint64_t seed, Report& report,
                const std::function<void(const HistoryCheck&)>& then) {
  HistoryCheck history(shard, record, report);
  history.run();
  StateCheck(shard, record, history, seed, report).run();
  for (const auto& line : record.broken) report.add("broken", line);
  if (!history.knows_all()) report.unjudged = 1;
  then(history);
}

// What stands now may be trimmed in the next round, before a follower comes by.
void write_down(EventLog& log, const Record& record, const HistoryCheck& history) {
  std::vector<std::string> fields;
  for (const Change& change : history.changes()) {
    if (change.sequence <= record.last_sighting() || change.trimmed) continue;
    fields.push_back(field_of({change.sequence, change.entry.collection, change.entry.operation,
                               change.entry.revision.to_string(), change.id}));
    if (fields.size() < 64) continue;
    log.add("seen", fields);
    fields.clear();
  }
  if (!fields.empty()) log.add("seen", fields);
}

Status check(database::Shard& shard, const std::string& log_path, std::uint64_t seed, Report& report) {
  QUIRE_TRY(const Record record, Record::read(log_path));
  if (record.rounds.empty()) {  // the worker came to nothing
    if (shard.position().sequence != 0) report.add("alien", "there are changes, and the log has no round");
    return ok();
  }
  QUIRE_TRY(const auto log, EventLog::open(log_path));
  check_once(shard, record, seed, report, [&](const HistoryCheck& history) {
    log->add("recovered", {std::to_string(history.last())});
    write_down(*log, record, history);
    Retries(shard, *log, record, history, report).run(seed);
  });
  if (!report.findings.empty()) return ok();
  // Once more, with what the retries added.
  QUIRE_TRY(const Record after, Record::read(log_path));
  Report again;
  check_once(shard, after, seed, again,
             [&](const HistoryCheck& history) { log->add("checked", {std::to_string(history.last())}); });
  report.findings = std::move(again.findings);
  report.unjudged = again.unjudged;
  report.changes = again.changes;
  return ok();
}

}  // namespace

std::string Report::to_json() const {
  const auto member = [](const char* name, std::uint64_t value) {
    return "\"" + std::string(name) + "\":" + std::to_string(value);
  };
  return "{" + member("acknowledged", acknowledged) + "," + member("lost", lost) + "," +
         member("given_up", given_up) + "," + member("unanswered", unanswered) + "," +
         member("retried", retried) + "," + member("sightings", sightings) + "," +
         member("changes", changes) + "," + member("unjudged", unjudged) + "," +
         member("findings", findings.size()) + "}";
}

Report check_round(database::Shard& shard, const std::string& log_path, std::uint64_t seed) {
  Report report;
  if (const Status checked = check(shard, log_path, seed, report); !checked)
    report.add("failed", checked.error().to_string());
  return report;
}

Report check_directory(const std::string& directory, const std::string& log_path, std::uint64_t seed) {
  Report report;
  auto store = storage::open(directory, {});
  if (!store) {
    report.add("failed", "the store does not open: " + store.error().to_string());
    return report;
  }
  const auto verified =
      (*store)->verify([&](const std::string& line) { report.add("state", "verify: " + line); });
  if (!verified) report.add("state", "verify: " + verified.error().to_string());
  database::testing::ShardWorld world;
  auto shard = database::Shard::open(std::move(*store), world.environment(), {});
  if (!shard) {
    report.add("failed", "the shard does not open: " + shard.error().to_string());
    return report;
  }
  Report checked = check_round(**shard, log_path, seed);
  checked.findings.insert(checked.findings.begin(), report.findings.begin(), report.findings.end());
  return checked;
}

}  // namespace quire::crash
