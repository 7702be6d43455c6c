#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "document/filter.h"

namespace quire::query {

// A document as operators hand it on. The views are valid until the next one is asked for.
struct Row {
  std::string_view id;
  std::string_view body;  // minified, without "_id"
};

// What gives documents one after the other. One thread at a time.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // False at the end. Errors: deadline, cancelled, exhausted (a budget; says which), corrupt, io.
  virtual Result<bool> next(Row& row) = 0;
};

// Opens the documents of other collections, for $lookup and $unionWith; what the caller may not read is not
// there, and a collection that is not there is empty. All from one state of the database.
class RowSources {
 public:
  virtual ~RowSources() = default;
  virtual Result<std::unique_ptr<RowSource>> open(std::string_view collection,
                                                  const document::Filter& filter) = 0;
};

}  // namespace quire::query
