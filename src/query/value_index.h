#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/index_hook.h"
#include "document/collation.h"
#include "query/index_definition.h"

namespace quire::query {

// The index of index_definition.h as the shard asks for it. What stands under a path:
//
// - The path goes through the arrays on its way, into each element; where it ends at an array, each element
// is
//   a value, and an empty array is one itself. A step that is a whole number takes the element of that place;
//   where the array holds objects, whose members may have that name, it leads both ways.
// - A member that is missing, or an element that the path cannot enter, is null.
// - Paths that go through one array go through it together: an entry for each element. Paths that go through
//   different arrays are refused, since their entries would multiply.
//
// So each value that a filter (document/filter.h) looks at under a path has an entry, but an array as a
// whole, which an index knows only where it is empty or an element of another array.
class ValueIndex final : public database::IndexHook {
 public:
  explicit ValueIndex(std::shared_ptr<const IndexDefinition> definition);

  const std::shared_ptr<const IndexDefinition>& definition() const { return definition_; }

  // Errors: invalid (arrays side by side; a place in an array of objects, in a unique index), too_large (a
  // key of more than 8 KiB, or too many of them), both with index, path and document; corrupt.
  Status keys_of(std::string_view id, std::string_view body, database::IndexKeys& found) const override;
  bool unique() const override { return definition_->unique; }
  std::string name() const override { return definition_->name; }
  std::string fields() const override;
  std::string format() const override;
  std::optional<Due> due(WallMs now) const override;
  std::optional<WallMs> due_at(std::string_view key) const override;

 private:
  const std::shared_ptr<const IndexDefinition> definition_;
  std::optional<document::Collation> collation_;
  std::vector<std::string> names_;       // first steps of all paths, each once
  std::vector<std::string_view> views_;  // of names_
  bool wants_id_ = false;
};

// Makes ValueIndexes; the kind "value". What is stored is {"name": ..., "definition": ...}.
class ValueIndexes final : public database::IndexHookFactory {
 public:
  static constexpr std::string_view kKind = "value";

  std::string_view kind() const override { return kKind; }
  Result<std::unique_ptr<database::IndexHook>> make(std::string_view stored) const override;

  static std::string store(const IndexDefinition& definition);
};

}  // namespace quire::query
