#include "document/schema_equality.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "document/path.h"
#include "document/value_order.h"

namespace quire::document {

namespace {
constexpr std::uint64_t kBytesAStep = 64;

std::uint64_t chained(std::uint64_t hash, std::uint64_t next) {
  return table_hash(hash * 0x9E3779B97F4A7C15ULL + next);
}

std::uint64_t hash_number(const Number& number) {
  std::uint64_t hash = static_cast<std::uint64_t>(number.kind()) * 2 + (number.is_negative() ? 1 : 0);
  if (!number.is_finite() || number.is_zero()) return table_hash(hash);
  hash = hash * 31 + static_cast<std::uint64_t>(number.exponent());
  std::uint64_t chunk = 0;
  for (std::size_t i = 0; i < number.digit_count(); ++i) {
    chunk = chunk * 10 + static_cast<std::uint64_t>(number.digit(i) - '0');
    if (i % 18 == 17) hash = chained(hash, std::exchange(chunk, 0));
  }
  return chained(hash, chunk);
}

std::uint64_t hash_scalar(const TypedValue& value) {
  switch (value.type()) {
    case Type::boolean: return value.value().as_boolean() ? 1 : 0;
    case Type::number: return hash_number(value.number());
    case Type::string: return table_hash(value.string());
    case Type::object_id: return table_hash(value.object_id());
    case Type::date: return static_cast<std::uint64_t>(value.date_ms());
    case Type::binary: return chained(table_hash(value.binary()), value.binary_subtype());
    default: return 0;
  }
}

// A sum, so that order does not matter; its terms cannot be foreseen.
std::uint64_t hash_members(std::span<const Member> members, std::uint64_t& steps) {
  std::uint64_t sum = members.size();
  std::string scratch;
  for (const Member& member : members) {
    sum += chained(table_hash(member.name.string(scratch)), hash_as_json(member.value, steps));
  }
  return sum;
}

// The members by name.
std::vector<const Member*> sorted(std::span<const Member> members) {
  std::vector<const Member*> pointers;
  pointers.reserve(members.size());
  for (const Member& member : members) pointers.push_back(&member);
  std::sort(pointers.begin(), pointers.end(), [](const Member* left, const Member* right) {
    std::string left_scratch;
    std::string right_scratch;
    return left->name.string(left_scratch) < right->name.string(right_scratch);
  });
  return pointers;
}

bool equal_members(std::span<const Member> left, std::span<const Member> right) {
  if (left.size() != right.size()) return false;
  const auto lefts = sorted(left);
  const auto rights = sorted(right);
  return std::equal(lefts.begin(), lefts.end(), rights.begin(), [](const Member* one, const Member* other) {
    std::string scratch;
    return one->name.is_string_equal_to(other->name.string(scratch)) && equal_as_json(one->value, other->value);
  });
}
}  // namespace

bool equal_as_json(const Value& left, const Value& right) {
  if (left.is_array() && right.is_array()) {
    const auto lefts = left.elements();
    const auto rights = right.elements();
    return std::equal(lefts.begin(), lefts.end(), rights.begin(), rights.end(), equal_as_json);
  }
  if (is_plain_object(left) && is_plain_object(right)) return equal_members(left.members(), right.members());
  return equal_values(left, right);
}

std::uint64_t hash_as_json(const Value& value, std::uint64_t& steps) {
  ++steps;
  if (value.is_array()) {
    std::uint64_t hash = value.size();
    for (const Value& element : value.elements()) hash = chained(hash, hash_as_json(element, steps));
    return chained(static_cast<std::uint64_t>(Type::array), hash);
  }
  if (is_plain_object(value)) {
    return chained(static_cast<std::uint64_t>(Type::object), hash_members(value.members(), steps));
  }
  const TypedValue typed(value);
  if (typed.type() == Type::string) steps += typed.string().size() / kBytesAStep;
  if (typed.type() == Type::binary) steps += typed.binary().size() / kBytesAStep;
  return chained(static_cast<std::uint64_t>(typed.type()), hash_scalar(typed));
}

std::optional<std::pair<std::size_t, std::size_t>> find_equal_elements(std::span<const Value> elements,
                                                                       std::uint64_t& steps) {
  std::vector<std::pair<std::uint64_t, std::size_t>> hashes;  // each with its element's index
  hashes.reserve(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) hashes.emplace_back(hash_as_json(elements[i], steps), i);
  std::sort(hashes.begin(), hashes.end());

  // Two of one hash are equal but for an accident of 64 bits, so that each group takes one comparison.
  std::optional<std::pair<std::size_t, std::size_t>> first;
  for (auto group = hashes.begin(); group != hashes.end();) {
    const auto end = std::find_if(group, hashes.end(), [&](const auto& one) { return one.first != group->first; });
    for (auto later = group + 1; later < end; ++later) {
      const auto earlier = std::find_if(group, later, [&](const auto& one) {
        return equal_as_json(elements[one.second], elements[later->second]);
      });
      if (earlier == later) continue;
      if (!first || later->second < first->second) first = {earlier->second, later->second};
      break;
    }
    group = end;
  }
  return first;
}

}  // namespace quire::document
