#pragma once

#include <string_view>

#include "document/design_id.h"

namespace quire::api::couch {

// Whether this is a design document. They stand in the one collection that this surface shows without a name.
inline bool is_design(std::string_view collection, std::string_view id) {
  return collection == "_default" && document::is_design_id(id);
}

}  // namespace quire::api::couch
