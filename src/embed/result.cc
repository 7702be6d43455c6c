#include "quire/result.h"

#include "base/error.h"
#include "quire/quire.h"

QUIRE_NAMESPACE_BEGIN

std::string_view name(ErrorCode code) { return quire::name(static_cast<quire::ErrorCode>(code)); }

std::string Error::to_string() const {
  return quire::Error(static_cast<quire::ErrorCode>(code_), message_).at(field_).over(limit_).to_string();
}

std::string_view name(Operation operation) {
  switch (operation) {
    case Operation::insert: return "insert";
    case Operation::update: return "update";
    case Operation::replace: return "replace";
    case Operation::remove: return "remove";
    case Operation::conflict: return "conflict";
    case Operation::create_collection: return "create_collection";
    case Operation::drop_collection: return "drop_collection";
    case Operation::purge: return "purge";
  }
  return "unknown";
}

std::string_view version() { return QUIRE_VERSION; }

QUIRE_NAMESPACE_END
