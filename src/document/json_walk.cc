#include "document/json_walk.h"

#include <algorithm>
#include <cstring>

#include "document/json_index.h"
#include "document/number_scan.h"
#include "document/tuning.h"
#include "document/value.h"

namespace quire::document {

namespace {
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The code unit of the escape "\uXXXX" at the start of `text`, or -1.
int code_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
  int unit = 0;
  for (int i = 2; i < 6; ++i) {
    const int digit = hex_digit(text[static_cast<std::size_t>(i)]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

std::size_t find_backslash(std::string_view text, std::size_t from) {
  const void* const found = std::memchr(text.data() + from, '\\', text.size() - from);
  return found == nullptr ? text.size()
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

JsonWalk::JsonWalk(std::string_view text, const JsonLimits& limits, Scratch& scratch, char* out)
    : text_(text),
      limits_(limits),
      max_depth_(std::min(limits.depth, kMaxDepth)),
      out_(out),
      open_(scratch.open),
      names_(scratch.names) {
  open_.clear();
  names_.clear();
}

JsonWalk::~JsonWalk() { let_go_of_large_index(); }

bool JsonWalk::run() {
  if (text_.size() > std::min<std::uint64_t>(limits_.document_bytes, ~std::uint32_t{0} - 64)) {
    return fail("the text is too long", 0, limits_.document_bytes);
  }
  const TokenIndex index = index_tokens(text_);
  if (!index.sound) {
    fault_ = find_lexical_fault(text_);
    return false;
  }
  positions_ = index.positions;
  token_count_ = index.count;
  if (index.count == 0) return fail("no value", text_.size());
  next_backslash_ = find_backslash(text_, 0);
  do {
    while (begin_value()) {
    }
  } while (end_value());
  if (fault_.what != nullptr) return false;
  if (next_token_ != token_count_) return fail("something follows the value", positions_[next_token_]);
  copy_run();
  return true;
}

bool JsonWalk::fail(const char* what, std::size_t offset, std::uint64_t limit) {
  fault_ = {what, offset, limit};
  return false;
}

void JsonWalk::copy_run() {
  std::memcpy(out_ + written_, text_.data() + run_begin_, token_end_ - run_begin_);
  written_ += token_end_ - run_begin_;
}

inline bool JsonWalk::next() {
  if (next_token_ == token_count_) return fail("the text ends too early", text_.size());
  at_ = positions_[next_token_++];
  if (at_ != token_end_) {
    copy_run();
    run_begin_ = at_;
  }
  token_end_ = at_ + 1;
  return true;
}

inline bool JsonWalk::take_if(char c) {
  if (next_token_ == token_count_ || text_[positions_[next_token_]] != c) return false;
  return next();
}

// Takes a scalar, an empty container, or the opening of a container; true where another value must follow.
inline bool JsonWalk::begin_value() {
  if (!next()) return false;
  switch (text_[at_]) {
    case '{': return open_container(true);
    case '[': return open_container(false);
    case '"': take_string(); return false;
    case 't': return take_literal("true");
    case 'f': return take_literal("false");
    case 'n': return take_literal("null");
    case '\xEF': return fail(at_ == 0 ? "a byte order mark" : "no value begins here", at_);
    default: return take_number();
  }
}

// After a value: closes the containers that end here; true where a comma asks for another value.
inline bool JsonWalk::end_value() {
  for (;;) {
    if (fault_.what != nullptr || open_.empty()) return false;
    if (in_reserved_ && open_.size() == 1) end_reserved();
    if (!next()) return false;
    const bool object = open_.back().object;
    const char c = text_[at_];
    if (c == ',') return !object || take_name();
    if (c != (object ? '}' : ']')) return fail("neither a comma nor the container's end", at_);
    close_container();
  }
}

bool JsonWalk::open_container(bool object) {
  if (open_.size() >= max_depth_) return fail("containers nest too deep", at_, max_depth_);
  if (take_if(object ? '}' : ']')) return false;
  open_.push_back({names_.open(), 0, object});
  return !object || take_name();
}

void JsonWalk::close_container() {
  if (open_.back().object) {
    const std::size_t twice = names_.close(open_.back().names);
    if (twice != NameSet::kNone) fail("a member's name stands twice", twice);
  }
  open_.pop_back();
}

bool JsonWalk::take_name() {
  if (!next()) return false;
  if (text_[at_] != '"') return fail("no member's name", at_);
  const std::size_t begin = at_;
  const std::size_t written = written_at(begin);
  bool escaped = false;
  if (!take_string(&escaped)) return false;
  Container& object = open_.back();
  if (++object.members > limits_.members)
    return fail("an object has too many members", begin, limits_.members);
  const std::string_view name = name_at(begin, escaped);
  if (!names_.add(object.names, name, begin + 1)) return fail("a member's name stands twice", begin + 1);
  if (!next()) return false;
  if (text_[at_] != ':') return fail("no colon behind a member's name", at_);
  if (split_ && open_.size() == 1 && !name.empty() && name[0] == '_') {
    reserved_.push_back({std::string(name), written, written_at(token_end_), 0});
    in_reserved_ = true;
  }
  return true;
}

std::string_view JsonWalk::name_at(std::size_t begin, bool escaped) {
  const std::string_view raw = text_.substr(begin + 1, token_end_ - begin - 2);
  if (!escaped) return raw;
  std::string unescaped;
  unescape(raw, unescaped);
  return names_.keep(unescaped);
}

void JsonWalk::end_reserved() {
  reserved_.back().member_end = written_at(token_end_);
  in_reserved_ = false;
}

inline bool JsonWalk::take_string(bool* escaped) {
  // Whatever stands between the closing quote and the next token is white space.
  std::size_t end = positions_[next_token_];
  while (text_[end - 1] != '"') --end;
  token_end_ = end;
  const std::string_view raw = text_.substr(at_ + 1, end - at_ - 2);
  if (raw.size() > limits_.string_bytes) return fail("a string is too long", at_, limits_.string_bytes);
  if (next_backslash_ >= end) return true;
  if (escaped != nullptr) *escaped = true;
  if (!check_escapes(raw, at_ + 1)) return false;
  next_backslash_ = find_backslash(text_, end);
  return true;
}

bool JsonWalk::check_escapes(std::string_view raw, std::size_t offset) {
  for (std::size_t at = find_backslash(raw, 0); at < raw.size(); at = find_backslash(raw, at)) {
    const int unit = code_unit(raw.substr(at));
    if (unit < 0) {
      if (std::strchr("\"\\/bfnrt", raw[at + 1]) == nullptr || raw[at + 1] == '\0') {
        return fail("no such escape", offset + at);
      }
      at += 2;
    } else if (unit < 0xD800 || unit > 0xDFFF) {
      at += 6;
    } else {
      const int low = code_unit(raw.substr(at + 6));
      if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF) return fail("a lone surrogate", offset + at);
      at += 12;
    }
  }
  return true;
}

inline bool JsonWalk::take_number() {
  if (text_[at_] != '-' && !is_digit(text_[at_])) return fail("no value begins here", at_);
  const char* end = text_.data() + positions_[next_token_];
  const NumberFault fault = scan_number(text_.data() + at_, end);
  if (fault == NumberFault::grammar) return fail("a malformed number", at_);
  if (fault == NumberFault::exponent) return fail("a number's exponent is too long", at_, kMaxExponentDigits);
  const auto behind = static_cast<std::size_t>(end - text_.data());
  if (behind - at_ > limits_.number_bytes) return fail("a number is too long", at_, limits_.number_bytes);
  return end_scalar(behind);
}

inline bool JsonWalk::take_literal(std::string_view literal) {
  if (text_.substr(at_, literal.size()) != literal) return fail("no value begins here", at_);
  return end_scalar(at_ + literal.size());
}

// Returns false: no value has to follow.
inline bool JsonWalk::end_scalar(std::size_t end) {
  if (end != positions_[next_token_] && !is_space(text_[end])) return fail("no value begins here", at_);
  token_end_ = end;
  return false;
}

}  // namespace quire::document
