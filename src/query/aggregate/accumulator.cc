#include "query/aggregate/accumulator.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

#include "base/check.h"
#include "base/hash.h"
#include "document/extended_json.h"
#include "document/key_encoding.h"
#include "query/aggregate/functions.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
struct Hasher {
  std::size_t operator()(const std::string& text) const { return table_hash(text); }
};

Error too_large_list() {
  return Error(ErrorCode::too_large, "a list of a group is larger than a document may be").over(kRowBytes);
}

std::string key_of(const Value& value, const document::Collation* collation) {
  std::string key;
  document::append_key(value, document::Direction::ascending, key, collation);
  return key;
}

bool is_number(const Value& value) {
  if (!value.is_object()) return value.is_number();
  return document::TypedValue(value).type() == document::Type::number;
}

bool is_list(AccumulatorKind kind) {
  return kind == AccumulatorKind::push || kind == AccumulatorKind::add_to_set;
}

// What a member of a set takes besides its bytes.
constexpr std::size_t kSetNodeBytes = 64;
}  // namespace

// Of each kind only some members are used.
class AccumulatorState {
 public:
  Sum sum;
  // The value of first, last, min and max, or the list's elements with commas between, as JSON.
  std::string text;
  std::string key;  // of min and max: of the value
  std::unordered_set<std::string, Hasher> keys;
  std::size_t keys_bytes = 0;

  std::size_t memory() const {
    return sizeof *this + text.capacity() + key.capacity() + keys_bytes + keys.bucket_count() * sizeof(void*);
  }
  // The elements, printed, of which none or some came before.
  Status append(std::string_view elements) {
    if (elements.empty()) return ok();
    if (text.size() + elements.size() > kRowBytes) return too_large_list();
    if (!text.empty()) text += ',';
    text += elements;
    return ok();
  }
  bool insert_key(std::string_view wanted) {
    const bool fresh = keys.emplace(wanted).second;
    if (fresh) keys_bytes += wanted.size() + kSetNodeBytes;
    return fresh;
  }
};

std::optional<AccumulatorKind> accumulator_named(std::string_view name) {
  struct Name {
    std::string_view name;
    AccumulatorKind kind;
  };
  static constexpr std::array kNames = {
      Name{"$sum", AccumulatorKind::sum},     Name{"$avg", AccumulatorKind::avg},
      Name{"$min", AccumulatorKind::min},     Name{"$max", AccumulatorKind::max},
      Name{"$first", AccumulatorKind::first}, Name{"$last", AccumulatorKind::last},
      Name{"$push", AccumulatorKind::push},   Name{"$addToSet", AccumulatorKind::add_to_set},
  };
  for (const Name& one : kNames) {
    if (one.name == name) return one.kind;
  }
  return std::nullopt;
}

Slot::~Slot() { delete state_; }

std::size_t Slot::memory() const { return state_ == nullptr ? 0 : state_->memory(); }

AccumulatorState& Slot::state(AccumulatorKind kind) {
  if (state_ != nullptr) return *state_;
  state_ = new AccumulatorState;
  const bool extreme = kind == AccumulatorKind::min || kind == AccumulatorKind::max;
  if (extreme && count_ > 0) {
    state_->text = std::to_string(number_);
    state_->key = key_of(Value::number(state_->text), nullptr);
  }
  return *state_;
}

void Slot::overflow(std::int64_t by) {
  Sum& sum = state(AccumulatorKind::sum).sum;
  sum.add(number_);
  number_ = by;
}

void Slot::add_number(const Value& value) {
  if (value.is_number()) {
    if (const auto whole = read_integer(value.number_text())) return add_count(*whole);
    return state(AccumulatorKind::sum).sum.add(NumberForm::plain, value.number_text());
  }
  ArithmeticResult number;
  if (read_number(value, number)) state(AccumulatorKind::sum).sum.add(number.form, number.text);
}

void Slot::add_extreme(AccumulatorKind kind, const Value& value, const document::Collation* collation) {
  const bool least = kind == AccumulatorKind::min;
  if (state_ == nullptr && value.is_number()) {
    if (const auto whole = read_integer(value.number_text())) {
      if (count_ == 0 || (least ? *whole < number_ : *whole > number_)) number_ = *whole;
      count_ = 1;
      return;
    }
  }
  AccumulatorState& mine = state(kind);
  const std::string key = key_of(value, collation);
  if (count_ == 0 || (least ? key < mine.key : key > mine.key)) {
    mine.key = key;
    mine.text.clear();
    value.print(mine.text);
  }
  count_ = 1;
}

Status Slot::add_any(AccumulatorKind kind, const Value* value, const document::Collation* collation) {
  switch (kind) {
    case AccumulatorKind::sum:
      if (value != nullptr) add_number(*value);
      return ok();
    case AccumulatorKind::avg:
      if (value == nullptr || !is_number(*value)) return ok();
      ++count_;
      add_number(*value);
      return ok();
    case AccumulatorKind::min:
    case AccumulatorKind::max:
      if (!is_nothing(value)) add_extreme(kind, *value, collation);
      return ok();
    case AccumulatorKind::first:
      if (count_ > 0) return ok();
      [[fallthrough]];
    case AccumulatorKind::last: {
      count_ = 1;
      AccumulatorState& mine = state(kind);
      mine.text.clear();
      if (value != nullptr) value->print(mine.text);
      if (value == nullptr) mine.text = "null";
      return ok();
    }
    case AccumulatorKind::push:
    case AccumulatorKind::add_to_set: break;
  }
  if (value == nullptr) return ok();
  AccumulatorState& mine = state(kind);
  if (kind == AccumulatorKind::add_to_set && !mine.insert_key(key_of(*value, collation))) return ok();
  ++count_;
  // Printed behind the others, and taken back where that is too much.
  const std::size_t before = mine.text.size();
  if (value->printed_size(kRowBytes) > kRowBytes - std::min<std::uint64_t>(before, kRowBytes))
    return too_large_list();
  if (before > 0) mine.text += ',';
  value->print(mine.text);
  return ok();
}

Status Slot::merge(AccumulatorKind kind, const Slot& later, const document::Collation* collation) {
  if (kind == AccumulatorKind::sum || kind == AccumulatorKind::avg) {
    count_ += later.count_;
    add_count(later.number_);
    if (later.state_ != nullptr) state(AccumulatorKind::sum).sum.merge(later.state_->sum);
    return ok();
  }
  if (later.count_ == 0) return ok();
  if (!is_list(kind)) {
    const std::string number = later.state_ == nullptr ? std::to_string(later.number_) : "";
    Arena arena;
    const auto value = Value::parse(arena, later.state_ == nullptr ? number : later.state_->text);
    QUIRE_CHECK(value.has_value(), "an accumulator holds JSON");
    return add_any(kind, &*value, collation);
  }
  AccumulatorState& mine = state(kind);
  if (kind == AccumulatorKind::push) {
    count_ += later.count_;
    return mine.append(later.state_->text);
  }
  Arena arena;
  const auto list = Value::parse(arena, arena.copy('[' + later.state_->text + ']'));
  QUIRE_CHECK(list.has_value(), "an accumulator holds JSON");
  for (const Value& element : list->elements()) QUIRE_TRY_STATUS(add_any(kind, &element, collation));
  return ok();
}

Sum Slot::total() const {
  Sum sum;
  if (state_ != nullptr) sum = state_->sum;
  sum.add(number_);
  return sum;
}

std::optional<ArithmeticResult> Slot::number(AccumulatorKind kind) const {
  if (kind == AccumulatorKind::sum) return total().result();
  if (kind == AccumulatorKind::avg && count_ > 0) return total().mean(count_);
  return std::nullopt;
}

void Slot::print(AccumulatorKind kind, std::string& out) const {
  const auto whole = [&] {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number_).ptr);
  };
  if (kind == AccumulatorKind::sum && state_ == nullptr) return whole();
  if (const auto result = number(kind)) {
    Arena arena;
    document::make_number(arena, result->form, result->text).print(out);
  } else if (is_list(kind)) {
    out += '[';
    if (state_ != nullptr) out += state_->text;
    out += ']';
  } else if (count_ == 0 || kind == AccumulatorKind::avg) {
    out += "null";
  } else if (state_ == nullptr) {
    whole();
  } else {
    out += state_->text;
  }
}

void Slot::encode(AccumulatorKind kind, std::string& out) const {
  put_u64(out, static_cast<std::uint64_t>(number_));
  put_varint(out, count_);
  out.push_back(state_ != nullptr ? 1 : 0);
  if (state_ == nullptr) return;
  if (kind == AccumulatorKind::sum || kind == AccumulatorKind::avg) return state_->sum.encode(out);
  put_string(out, state_->text);
}

Slot Slot::decode(AccumulatorKind kind, ByteReader& reader) {
  Slot slot;
  slot.number_ = static_cast<std::int64_t>(reader.u64());
  slot.count_ = reader.varint();
  if (reader.u8() == 0) return slot;
  slot.state_ = new AccumulatorState;
  if (kind == AccumulatorKind::sum || kind == AccumulatorKind::avg) {
    slot.state_->sum = Sum::decode(reader);
  } else {
    slot.state_->text = reader.string();
  }
  return slot;
}

}  // namespace quire::query
