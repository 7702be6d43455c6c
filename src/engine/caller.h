#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "access/identity.h"

namespace quire::engine {

// Who asks: an immutable identity that a door establishes once and passes with every call. Whatever it may do
// is for decide() to say. Cheap to copy.
class Caller {
 public:
  enum class Kind : std::uint8_t {
    anonymous,  // showed no identity
    user,       // an account, by its key, session or password
    admin,      // owns the process: the program that embeds the library, or the operator at a command line
  };

  static Caller anonymous() { return Caller(Kind::anonymous, nullptr); }
  static Caller admin() { return Caller(Kind::admin, nullptr); }
  static Caller user(std::shared_ptr<const access::Identity> identity) {
    return Caller(Kind::user, std::move(identity));
  }

  Kind kind() const { return kind_; }
  // Of a user; else null.
  const access::Identity* identity() const { return identity_.get(); }
  // The id of the account that asks, as long as the caller lives; empty where it is none.
  std::string_view account() const { return identity_ == nullptr ? std::string_view() : identity_->user; }
  // May do everything: the owner of the process, or an administrator whose key does not narrow that.
  bool administers() const {
    return kind_ == Kind::admin || (identity_ != nullptr && identity_->administers());
  }
  friend bool operator==(const Caller&, const Caller&) = default;

 private:
  Caller(Kind kind, std::shared_ptr<const access::Identity> identity)
      : kind_(kind), identity_(std::move(identity)) {}

  Kind kind_;
  std::shared_ptr<const access::Identity> identity_;
};

}  // namespace quire::engine
