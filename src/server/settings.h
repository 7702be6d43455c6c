#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/config.h"

namespace quire::server {

// What a setting's value is.
enum class Type : std::uint8_t {
  text,
  path,      // of a file or directory
  listener,  // a list of them
  texts,     // a list
  flag,
  number,
  bytes,
  time,
  level,  // of the log
};

// A value, parsed; which member counts is for the type to say.
struct Value {
  std::vector<std::string> texts;  // of texts; and one of text, path, level
  std::vector<Listener> listeners;
  bool flag = false;
  std::uint64_t number = 0;  // of number and bytes
  std::chrono::milliseconds time{};

  const std::string& text() const { return texts.front(); }
};

// One line of the table that file, environment, flags, --help and the reference page are made of.
struct Setting {
  std::string_view name;      // in the file, with a dot behind its table: "limits.head-time"
  std::string_view variable;  // another one, of the key-value service; empty: none
  Type type;
  std::string_view standard;  // the default, as people write it; of texts: empty
  std::uint64_t least;        // of number, bytes and time (in milliseconds)
  std::uint64_t most;
  bool startup_only;  // it is never changed but at a start: no request could, whatever it may do
  void (*put)(Config&, Value);
  std::string_view summary;

  // "--limits-head-time"
  std::string flag_name() const;
  // "QUIRE_LIMITS_HEAD_TIME"
  std::string variable_name() const;
  bool is_list() const { return type == Type::listener || type == Type::texts; }
};

// Every setting, in the order in which the reference shows them.
std::span<const Setting> settings();
// Null where there is none of the name.
const Setting* find_setting(std::string_view name);

// Parses and bounds. Errors: invalid; the message begins with "expected ", and never holds the value.
Result<Value> parse_value(const Setting& setting, const std::vector<std::string>& texts);

// "a time, 1s to 10m": what is expected.
std::string describe_type(const Setting& setting);
// The reference of all settings, as Markdown.
std::string settings_reference();

}  // namespace quire::server
