#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "document/json.h"

namespace quire::api {

// Writes the members of one JSON object to the end of a text. Names are constants that need no escapes.
class ObjectOut {
 public:
  explicit ObjectOut(std::string& out) : out_(out) { out_.push_back('{'); }

  void text(std::string_view name, std::string_view value) {
    member(name);
    document::append_json_string(out_, value);
  }
  void number(std::string_view name, std::uint64_t value) {
    member(name);
    out_ += std::to_string(value);
  }
  void flag(std::string_view name, bool value) {
    member(name);
    out_ += value ? "true" : "false";
  }
  // `json` is a value.
  void raw(std::string_view name, std::string_view json) {
    member(name);
    out_ += json;
  }
  // `json` is members with their commas, and not empty.
  void members(std::string_view json) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_ += json;
  }
  // The caller writes the value behind it.
  std::string& member(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.append(1, '"').append(name).append("\":");
    return out_;
  }
  void end() { out_.push_back('}'); }

 private:
  std::string& out_;
  bool first_ = true;
};

// Puts a comma in front of every element of an array but the first.
class Separator {
 public:
  void before(std::string& out) {
    if (!first_) out.push_back(',');
    first_ = false;
  }

 private:
  bool first_ = true;
};

}  // namespace quire::api
