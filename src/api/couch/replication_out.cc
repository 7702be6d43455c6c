#include "api/couch/replication_out.h"

#include <cstdio>
#include <ctime>
#include <vector>

#include "api/couch/error.h"
#include "document/extended_json.h"

namespace quire::api::couch {

namespace {

using replication::CheckpointEntry;
using replication::Progress;
using replication::RunState;

void print_sequence(ObjectOut& object, std::string_view name, std::string_view position) {
  if (position.empty()) return object.number(name, 0);
  object.text(name, position);
}

void print_counts(ObjectOut& object, const Progress& progress) {
  object.number("revisions_checked", progress.missing_checked);
  object.number("missing_revisions_found", progress.missing_found);
  object.number("docs_read", progress.documents_read);
  object.number("docs_written", progress.documents_written);
  if (progress.pending) {
    object.number("changes_pending", *progress.pending);
  } else {
    object.raw("changes_pending", "null");
  }
  object.number("doc_write_failures", progress.failures);
  print_sequence(object, "checkpointed_source_seq", progress.recorded);
}

// One life of a replicator.
struct Session {
  std::string_view name;
  WallMs began_ms = 0;
  WallMs ended_ms = 0;
  std::string_view from;
  std::string_view to;
  std::uint64_t checked = 0, found = 0, read = 0, written = 0, failures = 0;
};

void print_session(const Session& session, std::string& out) {
  ObjectOut object(out);
  object.text("session_id", session.name);
  object.text("start_time", http_date(session.began_ms));
  object.text("end_time", http_date(session.ended_ms));
  print_sequence(object, "start_last_seq", session.from);
  print_sequence(object, "end_last_seq", session.to);
  print_sequence(object, "recorded_seq", session.to);
  object.number("missing_checked", session.checked);
  object.number("missing_found", session.found);
  object.number("docs_read", session.read);
  object.number("docs_written", session.written);
  object.number("doc_write_failures", session.failures);
  object.end();
}

// Of a record's entries, newest first, with several of one session.
std::vector<Session> sessions_of(const std::vector<CheckpointEntry>& entries) {
  std::vector<Session> sessions;
  for (const CheckpointEntry& entry : entries) {
    if (!sessions.empty() && sessions.back().name == entry.session) {
      sessions.back().began_ms = entry.time_ms;
      continue;
    }
    if (!sessions.empty()) sessions.back().from = entry.recorded;
    sessions.push_back({.name = entry.session,
                        .began_ms = entry.time_ms,
                        .ended_ms = entry.time_ms,
                        .from = {},
                        .to = entry.recorded,
                        .checked = entry.missing_checked,
                        .found = entry.missing_found,
                        .read = entry.documents_read,
                        .written = entry.documents_written,
                        .failures = entry.failures});
  }
  return sessions;
}

}  // namespace

std::string http_date(WallMs ms) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return {};
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 kDays[parts.tm_wday], parts.tm_mday, kMonths[parts.tm_mon],
                                 parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text, static_cast<std::size_t>(size)};
}

std::string whole_date(WallMs ms) { return document::iso_date(ms - ms % 1000).value_or(""); }

std::string_view scheduler_state(const engine::ReplicationStatus& status) {
  if (status.retry_ms != 0) return "crashing";
  switch (status.progress.state) {
    case RunState::opening: return "initializing";
    case RunState::running:
    case RunState::idle: return "running";
    case RunState::retrying: return "crashing";
    case RunState::finished: return "completed";
    case RunState::failed:
    case RunState::cancelled: return "failed";
  }
  return "failed";
}

std::uint64_t error_count(const engine::ReplicationStatus& status) {
  return status.failures + (status.progress.state == RunState::retrying ? status.progress.retries : 0);
}

void print_info(const engine::ReplicationStatus& status, std::string& out) {
  ObjectOut object(out);
  print_counts(object, status.progress);
  print_sequence(object, "source_seq", status.progress.reached);
  print_sequence(object, "through_seq", status.progress.reached);
  if (status.progress.last_error) object.text("error", words_of(*status.progress.last_error).reason);
  object.end();
}

void print_stats(const engine::ReplicationStatus& status, std::string& out) {
  ObjectOut object(out);
  print_counts(object, status.progress);
  object.text("start_time", whole_date(status.created_ms));
  object.end();
}

void print_result(const engine::ReplicationStatus& status, std::string& out) {
  const Progress& progress = status.progress;
  ObjectOut object(out);
  object.flag("ok", true);
  if (progress.checkpoints == 0) object.flag("no_changes", true);
  object.text("session_id", progress.session);
  print_sequence(object, "source_last_seq", progress.reached);
  object.number("replication_id_version", 4);
  std::string& history = object.member("history");
  history.push_back('[');
  Separator separator;
  if (progress.checkpoints != 0) {
    separator.before(history);
    print_session({.name = progress.session,
                   .began_ms = progress.began_ms,
                   .ended_ms = progress.recorded_ms,
                   .from = progress.began,
                   .to = progress.recorded,
                   .checked = progress.missing_checked,
                   .found = progress.missing_found,
                   .read = progress.documents_read,
                   .written = progress.documents_written,
                   .failures = progress.failures},
                  history);
  }
  if (progress.before) {
    for (const Session& session : sessions_of(*progress.before)) {
      separator.before(history);
      print_session(session, history);
    }
  }
  history.push_back(']');
  object.end();
}

}  // namespace quire::api::couch
