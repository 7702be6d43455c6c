#include "base/error.h"

namespace quire {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::exists: return "exists";
    case ErrorCode::precondition: return "precondition";
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::unauthenticated: return "unauthenticated";
    case ErrorCode::forbidden: return "forbidden";
    case ErrorCode::locked: return "locked";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::exhausted: return "exhausted";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::deadline: return "deadline";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::history_lost: return "history_lost";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::read_only: return "read_only";
    case ErrorCode::io: return "io";
    case ErrorCode::not_implemented: return "not_implemented";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

std::string Error::to_string() const {
  std::string text(name(code_));
  text += ": ";
  if (!field_.empty()) text.append(field_).append(": ");
  return text += message_;
}

}  // namespace quire
