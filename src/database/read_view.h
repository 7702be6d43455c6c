#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "database/document_cache.h"
#include "database/index_hook.h"
#include "database/types.h"
#include "document/revision.h"

namespace quire::database {

// Which way a walk goes: `from` and `to` keep their places, a backward one begins at `to`.
enum class Walk : std::uint8_t { forward, backward };

// Ids to walk over; an empty bound is none.
struct IdRange {
  std::string from{};  // inclusive
  std::string to{};    // exclusive
  Walk walk = Walk::forward;
};

// Keys of an index to walk over, as its hook made them.
struct EntryRange {
  std::string from{};  // inclusive
  std::string to{};    // exclusive; empty: to the last
  Walk walk = Walk::forward;
};

// Walks the live documents of a collection in the order of ids. Views are valid until the next move.
class DocumentCursor {
 public:
  virtual ~DocumentCursor() = default;
  // Moves to the next one, at first to the first; false at the end.
  virtual Result<bool> advance() = 0;
  virtual std::string_view id() const = 0;
  virtual std::string_view body() const = 0;  // minified, without reserved members
  // Read from the record when it is asked for.
  virtual Result<document::Revision> revision() const = 0;
};

// Walks the entries of an index in the order of keys, and of ids under one key. Views are valid until the
// next move.
class IndexCursor {
 public:
  virtual ~IndexCursor() = default;
  virtual Result<bool> advance() = 0;
  // Passes over entries, as if the walk began anew at this bound: forward, the next advance() comes to the
  // first entry whose key is not below `key`; backward, to the last one whose key is below it. So all entries
  // of a key are passed over by keys::after_prefix() of it, or backward by the key itself. Never goes back.
  virtual void skip_to(std::string_view key) = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view id() const = 0;
};

// An index of a view's collection that queries may use: complete in the view.
struct ViewIndex {
  std::uint32_t id = 0;
  std::string_view kind;  // lives as long as the view
  std::shared_ptr<const IndexHook> hook;
  // Some document of the view has, or had, keys by way of an array (IndexKeys::multikey).
  bool multikey = false;
};

// One state of a shard: documents and index entries agree in it. Keeps old versions alive: hold it for the
// length of a call. One thread at a time; destroyed after its cursors and before its shard.
class ReadView {
 public:
  virtual ~ReadView() = default;
  // Every change up to here is in it, and none behind.
  virtual Sequence sequence() const = 0;
  // A live document; nullopt where there is none. The head record owns the bytes.
  struct Found {
    std::string_view body;
    document::Revision revision;
    RecordRef record;
  };
  virtual Result<std::optional<Found>> get(CollectionId collection, std::string_view id) = 0;
  virtual std::unique_ptr<DocumentCursor> documents(CollectionId collection, const IdRange& range) = 0;
  // What was dropped since is still here.
  virtual std::vector<ViewIndex> indexes(CollectionId collection) const = 0;
  virtual std::unique_ptr<IndexCursor> entries(std::uint32_t index, const EntryRange& range) = 0;
  virtual Result<bool> has_entry(std::uint32_t index, std::string_view key, std::string_view id) = 0;
};

}  // namespace quire::database
