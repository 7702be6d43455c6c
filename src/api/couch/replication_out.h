#pragma once

#include <string>
#include <string_view>

#include "api/json_out.h"
#include "engine/replications.h"

// How replications read in answers.
namespace quire::api::couch {

// "Thu, 26 Nov 2026 09:10:00 GMT", as histories have it.
std::string http_date(WallMs ms);
// "2026-11-26T09:10:00Z"
std::string whole_date(WallMs ms);

// As the scheduler names it: initializing, running, crashing, failed or completed.
std::string_view scheduler_state(const engine::ReplicationStatus& status);
inline bool is_over(const engine::ReplicationStatus& status) {
  const std::string_view state = scheduler_state(status);
  return state == "completed" || state == "failed";
}
// Failures in a row, of its starts and of the sides while it runs.
std::uint64_t error_count(const engine::ReplicationStatus& status);

// Appends the counts, and what went wrong last, as an object.
void print_info(const engine::ReplicationStatus& status, std::string& out);
// The same as `_replication_stats` of a document.
void print_stats(const engine::ReplicationStatus& status, std::string& out);
// What a one-shot replication answers when it is done.
void print_result(const engine::ReplicationStatus& status, std::string& out);

}  // namespace quire::api::couch
