#include "document/member_index.h"

#include <algorithm>

#include "base/hash.h"
#include "document/tuning.h"

namespace quire::document {

bool MemberIndex::is_large(const Value& object) { return object.size() > kScannedMembers; }

Value* MemberIndex::find(Value& object, std::string_view name) {
  if (!is_large(object)) return object.find_mutable(name);
  Member* const member = find_member(object, name);
  return member == nullptr ? nullptr : &member->value;
}

bool MemberIndex::erase(Value& object, std::string_view name) {
  if (!is_large(object)) return object.erase(name);
  Member* const member = find_member(object, name);
  if (member != nullptr) member->name = Value();
  return member != nullptr;
}

void MemberIndex::erase_marked(Value& object) {
  object.erase_members([](const Member& member) { return !member.name.is_string(); });
}

Member* MemberIndex::find_member(Value& object, std::string_view name) {
  if (&object != object_) {
    object_ = &object;
    scans_ = 0;
    slots_.clear();
  }
  const std::span<const Member> members = object.members();
  const bool scans = ++scans_ <= kMemberScansBeforeTable;
  const std::size_t position = scans ? scan(members, name) : look_up(members, name);
  return position == members.size() ? nullptr : &object.mutable_members()[position];
}

std::size_t MemberIndex::scan(std::span<const Member> members, std::string_view name) {
  const auto is_it = [&](const Member& member) { return member.name.is_string_equal_to(name); };
  return static_cast<std::size_t>(std::find_if(members.begin(), members.end(), is_it) - members.begin());
}

std::size_t MemberIndex::look_up(std::span<const Member> members, std::string_view name) {
  take_in(members);
  for (std::size_t at = slot_of(name); slots_[at] != 0; at = next(at)) {
    const std::size_t position = slots_[at] - 1;
    if (members[position].name.is_string_equal_to(name)) return position;
  }
  return members.size();
}

void MemberIndex::take_in(std::span<const Member> members) {
  if (members.size() * 2 > slots_.size()) {
    std::size_t size = 4 * kScannedMembers;
    while (size < members.size() * 4) size *= 2;
    slots_.assign(size, 0);
    taken_ = 0;
  }
  for (; taken_ < members.size(); ++taken_) insert(members[taken_], taken_);
}

void MemberIndex::insert(const Member& member, std::size_t position) {
  if (!member.name.is_string()) return;
  std::size_t at = slot_of(member.name.string(scratch_));
  while (slots_[at] != 0) at = next(at);
  slots_[at] = static_cast<std::uint32_t>(position + 1);
}

std::size_t MemberIndex::slot_of(std::string_view name) const {
  return table_hash(name) & (slots_.size() - 1);
}

}  // namespace quire::document
