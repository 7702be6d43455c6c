#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

// What reads and writes answer alike of a document that is not there, or not as it was expected.
namespace quire::database {

inline Error no_document(std::string_view id) {
  return Error(ErrorCode::not_found, "there is no document '" + std::string(id) + "'").at("missing");
}
inline Error deleted_document(std::string_view id) {
  return Error(ErrorCode::not_found, "the document '" + std::string(id) + "' is deleted").at("deleted");
}
inline Error other_revision(std::string_view id) {
  return Error(ErrorCode::conflict, "the document '" + std::string(id) + "' has another revision now");
}
inline Error no_revision(std::string_view id) {
  return Error(ErrorCode::conflict, "there is no document '" + std::string(id) +
                                        "', and so none with the revision that was named");
}

}  // namespace quire::database
