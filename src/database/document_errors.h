#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

// What reads and writes answer alike of a document that is not there.
namespace quire::database {

inline Error no_document(std::string_view id) {
  return Error(ErrorCode::not_found, "there is no document '" + std::string(id) + "'").at("missing");
}
inline Error deleted_document(std::string_view id) {
  return Error(ErrorCode::not_found, "the document '" + std::string(id) + "' is deleted").at("deleted");
}

}  // namespace quire::database
