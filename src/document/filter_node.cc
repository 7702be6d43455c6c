#include "document/filter_node.h"

#include <array>

namespace quire::document {

namespace {
struct OperatorName {
  FilterOperator op;
  std::string_view name;
};
constexpr std::array kOperators = {
    OperatorName{FilterOperator::all_of, "$and"},
    OperatorName{FilterOperator::any_of, "$or"},
    OperatorName{FilterOperator::none_of, "$nor"},
    OperatorName{FilterOperator::negation, "$not"},
    OperatorName{FilterOperator::equal, "$eq"},
    OperatorName{FilterOperator::not_equal, "$ne"},
    OperatorName{FilterOperator::greater, "$gt"},
    OperatorName{FilterOperator::greater_equal, "$gte"},
    OperatorName{FilterOperator::less, "$lt"},
    OperatorName{FilterOperator::less_equal, "$lte"},
    OperatorName{FilterOperator::in, "$in"},
    OperatorName{FilterOperator::not_in, "$nin"},
    OperatorName{FilterOperator::exists, "$exists"},
    OperatorName{FilterOperator::type, "$type"},
    OperatorName{FilterOperator::size, "$size"},
    OperatorName{FilterOperator::mod, "$mod"},
    OperatorName{FilterOperator::regex, "$regex"},
    OperatorName{FilterOperator::all, "$all"},
    OperatorName{FilterOperator::elem_match, "$elemMatch"},
    OperatorName{FilterOperator::all_match, "$allMatch"},
    OperatorName{FilterOperator::key_map_match, "$keyMapMatch"},
};

struct TypeName {
  int code;
  std::string_view name;
  std::uint32_t bits;
};
constexpr std::uint32_t bit(int code) { return std::uint32_t{1} << code; }
constexpr std::array kTypes = {
    TypeName{1, "double", bit(1)}, TypeName{2, "string", bit(2)},  TypeName{3, "object", bit(3)},
    TypeName{4, "array", bit(4)},  TypeName{5, "binData", bit(5)}, TypeName{7, "objectId", bit(7)},
    TypeName{8, "bool", bit(8)},   TypeName{9, "date", bit(9)},    TypeName{10, "null", bit(10)},
    TypeName{16, "int", bit(16)},  TypeName{18, "long", bit(18)},  TypeName{19, "decimal", bit(19)},
    TypeName{6, "undefined", 0},   TypeName{11, "regex", 0},       TypeName{12, "dbPointer", 0},
    TypeName{13, "javascript", 0}, TypeName{14, "symbol", 0},      TypeName{15, "javascriptWithScope", 0},
    TypeName{17, "timestamp", 0},  TypeName{-1, "minKey", 0},      TypeName{127, "maxKey", 0},
};

std::uint32_t bits_named(std::string_view name) {
  for (const TypeName& type : kTypes) {
    if (type.name == name) return type.bits;
  }
  return 0;
}
}  // namespace

std::string_view operator_name(FilterOperator op) { return kOperators[static_cast<std::size_t>(op)].name; }

std::optional<FilterOperator> operator_named(std::string_view name) {
  for (const OperatorName& one : kOperators) {
    if (one.name == name) return one.op;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> type_bits(const TypedValue& name_or_code) {
  if (name_or_code.type() == Type::string && name_or_code.string() == "number") {
    return bit(1) | bit(16) | bit(18) | bit(19);
  }
  for (const TypeName& type : kTypes) {
    if (name_or_code.type() == Type::string && name_or_code.string() == type.name) return type.bits;
    if (name_or_code.type() == Type::number && name_or_code.number().to_int64() == type.code)
      return type.bits;
  }
  return std::nullopt;
}

std::uint32_t type_bit_of(const TypedValue& value) {
  switch (value.type()) {
    case Type::null: return bits_named("null");
    case Type::boolean: return bits_named("bool");
    case Type::string: return bits_named("string");
    case Type::object_id: return bits_named("objectId");
    case Type::date: return bits_named("date");
    case Type::binary: return bits_named("binData");
    case Type::array: return bits_named("array");
    case Type::object: return bits_named("object");
    case Type::number: break;
  }
  switch (canonical_form(value)) {
    case NumberForm::int32: return bits_named("int");
    case NumberForm::int64: return bits_named("long");
    case NumberForm::real: return bits_named("double");
    default: return bits_named("decimal");
  }
}

}  // namespace quire::document
