#include "document/value_order.h"

#include <algorithm>

#include "document/collation.h"

namespace quire::document {

namespace {
// Code points are ordered as the bytes of their UTF-8.
std::weak_ordering compare_bytes(std::string_view left, std::string_view right) {
  return left.compare(right) <=> 0;
}

std::weak_ordering compare_binary(const TypedValue& left, const TypedValue& right) {
  const auto key = [](const TypedValue& value) {
    return std::pair(value.binary().size(), value.binary_subtype());
  };
  if (key(left) != key(right)) return key(left) <=> key(right);
  return compare_bytes(left.binary(), right.binary());
}

std::weak_ordering compare_arrays(std::span<const Value> left, std::span<const Value> right,
                                  const Collation* collation) {
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (const auto order = compare_values(left[i], right[i], collation); order != 0) return order;
  }
  return left.size() <=> right.size();
}

std::weak_ordering compare_names(const Value& left, const Value& right) {
  std::string left_scratch;
  std::string right_scratch;
  return compare_bytes(left.string(left_scratch), right.string(right_scratch));
}

std::weak_ordering compare_objects(std::span<const Member> left, std::span<const Member> right,
                                   const Collation* collation) {
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    const TypedValue value(left[i].value);
    const TypedValue other(right[i].value);
    if (value.type() != other.type()) return value.type() <=> other.type();
    if (const auto order = compare_names(left[i].name, right[i].name); order != 0) return order;
    if (const auto order = compare_values(value, other, collation); order != 0) return order;
  }
  return left.size() <=> right.size();
}
}  // namespace

std::weak_ordering compare_values(const Value& left, const Value& right, const Collation* collation) {
  return compare_values(TypedValue(left), TypedValue(right), collation);
}

std::weak_ordering compare_values(const TypedValue& left, const TypedValue& right,
                                  const Collation* collation) {
  if (left.type() != right.type()) return left.type() <=> right.type();
  switch (left.type()) {
    case Type::null: return std::weak_ordering::equivalent;
    case Type::boolean: return left.value().as_boolean() <=> right.value().as_boolean();
    case Type::number: return left.number() <=> right.number();
    case Type::string:
      return collation != nullptr ? collation->compare(left.string(), right.string())
                                  : compare_bytes(left.string(), right.string());
    case Type::object_id: return compare_bytes(left.object_id(), right.object_id());
    case Type::date: return left.date_ms() <=> right.date_ms();
    case Type::binary: return compare_binary(left, right);
    case Type::array: return compare_arrays(left.value().elements(), right.value().elements(), collation);
    case Type::object: return compare_objects(left.value().members(), right.value().members(), collation);
  }
  return std::weak_ordering::equivalent;
}

}  // namespace quire::document
