#include "query/aggregate/expression.h"

#include "document/extended_json.h"
#include "document/path.h"
#include "document/value_order.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

using document::NumberForm;
using document::Type;
using document::TypedValue;

bool Evaluation::charge(std::uint64_t bytes) {
  if (failed()) return false;
  bytes_ += bytes;
  if (bytes <= kRowBytes && bytes_ <= kEvaluationBytes) return true;
  fail(Error(ErrorCode::too_large, "an expression makes more of one document than it may")
           .over(bytes > kRowBytes ? kRowBytes : kEvaluationBytes));
  return false;
}

bool Evaluation::goes_on() {
  if (failed()) return false;
  if (watch_ == nullptr) return true;
  if (auto step = watch_->step(); !step) fail(std::move(step).error());
  return !failed();
}

const Value* Evaluation::boolean(bool value) {
  static const Value kTrue = Value::boolean(true);
  static const Value kFalse = Value::boolean(false);
  return value ? &kTrue : &kFalse;
}

const Value* Evaluation::null() {
  static const Value kNull;
  return &kNull;
}

bool is_nothing(const Value* value) { return value == nullptr || value->is_null(); }

bool is_true(const Value* value) {
  if (is_nothing(value)) return false;
  if (value->is_boolean()) return value->as_boolean();
  if (!value->is_number() && !value->is_object()) return true;
  const TypedValue typed(*value);
  return typed.type() != Type::number || !typed.number().is_zero();
}

std::weak_ordering compare_found(const Evaluation& on, const Value* left, const Value* right) {
  if (left == nullptr || right == nullptr) return (left != nullptr) <=> (right != nullptr);
  return document::compare_values(*left, *right, on.collation());
}

std::string_view type_name(const Value* value) {
  if (value == nullptr) return "missing";
  const TypedValue typed(*value);
  switch (typed.type()) {
    case Type::null: return "null";
    case Type::boolean: return "bool";
    case Type::string: return "string";
    case Type::object_id: return "objectId";
    case Type::date: return "date";
    case Type::binary: return "binData";
    case Type::array: return "array";
    case Type::object: return "object";
    case Type::number: break;
  }
  switch (document::canonical_form(typed)) {
    case NumberForm::int32: return "int";
    case NumberForm::int64: return "long";
    case NumberForm::real: return "double";
    default: return "decimal";
  }
}

namespace {
const Value* value_in_array(Evaluation& on, std::span<const Value> elements,
                            std::span<const std::string> path) {
  Value found = Value::array();
  for (const Value& element : elements) {
    if (!on.goes_on()) return nullptr;
    if (!element.is_object()) continue;
    const Value* const value = value_at(on, element, path);
    if (value == nullptr) continue;
    if (!on.charge(kElementBytes)) return nullptr;
    found.append(on.arena(), *value);
  }
  return on.failed() ? nullptr : on.keep(found);
}
}  // namespace

const Value* value_at(Evaluation& on, const Value& document, std::span<const std::string> path) {
  const Value* at = &document;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (at->is_array()) return value_in_array(on, at->elements(), path.subspan(i));
    if (!document::is_plain_object(*at)) return nullptr;
    at = at->find(path[i]);
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace quire::query
