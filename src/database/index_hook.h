#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quire::database {

// Turns a document into the keys under which an index finds it. The core compares the keys of the old and the
// new text and writes the difference in the document's own batch, so an index is never ahead of its documents
// or behind. Const and callable from every thread; the same text must always give the same keys.
class IndexHook {
 public:
  virtual ~IndexHook() = default;
  // Appends the keys of a live document's minified text: order-preserving and self-terminating (the id
  // follows them in the record's key). Duplicates are allowed. An error refuses the write.
  virtual Status keys_of(std::string_view body, std::vector<std::string>& keys) const = 0;
  // True where no two documents may have one key.
  virtual bool unique() const = 0;
};

// Makes the hooks of one kind of index from their stored definitions. Opening a shard that has an index of a
// kind without a maker refuses writes, because they would leave that index behind.
class IndexHookFactory {
 public:
  virtual ~IndexHookFactory() = default;
  virtual std::string_view kind() const = 0;
  virtual Result<std::unique_ptr<IndexHook>> make(std::string_view definition) const = 0;
};

}  // namespace quire::database
