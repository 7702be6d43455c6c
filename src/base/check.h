#pragma once

namespace quire {

// Ends the process after a line on stderr. Only for defects of ours; never prints document content.
[[noreturn]] void check_failed(const char* message, const char* file, int line);

}  // namespace quire

// An invariant that stays on in release. The message names ids and states, never document content.
#define QUIRE_CHECK(condition, message) \
  (static_cast<bool>(condition) ? void(0) : ::quire::check_failed(message, __FILE__, __LINE__))
