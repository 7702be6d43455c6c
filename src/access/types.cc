#include "access/types.h"

#include <array>

namespace quire::access {

namespace {

constexpr std::array<std::string_view, 2> kRoles = {"user", "admin"};
constexpr std::array<std::string_view, 4> kRights = {"none", "read", "write", "owner"};

template <class Word, std::size_t kCount>
std::optional<Word> find(const std::array<std::string_view, kCount>& words, std::string_view text) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (words[i] == text) return static_cast<Word>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(Role role) { return kRoles[static_cast<std::size_t>(role)]; }
std::optional<Role> role_of(std::string_view text) { return find<Role>(kRoles, text); }
std::string_view name(Right right) { return kRights[static_cast<std::size_t>(right)]; }
std::optional<Right> right_of(std::string_view text) { return find<Right>(kRights, text); }

}  // namespace quire::access
