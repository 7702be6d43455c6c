#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/arena.h"
#include "document/value.h"

// What a server answers, read. An answer that is not what it should be is `corrupt`.
namespace quire::cli::remote {

// A JSON answer with all that its values point into. Movable.
class Json {
 public:
  // Errors: corrupt.
  static Result<Json> parse(std::string_view text);
  const document::Value& value() const { return value_; }

 private:
  Json() = default;
  std::unique_ptr<std::string> text_ = std::make_unique<std::string>();
  std::unique_ptr<document::Arena> arena_ = std::make_unique<document::Arena>();
  document::Value value_;
};

// The error of an answer that should be another one.
Error unexpected(std::string_view what);

// Members of an object; empty, 0 or false where there is no such member, or one of another kind.
std::string text_of(const document::Value& object, std::string_view name);
std::uint64_t number_of(const document::Value& object, std::string_view name);
bool flag_of(const document::Value& object, std::string_view name);

// The error that an object of {"error", "message", "field", "limit"} stands for.
Error error_of(const document::Value& object);

}  // namespace quire::cli::remote
