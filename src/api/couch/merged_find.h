#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/queries.h"
#include "engine/sort_keys.h"

namespace quire::api::couch {

// The documents of several collections in one order: each collection answers in that order, page by page, and
// of what they answer the first comes next. Holds a page of ids and keys of each.
class MergedFind {
 public:
  // How far a collection has been read: so many documents of the page behind the cursor.
  struct Reached {
    std::string collection;
    std::string cursor{};  // empty: the first page
    std::uint64_t taken = 0;
  };
  struct Found {
    std::string collection;
    std::string id;
  };
  // Asks for the page of a collection behind a cursor; its rows are whole documents.
  using Ask = std::function<Result<engine::FindEnd>(const std::string& collection, const std::string& cursor,
                                                    const engine::RowSink& sink)>;

  MergedFind(engine::SortKeys keys, std::vector<Reached> reached, Ask ask);

  // None: there are no more. Errors: those of asking.
  Result<std::optional<Found>> next();
  // Where next() goes on, for parse(); empty at the end.
  std::string bookmark() const;

  // None: this is not such a bookmark.
  static std::optional<std::vector<Reached>> parse(std::string_view bookmark);

 private:
  struct Row {
    std::string key;
    std::string couch_id;
    std::string id;
  };
  struct Stretch {
    Reached reached;
    std::vector<Row> page;
    std::string following;  // the cursor of the page behind this one; empty: there is none
    bool asked = false;

    bool ended() const { return asked && reached.taken >= page.size() && following.empty(); }
    const Row& row() const { return page[reached.taken]; }
  };

  // Has a row of the stretch ready, unless it has ended.
  Status fill(Stretch& stretch);
  Status ask(Stretch& stretch);

  const engine::SortKeys keys_;
  const Ask ask_;
  std::vector<Stretch> stretches_;
};

}  // namespace quire::api::couch
