#include "query/aggregate/functions.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "document/extended_json.h"
#include "query/aggregate/numeric.h"

namespace quire::query {

using document::Type;
using document::TypedValue;

namespace {
std::vector<const Function*> all_functions() {
  std::vector<const Function*> all;
  for (const auto& table : {number_functions(), logic_functions(), text_functions(), array_functions(),
                            object_functions(), date_functions(), conversion_functions()}) {
    for (const Function& function : table) all.push_back(&function);
  }
  std::sort(all.begin(), all.end(),
            [](const Function* left, const Function* right) { return left->name < right->name; });
  return all;
}
}  // namespace

const Function* find_function(std::string_view name) {
  static const std::vector<const Function*> all = all_functions();
  const auto found = std::lower_bound(all.begin(), all.end(), name,
                                      [](const Function* one, auto wanted) { return one->name < wanted; });
  return found != all.end() && (*found)->name == name ? *found : nullptr;
}

const Value* Call::fail(Evaluation& on, std::string_view message) const {
  std::string text(function->name);
  return on.fail(Error(ErrorCode::invalid, (text += ' ') += message).at(where));
}

std::string described(const Value* value) {
  const std::string_view name = type_name(value);
  if (name == "missing" || name == "null") return "nothing";
  if (name == "int" || name == "long" || name == "double" || name == "decimal") return "a number";
  if (name == "array" || name == "object" || name == "objectId") return "an " + std::string(name);
  return "a " + std::string(name);
}

bool read_number(const Value& value, document::ArithmeticResult& out) {
  if (value.is_number()) {
    out.form = NumberForm::plain;
    out.text = value.number_text();
    return true;
  }
  if (!value.is_object()) return false;
  const TypedValue typed(value);
  if (typed.type() != Type::number) return false;
  out.form = typed.number_form();
  out.text = typed.number_text();
  if (out.text.starts_with('+')) out.text.erase(0, 1);
  return true;
}

const Value* make_number(Evaluation& on, const document::ArithmeticResult& number) {
  if (number.form != NumberForm::plain) {
    return on.keep(document::make_number(on.arena(), number.form, number.text));
  }
  return on.keep(Value::number(on.arena().copy(number.text)));
}

bool read_whole(const Value* value, std::int64_t& out) {
  if (value == nullptr) return false;
  if (value->is_number()) {
    if (const auto fast = read_integer(value->number_text())) {
      out = *fast;
      return true;
    }
  }
  const TypedValue typed(*value);
  const auto whole = typed.type() == Type::number ? typed.number().to_int64() : std::nullopt;
  out = whole.value_or(0);
  return whole.has_value();
}

bool read_text(const Value* value, std::string& out) {
  out.clear();
  if (is_nothing(value)) return true;
  const TypedValue typed(*value);
  switch (typed.type()) {
    case Type::string: out = typed.string(); return true;
    case Type::number: out = typed.number_text(); return true;
    case Type::date:
      out = document::iso_date(typed.date_ms()).value_or(std::to_string(typed.date_ms()));
      return true;
    default: return false;
  }
}

bool read_date(const Value& value, std::int64_t& ms) {
  if (!value.is_object()) return false;
  const TypedValue typed(value);
  if (typed.type() == Type::date) {
    ms = typed.date_ms();
    return true;
  }
  if (typed.type() != Type::object_id) return false;
  std::uint32_t seconds = 0;
  const std::string_view digits = typed.object_id().substr(0, 8);
  std::from_chars(digits.data(), digits.data() + digits.size(), seconds, 16);
  ms = std::int64_t{seconds} * 1000;
  return true;
}

}  // namespace quire::query
