// The only file that includes RE2.
#include "document/regex.h"

#include <re2/re2.h>

#include <algorithm>

#include "document/tuning.h"

namespace quire::document {

struct Regex::Compiled {
  Compiled(const std::string& pattern, const RE2::Options& options) : re2(pattern, options) {}
  RE2 re2;
};

namespace {
RE2::Options quiet_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexBytes);
  return options;
}

// Takes white space and comments out of a pattern, but not where they are escaped or in a character class.
std::string without_white_space(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '\\' && at + 1 < pattern.size()) {
      out.append(pattern.substr(at, 2));
      ++at;
      continue;
    }
    if (!in_class && std::string_view(" \t\n\v\f\r").find(c) != std::string_view::npos) continue;
    if (!in_class && c == '#') {
      at = std::min(pattern.find('\n', at), pattern.size());
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    out.push_back(c);
  }
  return out;
}
}  // namespace

Regex::Regex(std::string_view pattern, std::string options)
    : pattern_(pattern), options_(std::move(options)) {
  const bool extended = options_.find('x') != std::string::npos;
  std::string flags;
  std::copy_if(options_.begin(), options_.end(), std::back_inserter(flags), [](char c) { return c != 'x'; });
  const std::string prefix = flags.empty() ? "" : "(?" + flags + ")";
  compiled_ = std::make_unique<Compiled>(prefix + (extended ? without_white_space(pattern) : pattern_),
                                         quiet_options());
}

Regex::~Regex() = default;

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern, std::string_view options) {
  std::string sorted(options);
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (sorted.find_first_not_of("imsx") != std::string::npos) {
    return Error(ErrorCode::invalid, "the options of a regular expression are i, m, s and x");
  }
  std::shared_ptr<const Regex> regex(new Regex(pattern, std::move(sorted)));
  const RE2& re2 = regex->compiled_->re2;
  if (!re2.ok()) return Error(ErrorCode::invalid, "a malformed regular expression: " + re2.error());
  return regex;
}

std::size_t Regex::program_size() const {
  return static_cast<std::size_t>(std::max(compiled_->re2.ProgramSize(), 0));
}

bool Regex::found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->re2);
}

}  // namespace quire::document
