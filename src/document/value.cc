// Invariant: text_ of a container is its text as it came, and everything inside is unchanged since; whoever
// hands out something inside that can be changed sets text_ to null first. A change deep inside is reached
// only through every container around it, so all of them print anew.
#include "document/value.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "document/json.h"

namespace quire::document {

namespace {
constexpr std::uint32_t kFirstCapacity = 4;

const Value* find_in(std::span<const Member> members, std::string_view name) {
  for (const Member& member : members) {
    if (member.name.is_string_equal_to(name)) return &member.value;
  }
  return nullptr;
}

char16_t hex4(const char* digits) {
  std::uint16_t unit = 0;
  std::from_chars(digits, digits + 4, unit, 16);
  return unit;
}

void append_code_point(std::string& out, char32_t code) {
  const auto byte = [&](char32_t value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
  }
  byte(0x80 | (code & 0x3F));
}

// `at` is behind "\u"; returns behind the escape, the second half of a pair included.
const char* unescape_code_point(const char* at, const char* end, std::string& out) {
  if (end - at < 4) return end;
  char32_t code = hex4(at);
  at += 4;
  if (code >= 0xD800 && code < 0xDC00 && end - at >= 6) {
    code = 0x10000 + ((code - 0xD800) << 10) + (hex4(at + 2) - 0xDC00U);
    at += 6;
  }
  append_code_point(out, code);
  return at;
}

char short_escape(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;  // quote, backslash, slash
  }
}
}  // namespace

void unescape(std::string_view raw, std::string& out) {
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while (at < end) {
    const auto* backslash =
        static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    if (backslash == nullptr || end - backslash < 2) backslash = end;
    out.append(at, backslash);
    if (backslash == end) return;
    if (backslash[1] == 'u') {
      at = unescape_code_point(backslash + 2, end, out);
    } else {
      out.push_back(short_escape(backslash[1]));
      at = backslash + 2;
    }
  }
}

Value Value::boolean(bool value) {
  Value result(Kind::boolean, {});
  result.flag_ = value;
  return result;
}

Value Value::number(std::string_view text) { return {Kind::number, text}; }

Value Value::integer(Arena& arena, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return number(arena.copy({digits, static_cast<std::size_t>(end - digits)}));
}

Value Value::string(Arena& arena, std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  Value result(Kind::string, arena.copy(quoted));
  result.flag_ = quoted.size() != text.size() + 2;
  return result;
}

Value Value::array() { return {Kind::array, {}}; }
Value Value::object() { return {Kind::object, {}}; }

bool Value::as_boolean() const {
  QUIRE_CHECK(is_boolean(), "a value was read as a boolean that is none");
  return flag_;
}

std::string_view Value::number_text() const {
  QUIRE_CHECK(is_number(), "a value was read as a number that is none");
  return text();
}

std::string_view Value::raw_string() const {
  QUIRE_CHECK(is_string(), "a value was read as a string that is none");
  return text().substr(1, size_ - 2);
}

std::string_view Value::string(std::string& scratch) const {
  if (!flag_) return raw_string();
  scratch.clear();
  unescape(raw_string(), scratch);
  return scratch;
}

std::string Value::to_string() const {
  std::string scratch;
  return std::string(string(scratch));
}

bool Value::is_string_equal_to(std::string_view text) const {
  if (!is_string()) return false;
  if (!flag_) return raw_string() == text;
  return to_string() == text;
}

template <class T>
T* Value::items() const {
  return items_ == nullptr ? nullptr : reinterpret_cast<T*>(items_ + 1);
}

std::span<const Value> Value::elements() const {
  QUIRE_CHECK(is_array(), "a value was read as an array that is none");
  return {items<const Value>(), size()};
}

std::span<const Member> Value::members() const {
  QUIRE_CHECK(is_object(), "a value was read as an object that is none");
  return {items<const Member>(), size()};
}

const Value* Value::find(std::string_view name) const {
  return is_object() ? find_in(members(), name) : nullptr;
}

std::span<Value> Value::mutable_elements() {
  QUIRE_CHECK(is_array(), "a value was changed as an array that is none");
  text_ = nullptr;
  return {items<Value>(), size()};
}

std::span<Member> Value::mutable_members() {
  QUIRE_CHECK(is_object(), "a value was changed as an object that is none");
  text_ = nullptr;
  return {items<Member>(), size()};
}

Value* Value::find_mutable(std::string_view name) {
  const Value* const found = find(name);
  if (found != nullptr) text_ = nullptr;
  return const_cast<Value*>(found);
}

template <class T>
void Value::reserve(Arena& arena, std::size_t count) {
  if (items_ != nullptr && count <= items_->capacity) return;
  const std::size_t capacity = std::max<std::size_t>({kFirstCapacity, count, size() * 2});
  auto* const memory = static_cast<char*>(arena.allocate(sizeof(Items) + capacity * sizeof(T), alignof(T)));
  auto* const fresh =
      new (memory) Items{static_cast<std::uint32_t>(size()), static_cast<std::uint32_t>(capacity)};
  std::uninitialized_copy_n(items<T>(), size(), reinterpret_cast<T*>(fresh + 1));
  items_ = fresh;
}

template <class T>
T& Value::insert_item(Arena& arena, std::size_t index, const T& item) {
  const T kept = item;  // it may stand in the memory that moves
  reserve<T>(arena, size() + 1);
  text_ = nullptr;
  T* const at = items<T>() + index;
  std::copy_backward(at, items<T>() + items_->count, items<T>() + items_->count + 1);
  ++items_->count;
  return *new (at) T(kept);
}

template <class T>
void Value::erase_item(std::size_t index) {
  text_ = nullptr;
  T* const at = items<T>() + index;
  std::copy(at + 1, items<T>() + items_->count, at);
  --items_->count;
}

Value& Value::set(Arena& arena, std::string_view name, const Value& value) {
  QUIRE_CHECK(is_object(), "a member was set in a value that is no object");
  Value* const found = find_mutable(name);
  return found != nullptr ? *found = value : append_member(arena, name, value);
}

Value& Value::append_member(Arena& arena, std::string_view name, const Value& value) {
  QUIRE_CHECK(is_object(), "a member was added to a value that is no object");
  return insert_item<Member>(arena, size(), {string(arena, name), value}).value;
}

Value& Value::append_member(Arena& arena, const Member& member) {
  QUIRE_CHECK(is_object() && member.name.is_string(), "a member was added to a value that is no object");
  return insert_item<Member>(arena, size(), member).value;
}

bool Value::erase(std::string_view name) {
  const Value* const found = find(name);
  if (found == nullptr) return false;
  const auto* const member = reinterpret_cast<const Member*>(found - 1);
  erase_member(static_cast<std::size_t>(member - items<Member>()));
  return true;
}

void Value::erase_member(std::size_t index) {
  QUIRE_CHECK(is_object() && index < size(), "a member was erased that is not there");
  erase_item<Member>(index);
}

void Value::erase_members(bool (*test)(const Member&)) {
  const auto all = mutable_members();
  const auto kept = std::remove_if(all.begin(), all.end(), test);
  if (kept != all.end()) items_->count = static_cast<std::uint32_t>(kept - all.begin());
}

Value& Value::insert(Arena& arena, std::size_t index, const Value& value) {
  QUIRE_CHECK(is_array() && index <= size(), "an element was inserted outside its array");
  return insert_item<Value>(arena, index, value);
}

Value& Value::append(Arena& arena, const Value& value) { return insert(arena, size(), value); }

void Value::erase_element(std::size_t index) {
  QUIRE_CHECK(is_array() && index < size(), "an element was erased that is not there");
  erase_item<Value>(index);
}

void Value::truncate(std::size_t count) {
  QUIRE_CHECK(is_array(), "a value was truncated that is no array");
  if (count >= size()) return;
  text_ = nullptr;
  items_->count = static_cast<std::uint32_t>(count);
}

Value Value::with_member(Arena& arena, std::string_view name, const Value& value) const {
  QUIRE_CHECK(is_object(), "a member was added to a value that is no object");
  Value copy = object();
  copy.reserve<Member>(arena, size() + 1);
  copy.items_->count = static_cast<std::uint32_t>(size());
  std::uninitialized_copy_n(items<Member>(), size(), copy.items<Member>());
  copy.append_member(arena, name, value);
  return copy;
}

Value Value::clone(Arena& arena) const {
  if (kind_ < Kind::array) return *this;
  Value copy(kind_, text());
  copy.size_ = size_;
  if (size() == 0) return copy;
  if (is_array()) {
    copy.reserve<Value>(arena, size());
    for (const Value& element : elements()) copy.insert_item<Value>(arena, copy.size(), element.clone(arena));
  } else {
    copy.reserve<Member>(arena, size());
    for (const Member& member : members()) {
      copy.insert_item<Member>(arena, copy.size(), {member.name, member.value.clone(arena)});
    }
  }
  copy.text_ = text_;
  return copy;
}

Value Value::copy(Arena& arena) const {
  if (is_null() || is_boolean()) return *this;
  auto value = parse(arena, arena.copy(to_json()));
  QUIRE_CHECK(value.has_value(), "a value printed as what is no JSON");
  return *value;
}

void Value::print(std::string& out) const {
  if (text_ != nullptr) {
    out.append(text());
  } else if (is_null()) {
    out.append("null");
  } else if (is_boolean()) {
    out.append(flag_ ? "true" : "false");
  } else if (is_array()) {
    out.push_back('[');
    for (const Value& element : elements()) {
      if (&element != elements().data()) out.push_back(',');
      element.print(out);
    }
    out.push_back(']');
  } else {
    out.push_back('{');
    for (const Member& member : members()) {
      if (&member != members().data()) out.push_back(',');
      member.name.print(out);
      out.push_back(':');
      member.value.print(out);
    }
    out.push_back('}');
  }
}

std::string Value::to_json() const {
  std::string out;
  print(out);
  return out;
}

std::uint64_t Value::printed_size(std::uint64_t enough) const {
  if (text_ != nullptr) return size_;
  if (is_null()) return 4;
  if (is_boolean()) return flag_ ? 4 : 5;
  std::uint64_t bytes = 1 + std::max<std::size_t>(size(), 1);  // brackets and commas
  if (is_array()) {
    for (const Value& element : elements()) {
      if (bytes > enough) break;
      bytes += element.printed_size(enough - bytes);
    }
  } else {
    for (const Member& member : members()) {
      if (bytes > enough) break;
      bytes += member.name.printed_size(enough) + 1;
      if (bytes <= enough) bytes += member.value.printed_size(enough - bytes);
    }
  }
  return bytes;
}

std::uint32_t Value::depth() const {
  std::uint32_t deepest = 0;
  if (is_array()) {
    for (const Value& element : elements()) deepest = std::max(deepest, element.depth());
  } else if (is_object()) {
    for (const Member& member : members()) deepest = std::max(deepest, member.value.depth());
  }
  return kind_ >= Kind::array ? deepest + 1 : 0;
}

}  // namespace quire::document
