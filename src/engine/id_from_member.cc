#include "engine/id_from_member.h"

#include "document/arena.h"
#include "document/value.h"

namespace quire::engine {

Result<std::string> id_from_member(const std::string& body, const std::string& name) {
  document::Arena arena;
  const std::string_view names[] = {name};
  QUIRE_TRY(const document::Value value, document::Value::parse_members(arena, body, names));
  const document::Value* const member = value.find(name);
  if (member == nullptr)
    return Error(ErrorCode::invalid, "the document has no such member to be its id").at(name);
  if (member->is_number()) return std::string(member->number_text());
  if (member->is_string() && !member->raw_string().empty()) return member->to_string();
  return Error(ErrorCode::invalid, "an id is a string or a number").at(name);
}

}  // namespace quire::engine
