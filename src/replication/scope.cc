#include "replication/scope.h"

#include <algorithm>

#include "base/bytes.h"
#include "replication/tuning.h"

namespace quire::replication {

struct Scope::Part {
  std::vector<std::string> ids;
  std::string collection;
  std::string selector;
  std::optional<document::Filter> filter;
};

namespace {
const std::string kNothing;
const std::vector<std::string> kNoIds;
}  // namespace

Result<Scope> Scope::make(std::vector<std::string> ids, std::string collection, std::string_view selector) {
  if (ids.size() > kScopeIds) {
    return Error(ErrorCode::too_large, "more ids than one replication takes").at("ids").over(kScopeIds);
  }
  auto part = std::make_shared<Part>();
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  part->ids = std::move(ids);
  part->collection = std::move(collection);
  if (!selector.empty()) {
    QUIRE_TRY(part->filter, document::Filter::parse(selector, {.plain_json = true}));
    if (part->filter->matches_everything()) part->filter.reset();
    if (part->filter) part->selector = part->filter->print();
  }
  Scope scope;
  if (!part->ids.empty() || !part->collection.empty() || part->filter) scope.part_ = std::move(part);
  return scope;
}

const std::vector<std::string>& Scope::ids() const { return part_ ? part_->ids : kNoIds; }
const std::string& Scope::collection() const { return part_ ? part_->collection : kNothing; }
const std::string& Scope::selector() const { return part_ ? part_->selector : kNothing; }
const document::Filter* Scope::filter() const { return part_ && part_->filter ? &*part_->filter : nullptr; }

bool Scope::covers(const DocumentName& name) const {
  if (!part_) return true;
  std::string_view collection = name.collection;
  std::string_view id = name.id;
  const std::string& wanted = part_->collection;
  if (collection.empty() && !wanted.empty()) {
    const std::string_view whole = name.id;
    if (whole.size() > wanted.size() && whole[wanted.size()] == ':' && whole.starts_with(wanted)) {
      collection = whole.substr(0, wanted.size());
      id = whole.substr(wanted.size() + 1);
    } else if (wanted == "_default") {
      collection = wanted;
    }
  }
  if (!wanted.empty() && collection != wanted) return false;
  const auto& ids = part_->ids;
  if (ids.empty()) return true;
  const auto listed = [&](std::string_view one) { return std::binary_search(ids.begin(), ids.end(), one); };
  if (listed(id) || listed(name.id)) return true;
  return !name.collection.empty() && listed(name.collection + ":" + name.id);
}

std::string Scope::text() const {
  std::string out;
  if (!part_) return out;
  put_string(out, part_->collection);
  put_varint(out, part_->ids.size());
  for (const auto& id : part_->ids) put_string(out, id);
  put_string(out, part_->selector);
  return out;
}

}  // namespace quire::replication
