#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace quire::database {

// What an index finds a document under. Order-preserving and self-terminating (the id follows a key in the
// record's key); duplicates are allowed.
struct IndexKeys {
  std::vector<std::string> keys;
  // An array was gone through, so that a document may have several entries and an entry does not tell its
  // value. Once a document had such keys the index is marked for good.
  bool multikey = false;

  void clear() {
    keys.clear();
    multikey = false;
  }
};

// Turns a document into the keys under which an index finds it. The core compares the keys of the old and the
// new text and writes the difference in the document's own batch, so an index is never ahead of its documents
// or behind. Const and callable from every thread; the same text must always give the same keys.
class IndexHook {
 public:
  virtual ~IndexHook() = default;
  // Appends the keys of a live document's minified text. An error refuses the write.
  virtual Status keys_of(std::string_view id, std::string_view body, IndexKeys& found) const = 0;
  // True where no two documents may have one key.
  virtual bool unique() const = 0;
  // For messages; may be empty.
  virtual std::string name() const { return {}; }
  // What of a document makes its keys, for messages; may be empty.
  virtual std::string fields() const { return {}; }
  // What keys depend on beside the definition (the version of a collation's order). An index whose entries
  // were made in another format is built anew when its shard is opened.
  virtual std::string format() const { return {}; }

  // Of an index that lets documents expire: the keys in [from, to) are those of documents that are due at
  // `now`; those in [to, end) will be.
  struct Due {
    std::string from;
    std::string to;
    std::string end;
  };
  virtual std::optional<Due> due(WallMs) const { return std::nullopt; }
  // When the document of such a key is due; nullopt: never.
  virtual std::optional<WallMs> due_at(std::string_view) const { return std::nullopt; }
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
