#pragma once

#include <string_view>

namespace quire::document {

// Whether this names a design document of CouchDB's, which says how the others of its database are read or
// found, and is none of them. In the default collection, that is, the one that CouchDB's surface shows:
// elsewhere it is an id like others.
inline bool is_design_id(std::string_view id) { return id.starts_with("_design/"); }

}  // namespace quire::document
