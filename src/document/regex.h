#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace quire::document {

// A regular expression in RE2's syntax, which matches in linear time. Never changes; every thread may use it.
class Regex {
 public:
  // Options: i ignores case, m lets ^ and $ match at lines, s lets the dot match a line's end, x ignores
  // white space and comments in the pattern. Errors: invalid.
  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern, std::string_view options);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  // Whether the pattern matches somewhere in the text.
  bool found_in(std::string_view text) const;
  const std::string& pattern() const { return pattern_; }
  // Instructions that the pattern is compiled to: what a byte of text costs at worst grows with it.
  std::size_t program_size() const;
  // Sorted, each once.
  const std::string& options() const { return options_; }

 private:
  struct Compiled;
  Regex(std::string_view pattern, std::string options);

  std::string pattern_;
  std::string options_;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace quire::document
