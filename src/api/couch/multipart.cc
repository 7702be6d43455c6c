#include "api/couch/multipart.h"

#include <algorithm>

#include "api/admission.h"
#include "api/couch/error.h"

namespace quire::api::couch {

namespace {

constexpr std::size_t kBoundaryBytes = 200;  // RFC 2046 has 70; some clients make longer ones
constexpr std::size_t kHeadBytes = 16 << 10;
constexpr std::size_t kFields = 64;
constexpr std::size_t kParts = 10'000;

Error malformed(std::string_view why) { return bad_request("malformed multipart body: " + std::string(why)); }

}  // namespace

std::string field_parameter(std::string_view value, std::string_view name) {
  std::size_t at = value.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = value.substr(at + 1);
    while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return {};
    const bool wanted = same_ignoring_case(trimmed(rest.substr(0, equals)), name);
    rest = rest.substr(equals + 1);
    std::string text;
    std::size_t used = 0;
    if (rest.starts_with('"')) {
      for (used = 1; used < rest.size() && rest[used] != '"'; ++used) {
        if (rest[used] == '\\' && used + 1 < rest.size()) ++used;
        text.push_back(rest[used]);
      }
    } else {
      used = std::min(rest.find(';'), rest.size());
      text = trimmed(rest.substr(0, used));
    }
    if (wanted) return text;
    const std::size_t next = rest.find(';', used);
    if (next == std::string_view::npos) return {};
    value = rest;
    at = next;
  }
  return {};
}

Result<PartHead> PartHead::parse(std::string_view lines) {
  PartHead head;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 2, lines.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return malformed("a field of a part has no name");
    if (head.fields_.size() == kFields) return malformed("a part has too many fields");
    head.fields_.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return head;
}

std::string_view PartHead::field(std::string_view name) const {
  for (const auto& [known, value] : fields_) {
    if (same_ignoring_case(known, name)) return value;
  }
  return {};
}

std::string PartHead::parameter(std::string_view name, std::string_view which) const {
  return field_parameter(field(name), which);
}

Result<MultipartReader> MultipartReader::make(std::string_view boundary, PartSink& sink) {
  if (boundary.empty() || boundary.size() > kBoundaryBytes ||
      boundary.find_first_of("\r\n") != std::string_view::npos) {
    return malformed("it has no boundary");
  }
  return MultipartReader("\r\n--" + std::string(boundary), sink);
}

Status MultipartReader::feed(std::string_view piece) {
  waiting_.append(piece);
  while (true) {
    QUIRE_TRY(const bool more, step());
    if (!more) return ok();
  }
}

Status MultipartReader::finish() const {
  return state_ == State::epilogue ? ok() : Status(malformed("it ends early"));
}

Result<bool> MultipartReader::step() {
  switch (state_) {
    case State::preamble: return step_preamble();
    case State::delimiter: return step_delimiter();
    case State::head: return step_head();
    case State::body: return step_body();
    case State::epilogue: waiting_.clear(); return false;
  }
  return false;
}

Result<bool> MultipartReader::step_preamble() {
  const std::size_t found = waiting_.find(delimiter_);
  if (found == std::string::npos) {
    if (waiting_.size() >= delimiter_.size()) waiting_.erase(0, waiting_.size() - delimiter_.size() + 1);
    return false;
  }
  waiting_.erase(0, found + delimiter_.size());
  state_ = State::delimiter;
  return true;
}

// Behind a delimiter: the end of its line, or "--" at the end of all parts.
Result<bool> MultipartReader::step_delimiter() {
  std::size_t blanks = 0;
  while (blanks < waiting_.size() && (waiting_[blanks] == ' ' || waiting_[blanks] == '\t')) ++blanks;
  if (blanks > kHeadBytes) return malformed("a delimiter is too long");
  if (waiting_.size() - blanks < 2) return false;
  const std::string_view two = std::string_view(waiting_).substr(blanks, 2);
  if (two == "--" && blanks == 0) {
    state_ = State::epilogue;
    return true;
  }
  if (two != "\r\n") return malformed("something stands behind a delimiter");
  if (++parts_ > kParts) return Error(ErrorCode::too_large, "too many parts").over(kParts);
  // The line's end stays: a head without fields is an empty line behind it.
  waiting_.erase(0, blanks);
  state_ = State::head;
  return true;
}

Result<bool> MultipartReader::step_head() {
  const std::size_t found = waiting_.find("\r\n\r\n");
  if (found == std::string::npos || found > kHeadBytes) {
    if (waiting_.size() > kHeadBytes) return malformed("the head of a part is too long");
    return false;
  }
  const std::string_view lines = std::string_view(waiting_).substr(0, found);
  QUIRE_TRY(const PartHead head, PartHead::parse(lines.empty() ? lines : lines.substr(2)));
  QUIRE_TRY_STATUS(sink_->begin(head));
  waiting_.erase(0, found + 4);
  state_ = State::body;
  return true;
}

Result<bool> MultipartReader::step_body() {
  const std::size_t found = waiting_.find(delimiter_);
  const std::size_t whole = found != std::string::npos             ? found
                            : waiting_.size() >= delimiter_.size() ? waiting_.size() - delimiter_.size() + 1
                                                                   : 0;
  if (whole != 0) QUIRE_TRY_STATUS(sink_->write(std::string_view(waiting_).substr(0, whole)));
  if (found == std::string::npos) {
    waiting_.erase(0, whole);
    return false;
  }
  waiting_.erase(0, found + delimiter_.size());
  QUIRE_TRY_STATUS(sink_->end());
  state_ = State::delimiter;
  return true;
}

}  // namespace quire::api::couch
