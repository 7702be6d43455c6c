#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/value.h"

namespace quire::document {

// Finds members of an object by their names: the first few times by looking at all of them, then with a table
// (open addressing, linear probing, at most half full). Asked about one object after another, it knows the
// last. Between two questions about one object its members keep their places; new ones come at the end.
class MemberIndex {
 public:
  // An object for which a table is made, if it is asked about often.
  static bool is_large(const Value& object);

  // As Value::find_mutable().
  Value* find(Value& object, std::string_view name);
  // As Value::erase(); but in a large object the member stays as one without a name, which nobody finds,
  // until erase_marked().
  bool erase(Value& object, std::string_view name);
  static void erase_marked(Value& object);

 private:
  Member* find_member(Value& object, std::string_view name);
  // The place, or how many there are.
  static std::size_t scan(std::span<const Member> members, std::string_view name);
  std::size_t look_up(std::span<const Member> members, std::string_view name);
  void take_in(std::span<const Member> members);
  void insert(const Member& member, std::size_t position);
  std::size_t slot_of(std::string_view name) const;
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

  const Value* object_ = nullptr;
  std::size_t scans_ = 0;
  std::vector<std::uint32_t> slots_;  // a member's place and one; 0: free
  std::size_t taken_ = 0;             // members that are in the table
  std::string scratch_;
};

}  // namespace quire::document
