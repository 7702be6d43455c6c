#include "query/aggregate/member_path.h"

#include "document/path.h"

namespace quire::query {

using document::Arena;
using document::Member;
using document::Value;

const Value* find_path(const Value& document, MemberPath path) {
  const Value* at = &document;
  for (const std::string& name : path) {
    at = document::is_plain_object(*at) ? at->find(name) : nullptr;
    if (at == nullptr) return nullptr;
  }
  return at;
}

Value with_value(Arena& arena, const Value* document, MemberPath path, const Value* value) {
  Value copy = Value::object();
  bool found = false;
  const bool last = path.size() == 1;
  if (document != nullptr && document::is_plain_object(*document)) {
    for (const Member& member : document->members()) {
      const bool here = member.name.is_string_equal_to(path[0]);
      found |= here;
      if (!here) {
        copy.append_member(arena, member);
      } else if (!last) {
        copy.append_member(arena, {member.name, with_value(arena, &member.value, path.subspan(1), value)});
      } else if (value != nullptr) {
        copy.append_member(arena, {member.name, *value});
      }
    }
  }
  if (found || value == nullptr) return copy;
  copy.append_member(arena, path[0], last ? *value : with_value(arena, nullptr, path.subspan(1), value));
  return copy;
}

}  // namespace quire::query
