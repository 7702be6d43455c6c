#pragma once

#include <rocksdb/options.h>

#include "storage/memory_budget.h"
#include "storage/store.h"

namespace quire::storage {

rocksdb::DBOptions database_options(const RocksBudget& budget, rocksdb::Env* env, int open_files);
rocksdb::ColumnFamilyOptions family_options(Family family, const RocksBudget& budget);

// The column family of a family. RocksDB asks for one named "default" in every database; the documents have
// it.
std::string column_family_name(Family family);

}  // namespace quire::storage
