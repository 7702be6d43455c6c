#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/address.h"

namespace quire::cli::remote {

// The target of a request: a path whose segments may hold anything, and parameters.
class Target {
 public:
  explicit Target(std::string_view path) : text_(path) {}
  // "/v1/databases/NAME", with its owner in front of the name where it has one.
  static Target database(const engine::DatabaseAddress& address);
  static Target collection(const engine::CollectionAddress& address);

  Target& segment(std::string_view text);
  Target& parameter(std::string_view name, std::string_view value);
  Target& parameter(std::string_view name, std::uint64_t value);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool has_parameters_ = false;
};

}  // namespace quire::cli::remote
