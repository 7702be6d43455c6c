#include <algorithm>
#include <array>

#include "document/member_index.h"
#include "document/path.h"
#include "query/aggregate/functions.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
bool is_object(const Value* value) { return value != nullptr && document::is_plain_object(*value); }

const Value* merge(Evaluation& on, const Call& call, Arguments arguments) {
  Value merged = Value::object();
  document::MemberIndex members;
  for (const Value* const argument : arguments) {
    if (is_nothing(argument)) continue;
    if (!is_object(argument)) return call.fail(on, "takes objects, not " + described(argument));
    if (!on.charge(argument->size() * 2 * kElementBytes)) return nullptr;
    std::string scratch;
    const bool first = merged.size() == 0;
    for (const Member& member : argument->members()) {
      if (!on.goes_on()) return nullptr;
      Value* const known = first ? nullptr : members.find(merged, member.name.string(scratch));
      if (known != nullptr) {
        *known = member.value;
      } else {
        merged.append_member(on.arena(), member);
      }
    }
  }
  return on.keep(merged);
}

const Value* to_array(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  if (!is_object(arguments[0])) return call.fail(on, "takes an object, not " + described(arguments[0]));
  Value pairs = Value::array();
  for (const Member& member : arguments[0]->members()) {
    if (!on.goes_on() || !on.charge(5 * kElementBytes)) return nullptr;
    Value pair = Value::object();
    pair.append_member(on.arena(), "k", member.name);
    pair.append_member(on.arena(), "v", member.value);
    pairs.append(on.arena(), pair);
  }
  return on.keep(pairs);
}

// [name, value] or {"k": name, "v": value}; false for anything else.
bool read_pair(const Value& pair, Member& member) {
  const Value* name = nullptr;
  const Value* value = nullptr;
  if (pair.is_array() && pair.size() == 2) {
    name = &pair.elements()[0];
    value = &pair.elements()[1];
  } else if (pair.is_object() && pair.size() == 2) {
    name = pair.find("k");
    value = pair.find("v");
  }
  if (name == nullptr || value == nullptr || !name->is_string()) return false;
  member = {*name, *value};
  return true;
}

const Value* from_array(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  if (!arguments[0]->is_array()) return call.fail(on, "takes an array, not " + described(arguments[0]));
  Value object = Value::object();
  document::MemberIndex members;
  std::string scratch;
  for (const Value& pair : arguments[0]->elements()) {
    Member member;
    if (!read_pair(pair, member)) return call.fail(on, "takes pairs of a name and a value");
    if (!on.goes_on() || !on.charge(2 * kElementBytes)) return nullptr;
    Value* const known = members.find(object, member.name.string(scratch));
    if (known != nullptr) {
      *known = member.value;
    } else {
      object.append_member(on.arena(), member);
    }
  }
  return on.keep(object);
}

constexpr std::array kObjectFunctions = {
    Function{"$mergeObjects", 0, kAnyNumber, merge},
    Function{"$objectToArray", 1, 1, to_array},
    Function{"$arrayToObject", 1, 1, from_array},
};
}  // namespace

std::span<const Function> object_functions() { return kObjectFunctions; }

}  // namespace quire::query
