#include "engine/candidates.h"

#include "document/arena.h"
#include "document/extended_json.h"

namespace quire::engine {

namespace {

using document::FilterNode;
using document::FilterOperator;

const FilterNode* find_id(const FilterNode& node) {
  if (node.op == FilterOperator::all_of) {
    for (const FilterNode& child : node.children) {
      if (const FilterNode* found = find_id(child)) return found;
    }
    return nullptr;
  }
  if (node.op != FilterOperator::equal || node.path.steps().size() != 1) return nullptr;
  return node.path.steps()[0].name == "_id" ? &node : nullptr;
}

}  // namespace

std::optional<std::string> id_of(const document::Filter& filter) {
  const FilterNode* const node = find_id(filter.root());
  if (node == nullptr || node->operands.empty()) return std::nullopt;
  const document::TypedValue& value = *node->operands.front();
  if (value.type() == document::Type::string) return std::string(value.string());
  if (value.type() == document::Type::object_id) return std::string(value.object_id());
  return std::nullopt;
}

Result<std::optional<std::string>> find_one(database::Shard& shard, database::CollectionId collection,
                                            const document::Filter& filter, const Visible& visible,
                                            const CallLimits& limits) {
  document::Arena scratch;
  const auto takes = [&](std::string_view id, std::string_view body) -> Result<bool> {
    QUIRE_TRY(const bool matches, filter.matches_text(body, id, scratch));
    return matches && visible(id, body);
  };
  if (const auto id = id_of(filter)) {
    auto found = shard.get(collection, *id);
    if (!found && found.error().code() == ErrorCode::not_found) return std::optional<std::string>();
    if (!found) return std::move(found).error();
    QUIRE_TRY(const bool taken, takes(*id, found->body));
    return taken ? id : std::nullopt;
  }
  std::optional<std::string> first;
  Status read = ok();
  QUIRE_TRY_STATUS(shard.list(collection, {}, limits,
                              [&](std::string_view id, const database::StoredDocument& document) {
                                const auto taken = takes(id, document.body);
                                if (!taken) read = taken.error();
                                if (taken && *taken) first = std::string(id);
                                return read.has_value() && !first;
                              }));
  QUIRE_TRY_STATUS(read);
  return first;
}

}  // namespace quire::engine
