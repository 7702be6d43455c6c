#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/index_hook.h"
#include "database/read_view.h"
#include "query/cursor.h"
#include "query/row_source.h"
#include "query/watch.h"

// Where the documents of a query come from: walks over ids, over entries of an index, and what is put
// together of those. What a source gives out may be more than the filter finds, never less, and no document
// twice.
namespace quire::query {

// Which documents the caller may see; empty: all.
using Visible = std::function<bool(std::string_view id, std::string_view body)>;

// The documents of a query, of one collection in one state. What it refers to outlives the sources.
struct Documents {
  database::ReadView& view;
  database::CollectionId collection;
};

// A source that a later page can go on from.
class PlacedSource : public RowSource {
 public:
  // Where the row that was given last stands.
  virtual CursorPlace place() const = 0;
};

// All documents, or those of a range of ids.
std::unique_ptr<PlacedSource> walk_ids(const Documents& documents, const database::IdRange& range,
                                       Watch& watch);
// These documents, in the order in which they are named.
std::unique_ptr<PlacedSource> look_up_ids(const Documents& documents, std::vector<std::string> ids,
                                          Watch& watch);

// Keys of an index: [from, to); `to` empty: to the last.
struct KeySpan {
  std::string from;
  std::string to;
  bool contains(std::string_view key) const { return key >= from && (to.empty() || key < to); }
};

struct EntryWalk {
  std::uint32_t index = 0;
  std::string name;            // of the index, as a place says it
  std::vector<KeySpan> spans;  // ascending, none meets another
  bool backward = false;       // keys fall; ids of one key rise all the same
  // Makes the keys of a document where it may stand under several of the spans; it is then given at the first
  // of them. Null: it cannot.
  std::shared_ptr<const database::IndexHook> keys;
  std::optional<CursorPlace> after;  // go on behind this key and id
};

// Walks entries without their documents.
class EntrySource {
 public:
  virtual ~EntrySource() = default;
  virtual Result<bool> next() = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view id() const = 0;
};
std::unique_ptr<EntrySource> walk_entries(const Documents& documents, const EntryWalk& walk, Watch& watch);
// And with them.
std::unique_ptr<PlacedSource> walk_index(const Documents& documents, const EntryWalk& walk, Watch& watch);

// The ids of its entries, with empty bodies, of a walk that needs no keys of documents.
std::unique_ptr<PlacedSource> walk_index_alone(const Documents& documents, const EntryWalk& walk,
                                               Watch& watch);

// Each document that one of the parts finds, once: at the first part whose filter it matches.
struct Part {
  std::unique_ptr<PlacedSource> source;
  document::Filter filter;
};
std::unique_ptr<PlacedSource> join_parts(std::vector<Part> parts, unsigned first);

// The rows that the caller may see and the filter finds.
std::unique_ptr<PlacedSource> keep_matching(std::unique_ptr<PlacedSource> input, Visible visible,
                                            const document::Filter& filter);

}  // namespace quire::query
