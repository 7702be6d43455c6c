#pragma once

#include <functional>
#include <string>

#include "database/shard.h"

namespace quire::database {

// Compares the entries of all indexes that are ready with the documents, both ways, in one state of the
// shard, and tells of each that differs by how many: its name and that of its collection, but no key and no
// value. Reads all documents of collections with indexes, and holds no more than one of them. Errors: what
// reading meets.
Status check_indexes(Shard& shard, const std::function<void(const std::string&)>& damaged);

}  // namespace quire::database
