#include "document/merge_patch.h"

#include "document/member_index.h"
#include "document/path.h"

namespace quire::document {

namespace {
// A copy of a patch without the members that are null, which is the patch applied to nothing.
Value without_nulls(const Value& patch, Arena& arena) {
  if (!is_plain_object(patch)) return patch.clone(arena);
  Value object = Value::object();
  for (const Member& member : patch.members()) {
    if (member.value.is_null()) continue;
    object.append_member(arena, member.name.to_string(), without_nulls(member.value, arena));
  }
  return object;
}

class MergePatch {
 public:
  explicit MergePatch(Arena& arena) : arena_(arena) {}

  void merge(Value& target, const Value& patch, const std::string& path) {
    MemberIndex members;
    const std::size_t removed = changed_.removed.size();
    for (const Member& member : patch.members()) {
      const std::string name = member.name.to_string();
      const std::string below = path.empty() ? name : path + "." + name;
      if (member.value.is_null()) {
        if (members.erase(target, name)) changed_.removed.push_back(below);
      } else {
        set(target, members.find(target, name), member, below);
      }
    }
    if (changed_.removed.size() > removed) MemberIndex::erase_marked(target);
  }
  ChangedFields take_changes() { return std::move(changed_); }

 private:
  // `old`: what the target has of this name; null: nothing.
  void set(Value& target, Value* old, const Member& member, const std::string& path) {
    const Value& patch = member.value;
    if (old != nullptr && is_plain_object(*old) && is_plain_object(patch)) return merge(*old, patch, path);
    const Value replacement = without_nulls(patch, arena_);
    if (old != nullptr && old->to_json() == replacement.to_json()) return;
    if (old != nullptr) {
      *old = replacement;
    } else {
      target.append_member(arena_, member.name.to_string(), replacement);
    }
    changed_.updated.push_back(path);
  }

  Arena& arena_;
  ChangedFields changed_;
};
}  // namespace

ChangedFields apply_merge_patch(Value& target, const Value& patch, Arena& arena) {
  if (is_plain_object(target) && is_plain_object(patch)) {
    MergePatch merge(arena);
    merge.merge(target, patch, "");
    return merge.take_changes();
  }
  const Value replacement = without_nulls(patch, arena);
  const bool same = target.to_json() == replacement.to_json();
  target = replacement;
  return same ? ChangedFields() : ChangedFields{{""}, {}};
}

}  // namespace quire::document
