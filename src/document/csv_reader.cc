#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "document/csv.h"
#include "document/number_scan.h"

// A row becomes the text of an object while its bytes come in; of a row only that text and the field that is
// being read are held. After a row's first error its bytes are only looked at for the row's end, so that the
// next row is read as if nothing had been.

namespace quire::document {

namespace {

// A name for a message: cut where it is long.
std::string shown(std::string_view name) {
  constexpr std::size_t kShownBytes = 60;
  if (name.size() <= kShownBytes) return std::string(name);
  std::size_t size = kShownBytes;
  while (size > 0 && (name[size] & 0xC0) == 0x80) --size;
  return std::string(name.substr(0, size)) + "...";
}

class CsvReader final : public InputReader {
 public:
  CsvReader(RecordInput input, const RecordOptions& options)
      : InputReader(std::move(input)), options_(options), field_(options.record_bytes) {}

 private:
  enum class State : std::uint8_t { field_start, unquoted, quoted, after_quote, after_return };

  Result<std::optional<Record>> read() override {
    if (!has_header_) {
      QUIRE_TRY(const bool found, take_row());
      if (!found) return std::nullopt;
      if (auto error = header_error()) return final(std::move(*error));
      has_header_ = true;
    }
    QUIRE_TRY(const bool found, take_row());
    if (!found) return std::nullopt;
    if (!error_ && column_ != names_.size()) complain_ragged();
    if (error_) return *std::move(error_);
    if (json_.size() > 1) json_.pop_back();
    json_.push_back('}');
    return Record{.json = std::move(json_), .unit = "row", .row = row_, .offset = row_offset_};
  }

  // Takes a row that is not blank, with the end of its line. False at the end of the input.
  Result<bool> take_row() {
    begin_row();
    for (;;) {
      QUIRE_TRY(const std::string_view chunk, peek());
      if (chunk.empty()) return end_of_input();
      std::size_t used = 0;
      while (used < chunk.size() && !row_ended_) used += step(chunk.substr(used));
      take(used);
      if (!row_ended_) continue;
      if (!blank_) return true;
      begin_row();
    }
  }

  void begin_row() {
    ++row_;
    row_offset_ = offset();
    json_ = "{";
    error_.reset();
    column_ = 0;
    row_ended_ = false;
    blank_ = false;
    if (!has_header_) {
      names_.clear();
      names_json_.clear();
    }
    begin_field();
  }

  void begin_field() {
    state_ = State::field_start;
    quoted_ = false;
    field_.clear();
  }

  // Takes at least one byte, or moves to another state.
  std::size_t step(std::string_view rest) {
    const char c = rest.front();
    switch (state_) {
      case State::field_start:
        quoted_ = c == '"';
        state_ = quoted_ ? State::quoted : State::unquoted;
        return quoted_ ? 1 : 0;
      case State::unquoted: return unquoted_part(rest);
      case State::quoted: return quoted_part(rest);
      case State::after_quote:
        if (c == '"') {
          append(rest.substr(0, 1));
          state_ = State::quoted;
          return 1;
        }
        if (end_field_at(c)) return 1;
        complain("there is text behind the closing quote");
        state_ = State::unquoted;
        return 0;
      case State::after_return:
        if (end_field_at(c)) return 1;
        complain("a carriage return stands outside quotes");
        state_ = State::unquoted;
        return 0;
    }
    return 1;
  }

  std::size_t unquoted_part(std::string_view rest) {
    const char separator = options_.separator;
    const auto special = [separator](char c) { return c == separator || c == '\n' || c == '\r' || c == '"'; };
    const auto size =
        static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), special) - rest.begin());
    append(rest.substr(0, size));
    if (size == rest.size()) return size;
    if (!end_field_at(rest[size])) complain("a quote stands inside a field that is not quoted");
    return size + 1;
  }

  std::size_t quoted_part(std::string_view rest) {
    const std::size_t size = std::min(rest.find('"'), rest.size());
    append(rest.substr(0, size));
    if (size == rest.size()) return size;
    state_ = State::after_quote;
    return size + 1;
  }

  // True where the byte behind a field belongs to the grammar: a separator, or a part of the line's end.
  bool end_field_at(char c) {
    if (state_ == State::after_return && c != '\n') return false;
    if (c == '\r') {
      state_ = State::after_return;
      return true;
    }
    if (c != '\n' && c != options_.separator) return false;
    end_field();
    row_ended_ = c == '\n';
    return true;
  }

  // The last line may lack its end.
  Result<bool> end_of_input() {
    if (state_ == State::quoted) {
      complain("the file ends inside a quoted field");
      return final(*std::move(error_));
    }
    if (offset() == row_offset_) return false;
    end_field();
    return !blank_;
  }

  void append(std::string_view bytes) {
    if (error_) return;
    if (!field_.append(bytes)) complain_too_long();
  }

  void end_field() {
    blank_ = column_ == 0 && !quoted_ && !error_ && field_.text().empty();
    if (!error_ && !valid_utf8(field_.text())) complain("the text is not UTF-8");
    if (!error_) add_field(field_.text());
    ++column_;
    begin_field();
  }

  void add_field(std::string_view text) {
    if (!has_header_) {
      add_name(text);
      return;
    }
    if (column_ >= names_.size()) return;  // a ragged row, which its end will tell
    const bool bare = options_.infer_types && !quoted_;
    if (bare && text.empty()) return;
    json_.append(names_json_[column_]);
    if (bare && is_json_scalar(text)) {
      json_.append(text);
    } else {
      append_json_string(json_, text);
    }
    json_.push_back(',');
    if (json_.size() > options_.record_bytes) complain_too_long();
  }

  void add_name(std::string_view name) {
    names_.emplace_back(name);
    std::string& json = names_json_.emplace_back();
    append_json_string(json, name);
    json.push_back(':');
    header_bytes_ += name.size();
    if (header_bytes_ > options_.record_bytes) complain_too_long();
    if (names_.size() > options_.columns) {
      complain("the header names more than " + std::to_string(options_.columns) + " columns");
    }
  }

  std::optional<Error> header_error() {
    if (error_) return std::move(error_);
    std::unordered_set<std::string_view> seen;
    for (column_ = 0; column_ < names_.size(); ++column_) {
      if (names_[column_].empty()) {
        complain("the header leaves this column without a name");
      } else if (!seen.insert(names_[column_]).second) {
        complain("the header names this column as an earlier one");
      }
      if (error_) return std::move(error_);
    }
    return std::nullopt;
  }

  // "row 7, column 3 (price)"
  std::string place() const {
    std::string place = "row " + std::to_string(row_) + ", column " + std::to_string(column_ + 1);
    if (column_ < names_.size()) place += " (" + shown(names_[column_]) + ")";
    return place;
  }
  // The first error of a row is the one that is told.
  void complain(std::string why) {
    if (!error_) set_error(Error(ErrorCode::invalid, std::move(why)).at(place()));
  }
  void complain_too_long() {
    const std::uint64_t limit = options_.record_bytes;
    const std::string why = "the row is over " + std::to_string(limit) + " bytes here";
    set_error(Error(ErrorCode::too_large, why).at(place()).over(limit));
  }
  void complain_ragged() {
    const std::string why = "the row has " + std::to_string(column_) + " fields where the header names " +
                            std::to_string(names_.size()) + " columns";
    column_ = std::min<std::uint64_t>(column_, names_.size());
    complain(why);
  }
  void set_error(Error error) {
    error_ = std::move(error);
    field_.clear();
    json_.clear();
  }

  const RecordOptions options_;
  bool has_header_ = false;
  std::vector<std::string> names_;
  std::vector<std::string> names_json_;  // "name": with its quotes and colon
  std::uint64_t header_bytes_ = 0;

  // The row that is being read.
  std::uint64_t row_ = 0;
  std::uint64_t row_offset_ = 0;
  std::uint64_t column_ = 0;  // from 0
  std::string json_;
  std::optional<Error> error_;
  bool row_ended_ = false;
  bool blank_ = false;

  // The field that is being read.
  State state_ = State::field_start;
  bool quoted_ = false;
  BoundedText field_;
};

}  // namespace

bool is_json_scalar(std::string_view text) {
  if (text == "null" || text == "true" || text == "false") return true;
  if (text.empty() || text.size() > JsonLimits().number_bytes) return false;
  const char* end = text.data() + text.size();
  return scan_number(text.data(), end) == NumberFault::none && end == text.data() + text.size();
}

Status check_separator(char separator) {
  if (separator != '"' && separator != '\r' && separator != '\n') return ok();
  return Error(ErrorCode::invalid, "a quote or a line's end cannot separate fields").at("separator");
}

std::unique_ptr<RecordReader> make_csv_reader(RecordInput input, const RecordOptions& options) {
  return std::make_unique<CsvReader>(std::move(input), options);
}

}  // namespace quire::document
