#include "api/couch/body_scan.h"

#include <algorithm>
#include <utility>

#include "api/couch/error.h"
#include "base/bytes.h"
#include "document/json.h"
#include "document/value.h"

// A machine over the bytes that knows strings from the rest and counts brackets. Bytes are copied in runs to
// the text that they belong to; those of a string `data` of an attachment go through Base64 to the sink.
//
// Where a document begins at depth `base_`, its members are named at level 0, its attachments at level 1, and
// their members at level 2.

namespace quire::api::couch {

namespace {

// Deeper than any document may be.
constexpr std::size_t kDepth = 256;
// Base64 is decoded in pieces of so many digits: a multiple of four.
constexpr std::size_t kDigits = 64 << 10;
constexpr std::size_t kLevels = 3;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What a string with its quotes says. It is looked at before it is read: nobody else has.
Result<std::string> read_name(std::string_view quoted) {
  if (quoted.find('\\') == std::string_view::npos) {
    return std::string(quoted.substr(1, quoted.size() - 2));
  }
  std::string checked;
  std::string text;
  QUIRE_TRY_STATUS(document::minify(quoted, {}, checked));
  document::unescape(std::string_view(checked).substr(1, checked.size() - 2), text);
  return text;
}

Error bad_data() { return bad_request("Invalid attachment data: it is no Base64."); }

}  // namespace

class BodyScan::Machine {
 public:
  Machine(Shape shape, const Bounds& bounds, AttachmentSink& sink)
      : list_(shape == Shape::list), bounds_(bounds), sink_(sink), base_(list_ ? 3 : 1) {
    if (list_) return;
    documents_.emplace_back();
    out_ = &documents_.back().text;
  }

  Status feed(std::string_view piece) {
    std::size_t at = 0;
    while (at < piece.size()) {
      switch (state_) {
        case State::structure: QUIRE_TRY_STATUS(take_structure(piece, at)); break;
        case State::string: QUIRE_TRY_STATUS(take_string(piece, at)); break;
        case State::data: QUIRE_TRY_STATUS(take_data(piece, at)); break;
      }
    }
    return ok();
  }

  Status finish() const {
    if (state_ != State::structure || !stack_.empty() || !begun_) {
      return bad_request("the body ends early");
    }
    return ok();
  }

  std::vector<ScannedDocument> documents_;
  std::string rest_;
  bool has_list_ = false;

 private:
  enum class State : std::uint8_t { structure, string, data };
  // Between the documents of a list.
  enum class Between : std::uint8_t { first, comma, document };

  bool in_list() const { return list_ && in_docs_ && stack_.size() == 2; }
  // Of the container that is open; nullopt: not one of a document's first three.
  std::size_t level() const { return stack_.size() - base_; }
  bool in_document() const { return stack_.size() >= base_ && (!list_ || in_docs_); }
  bool names_count() const {
    if (stack_.empty() || stack_.back() != '{') return false;
    if (list_ && stack_.size() == 1) return true;
    return in_document() && level() < kLevels && (level() == 0 || in_attachments_);
  }

  Status put(std::string_view bytes) {
    if (bytes.size() > bounds_.text_bytes - copied_) {
      return Error(ErrorCode::too_large, "the documents of the request are too large")
          .over(bounds_.text_bytes);
    }
    copied_ += bytes.size();
    out_->append(bytes);
    return ok();
  }

  Status take_structure(std::string_view piece, std::size_t& at) {
    std::size_t run = at;
    const auto flush = [&](std::size_t end) {
      const Status status = put(piece.substr(run, end - run));
      run = end;
      return status;
    };
    while (at < piece.size()) {
      const char c = piece[at];
      if (in_list() && !is_space(c)) {
        QUIRE_TRY_STATUS(check_between(c));
        if (c == ',') {
          run = ++at;
          continue;
        }
      } else if (in_list()) {
        run = ++at;
        continue;
      }
      switch (c) {
        case '"':
          ++at;
          if (diverts()) {
            QUIRE_TRY_STATUS(flush(at));
            state_ = State::data;
            return sink_.begin();
          }
          QUIRE_TRY_STATUS(flush(at));
          is_name_ = expects_name_ && names_count();
          name_begin_ = out_->size() - 1;
          state_ = State::string;
          return ok();
        case '{':
        case '[':
          if (in_list()) {
            QUIRE_TRY_STATUS(begin_document());
            run = at;
          }
          ++at;
          QUIRE_TRY_STATUS(open(c));
          if (in_list()) {
            QUIRE_TRY_STATUS(flush(at));
          }
          break;
        case '}':
        case ']':
          ++at;
          QUIRE_TRY_STATUS(flush(at));
          QUIRE_TRY_STATUS(close());
          break;
        case ',':
          expects_name_ = !stack_.empty() && stack_.back() == '{';
          ++at;
          break;
        default:
          if (!is_space(c) && stack_.empty() && list_ && !begun_) {
            return bad_request("Request body must be a JSON object");
          }
          begun_ = begun_ || !is_space(c);
          ++at;
      }
    }
    return flush(at);
  }

  // What stands between the documents of a list is nobody's to parse, and so it is looked at here.
  Status check_between(char c) {
    const bool good = c == '{'   ? between_ != Between::document
                      : c == ',' ? between_ == Between::document
                                 : c == ']' && between_ != Between::comma;
    if (!good) return bad_request("Document must be a JSON object");
    between_ = c == ',' ? Between::comma : Between::document;
    return ok();
  }

  Status begin_document() {
    if (documents_.size() >= bounds_.documents) {
      return Error(ErrorCode::too_large, "these are too many documents for one request")
          .over(bounds_.documents);
    }
    documents_.emplace_back();
    out_ = &documents_.back().text;
    return ok();
  }

  Status open(char c) {
    if (stack_.size() >= kDepth) return bad_request("the JSON is too deep");
    if (list_ && stack_.empty() && c != '{') return bad_request("Request body must be a JSON object");
    if (list_ && stack_.size() == 1 && root_name_ == "docs") {
      if (c != '[') return bad_request("`docs` must be an array.");
      in_docs_ = has_list_ = true;
      between_ = Between::first;
    }
    if (in_document() && level() == 0) in_attachments_ = c == '{' && names_[0] == "_attachments";
    begun_ = true;
    stack_.push_back(c);
    expects_name_ = c == '{';
    return ok();
  }

  Status close() {
    if (stack_.empty()) return bad_request("the JSON has a bracket too many");
    stack_.pop_back();
    expects_name_ = false;
    if (list_ && in_docs_ && stack_.size() == 2) out_ = &rest_;
    if (list_ && in_docs_ && stack_.size() == 1) {
      in_docs_ = false;
      root_name_.clear();
    }
    return ok();
  }

  // Whether the string that begins here is the data of an attachment.
  bool diverts() const {
    return !expects_name_ && in_document() && in_attachments_ && stack_.back() == '{' && level() == 2 &&
           names_[2] == "data";
  }

  Status take_string(std::string_view piece, std::size_t& at) {
    const std::size_t begin = at;
    if (escaped_) {
      escaped_ = false;
      ++at;
    }
    while (at < piece.size()) {
      const std::size_t found = piece.find_first_of("\"\\", at);
      if (found == std::string_view::npos) {
        at = piece.size();
        break;
      }
      at = found + 1;
      if (piece[found] == '"') {
        QUIRE_TRY_STATUS(put(piece.substr(begin, at - begin)));
        return end_string();
      }
      if (at == piece.size()) {
        escaped_ = true;
        break;
      }
      ++at;
    }
    return put(piece.substr(begin, at - begin));
  }

  Status end_string() {
    state_ = State::structure;
    if (!is_name_) return ok();
    expects_name_ = false;
    QUIRE_TRY(std::string name, read_name(std::string_view(*out_).substr(name_begin_)));
    if (list_ && stack_.size() == 1) {
      root_name_ = std::move(name);
    } else {
      names_[level()] = std::move(name);
    }
    return ok();
  }

  Status take_data(std::string_view piece, std::size_t& at) {
    while (at < piece.size()) {
      // Some write a slash as "\/"; nothing else of Base64 is ever escaped.
      if (std::exchange(escaped_, false) && piece[at] != '/') return bad_data();
      const std::size_t end = std::min(piece.find_first_of("\"\\", at), piece.size());
      for (std::size_t from = at; from < end;) {
        const std::size_t count = std::min(end - from, kDigits - digits_.size());
        digits_.append(piece.substr(from, count));
        from += count;
        if (digits_.size() == kDigits) QUIRE_TRY_STATUS(decode());
      }
      at = end;
      if (at == piece.size()) return ok();
      if (piece[at++] == '"') return end_data();
      escaped_ = true;
    }
    return ok();
  }

  Status decode() {
    if (padded_) return bad_data();
    padded_ = digits_.ends_with('=');
    const auto bytes = from_base64(digits_);
    if (!bytes) return bad_data();
    digits_.clear();
    return sink_.write(*bytes);
  }

  Status end_data() {
    if (!digits_.empty()) QUIRE_TRY_STATUS(decode());
    padded_ = false;
    QUIRE_TRY(auto attachment, sink_.finish());
    documents_.back().data.push_back({names_[1], std::move(attachment)});
    state_ = State::structure;
    return put("\"");
  }

  const bool list_;
  const Bounds bounds_;
  AttachmentSink& sink_;
  const std::size_t base_;
  std::string* out_ = &rest_;
  std::size_t copied_ = 0;

  State state_ = State::structure;
  std::string stack_;  // the open brackets
  bool begun_ = false;
  bool expects_name_ = false;
  bool escaped_ = false;
  bool is_name_ = false;
  std::size_t name_begin_ = 0;
  std::string root_name_;  // of a list
  bool in_docs_ = false;
  Between between_ = Between::first;
  std::string names_[kLevels];  // of the member that a value is for, by level
  bool in_attachments_ = false;
  std::string digits_;
  bool padded_ = false;
};

BodyScan::BodyScan(Shape shape, const Bounds& bounds, AttachmentSink& sink)
    : machine_(std::make_unique<Machine>(shape, bounds, sink)) {}
BodyScan::~BodyScan() = default;

Status BodyScan::feed(std::string_view piece) { return machine_->feed(piece); }
Status BodyScan::finish() { return machine_->finish(); }
std::vector<ScannedDocument>& BodyScan::documents() { return machine_->documents_; }
const std::string& BodyScan::rest() const { return machine_->rest_; }
bool BodyScan::has_list() const { return machine_->has_list_; }

}  // namespace quire::api::couch
