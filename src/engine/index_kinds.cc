#include "engine/index_kinds.h"

#include "query/value_index.h"

namespace quire::engine {

std::vector<const database::IndexHookFactory*> index_kinds() {
  static const query::ValueIndexes values;
  return {&values};
}

}  // namespace quire::engine
