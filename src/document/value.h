#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/arena.h"

namespace quire::document {

struct Member;

// A JSON value as a tree. Nodes are 24 bytes and live in an Arena; numbers and strings are slices of the text
// that they were parsed from, so that what nobody changes is printed byte for byte as it came.
//
// The arena and the text must outlive the value. Copying a Value copies the handle: both copies share the
// members or elements of a container, and a change through one may or may not be seen through the other;
// clone() before a container is placed a second time. Concurrent reading is fine, changing is for one thread.
//
// Every accessor asks for the right kind; another kind is a defect of the caller and ends the process, unless
// the comment says otherwise.
class Value {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  // Null.
  Value() = default;
  static Value boolean(bool value);
  // `text` is a JSON number and is not copied.
  static Value number(std::string_view text);
  static Value integer(Arena& arena, std::int64_t value);
  // `text` is valid UTF-8; it is escaped as JSON requires and copied into the arena.
  static Value string(Arena& arena, std::string_view text);
  static Value array();
  static Value object();

  // Builds the tree of a text that minify() made. One walk without recursion; the text is not copied. A text
  // that is not minified JSON gives the error corrupt where the walk notices; it is never read past its end.
  static Result<Value> parse(Arena& arena, std::string_view minified);
  // As parse(), of an object, and leaves out the members whose unescaped names are not in `names` (skipped
  // over, not looked into). For reading a few members of many documents.
  static Result<Value> parse_members(Arena& arena, std::string_view minified,
                                     std::span<const std::string_view> names);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  bool is_number() const { return kind_ == Kind::number; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }

  bool as_boolean() const;
  // The number as it was written.
  std::string_view number_text() const;
  // The string between its quotes, escapes as they were written.
  std::string_view raw_string() const;
  // The string without escapes: a view of the text where it holds none, else written to `scratch`, which the
  // view points into.
  std::string_view string(std::string& scratch) const;
  std::string to_string() const;
  // True where this is a string that reads as `text` once unescaped; false for another kind.
  bool is_string_equal_to(std::string_view text) const;

  // Elements of an array or members of an object; 0 for another kind.
  std::size_t size() const { return kind_ >= Kind::array && items_ != nullptr ? items_->count : 0; }
  std::span<const Value> elements() const;
  std::span<const Member> members() const;
  // The member of this name; null where there is none or this is no object. Linear in the number of members.
  const Value* find(std::string_view name) const;

  // What follows changes the value. A pointer or span to what is inside stays valid until members or elements
  // are added to or taken from this container.
  std::span<Value> mutable_elements();
  std::span<Member> mutable_members();
  Value* find_mutable(std::string_view name);
  // Replaces the member of this name in its place, or adds one at the end. Returns the member's value.
  Value& set(Arena& arena, std::string_view name, const Value& value);
  // Adds a member without looking whether there is one of that name.
  Value& append_member(Arena& arena, std::string_view name, const Value& value);
  // The same, of a name that is a string already.
  Value& append_member(Arena& arena, const Member& member);
  // True where there was such a member.
  bool erase(std::string_view name);
  void erase_member(std::size_t index);
  // Those that the test finds.
  void erase_members(bool (*test)(const Member&));
  // `index` is at most size().
  Value& insert(Arena& arena, std::size_t index, const Value& value);
  Value& append(Arena& arena, const Value& value);
  void erase_element(std::size_t index);
  // Keeps the first `count` elements.
  void truncate(std::size_t count);

  // An object of this one's members and one more at their end; shares all text, and what its members hold.
  // `name` is not a member's yet.
  Value with_member(Arena& arena, std::string_view name, const Value& value) const;
  // A value that shares no members or elements with this one; text is still shared.
  Value clone(Arena& arena) const;
  // The same, with its text copied into the arena: needs nothing but the arena.
  Value copy(Arena& arena) const;

  // Appends the minified text. No recursion over members that were not changed.
  void print(std::string& out) const;
  std::string to_json() const;
  // The bytes that print() appends, or some number above `enough` where they are more: looks no further then,
  // so that members which many containers share cost nothing.
  std::uint64_t printed_size(std::uint64_t enough) const;

  // How many containers stand inside each other, this one counted; 0 for a scalar.
  std::uint32_t depth() const;

 private:
  // Heads an array of Value or Member in the arena.
  struct Items {
    std::uint32_t count;
    std::uint32_t capacity;
  };
  friend class ValueBuilder;

  Value(Kind kind, std::string_view text)
      : kind_(kind), size_(static_cast<std::uint32_t>(text.size())), text_(text.data()) {}
  std::string_view text() const { return {text_, size_}; }
  template <class T>
  T* items() const;
  template <class T>
  void reserve(Arena& arena, std::size_t count);
  template <class T>
  T& insert_item(Arena& arena, std::size_t index, const T& item);
  template <class T>
  void erase_item(std::size_t index);

  Kind kind_ = Kind::null;
  bool flag_ = false;       // of a boolean: its value; of a string: it holds escapes
  std::uint32_t size_ = 0;  // of text_
  const char* text_ =
      nullptr;  // number, string with its quotes, or a container as it came; null: changed or built
  Items* items_ = nullptr;  // null: an empty container
};

// A member of an object; `name` is a string.
struct Member {
  Value name;
  Value value;
};

// Reads a JSON string's inside (between its quotes, well-formed) without its escapes and appends it to `out`.
void unescape(std::string_view raw, std::string& out);

}  // namespace quire::document
