#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quire::cli {

// Where a command names its arguments. What they are bound to outlives the parsing.
class Arguments {
 public:
  virtual ~Arguments() = default;
  virtual void positional(std::string_view name, std::string& value, std::string_view help) = 0;
  virtual void optional_positional(std::string_view name, std::string& value, std::string_view help) = 0;
  virtual void positionals(std::string_view name, std::vector<std::string>& values,
                           std::string_view help) = 0;
  // `name` is "--name" or "-n,--name". What `value` holds beforehand is the default.
  virtual void option(std::string_view name, std::string& value, std::string_view help) = 0;
  // A positional that is nothing but one of the words.
  virtual void required_choice(std::string_view name, std::string& value,
                               const std::vector<std::string>& words, std::string_view help) = 0;
  // Nothing but one of the words.
  virtual void choice(std::string_view name, std::string& value, const std::vector<std::string>& words,
                      std::string_view help) = 0;
  virtual void number(std::string_view name, std::uint64_t& value, std::string_view help) = 0;
  virtual void flag(std::string_view name, bool& value, std::string_view help) = 0;
  // An option that may be given more than once, each time with one value; or, `is_flag`, without any, which
  // is "true". Not given: `values` stays empty, and `standard` counts.
  virtual void values(std::string_view name, std::vector<std::string>& values, bool is_flag,
                      std::string_view standard, std::string_view help) = 0;
};

// One command of the program, for one run of it.
class Command {
 public:
  virtual ~Command() = default;
  virtual void define(Arguments& arguments) = 0;
  // Prints what it is asked for. An error becomes one line on stderr and a status other than 0.
  virtual Status run() = 0;
};

}  // namespace quire::cli
