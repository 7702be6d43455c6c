#pragma once

#include <cstdint>

namespace quire::engine {

// Who asks: an immutable identity that a door establishes once and passes with every call. Whatever it may do
// is for decide() to say.
class Caller {
 public:
  enum class Kind : std::uint8_t {
    anonymous,  // showed no identity
    admin,      // owns the process: the program that embeds the library, or the operator at a command line
  };

  static Caller anonymous() { return Caller(Kind::anonymous); }
  static Caller admin() { return Caller(Kind::admin); }

  Kind kind() const { return kind_; }
  friend bool operator==(const Caller&, const Caller&) = default;

 private:
  explicit Caller(Kind kind) : kind_(kind) {}

  Kind kind_;
};

}  // namespace quire::engine
