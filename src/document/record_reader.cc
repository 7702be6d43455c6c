#include "document/record_reader.h"

#include <algorithm>

#include "document/csv.h"
#include "document/record_input.h"
#include "document/text_scan.h"

// Readers of JSON find where a record ends and look no further: that it is a document is checked by whoever
// parses it, once. The end is found by strings and the depth of brackets alone, so that a malformed record is
// most often followed by a whole one.

namespace quire::document {

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::size_t skip_space(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_space) - text.begin());
}

Error too_long(std::string place, std::uint64_t limit) {
  return Error(ErrorCode::too_large, "the record is over " + std::to_string(limit) + " bytes")
      .at(std::move(place))
      .over(limit);
}

class NdjsonReader final : public InputReader {
 public:
  NdjsonReader(RecordInput input, std::uint64_t limit) : InputReader(std::move(input)), limit_(limit) {}

 private:
  Result<std::optional<Record>> read() override {
    for (;;) {
      Record record{.json = {}, .unit = "line", .row = ++line_, .offset = offset()};
      BoundedText text(limit_);
      QUIRE_TRY(const bool more, take_line(text));
      if (text.over()) return too_long(record.place(), limit_);
      record.json = std::move(text.text());
      if (skip_space(record.json) < record.json.size()) return record;
      if (!more) return std::nullopt;
    }
  }

  // False where the input ended.
  Result<bool> take_line(BoundedText& text) {
    for (;;) {
      QUIRE_TRY(const std::string_view chunk, peek());
      if (chunk.empty()) return false;
      const std::size_t newline = chunk.find('\n');
      text.append(chunk.substr(0, newline));
      if (newline != std::string_view::npos) {
        take(newline + 1);
        return true;
      }
      take(chunk.size());
    }
  }

  std::uint64_t limit_;
  std::uint64_t line_ = 0;
};

// Finds where a JSON value ends, piece by piece.
class ValueScanner {
 public:
  // In an array a value ends before the comma or bracket behind it, else with the bracket that closes it, or
  // before white space.
  explicit ValueScanner(bool in_array) : in_array_(in_array) {}

  // How many bytes of the chunk belong to the value; where it ends among them or just behind, ended() is
  // true.
  std::size_t feed(std::string_view chunk) {
    const char* const begin = chunk.data();
    const char* const end = begin + chunk.size();
    const char* at = begin;
    while (at < end && !ended_)
      at = in_string_ ? string_part(at, end) : depth_ > 0 ? container_part(at, end) : outer_byte(at);
    return static_cast<std::size_t>(at - begin);
  }
  bool ended() const { return ended_; }
  // True where the input may end here.
  bool may_end() const { return !in_string_ && depth_ == 0; }

 private:
  const char* string_part(const char* at, const char* end) {
    if (escaped_) {
      escaped_ = false;
      return at + 1;
    }
    at = find_quote_or_backslash(at, end);
    if (at == end) return at;
    if (*at == '"') {
      in_string_ = false;
    } else {
      escaped_ = true;
    }
    return at + 1;
  }

  const char* container_part(const char* at, const char* end) {
    at = find_quote_or_bracket(at, end);
    if (at == end) return at;
    if (*at == '"') {
      in_string_ = true;
    } else if ((*at | 0x20) == '{') {
      ++depth_;
    } else if (--depth_ == 0) {
      ended_ = !in_array_;
    }
    return at + 1;
  }

  const char* outer_byte(const char* at) {
    if (in_array_ ? *at == ',' || *at == ']' : is_space(*at)) {
      ended_ = true;
      return at;
    }
    if (*at == '"') in_string_ = true;
    if ((*at | 0x20) == '{') ++depth_;
    return at + 1;
  }

  const bool in_array_;
  bool in_string_ = false;
  bool escaped_ = false;
  bool ended_ = false;
  std::uint64_t depth_ = 0;
};

// Documents one after another.
class JsonDocumentsReader : public InputReader {
 public:
  JsonDocumentsReader(RecordInput input, std::uint64_t limit)
      : InputReader(std::move(input)), limit_(limit) {}

 protected:
  Result<std::optional<Record>> read() override {
    QUIRE_TRY(const std::optional<char> first, first_byte());
    if (!first) return std::nullopt;
    Record record{.json = {}, .unit = "document", .row = ++row_, .offset = offset()};
    ValueScanner scanner(false);
    QUIRE_TRY_STATUS(take_value(scanner, record));
    return record;
  }

  // The first byte that is no white space, which is not taken yet; nullopt at the end.
  Result<std::optional<char>> first_byte() {
    for (;;) {
      QUIRE_TRY(const std::string_view chunk, peek());
      if (chunk.empty()) return std::nullopt;
      const std::size_t space = skip_space(chunk);
      take(space);
      if (space < chunk.size()) return chunk[space];
    }
  }

  // Takes the bytes of one value. The limit is passed only after all of them are taken.
  Status take_value(ValueScanner& scanner, Record& record) {
    BoundedText text(limit_);
    while (!scanner.ended()) {
      QUIRE_TRY(const std::string_view chunk, peek());
      if (chunk.empty() && scanner.may_end()) break;
      if (chunk.empty()) {
        const Error cut_off =
            Error(ErrorCode::invalid, "the file ends inside this record").at(record.place());
        return final(text.over() ? too_long(record.place(), limit_) : cut_off);
      }
      const std::size_t size = scanner.feed(chunk);
      text.append(chunk.substr(0, size));
      take(size);
    }
    if (text.over()) return too_long(record.place(), limit_);
    record.json = std::move(text.text());
    return ok();
  }

  std::uint64_t limit_;
  std::uint64_t row_ = 0;
};

class JsonArrayReader final : public JsonDocumentsReader {
 public:
  using JsonDocumentsReader::JsonDocumentsReader;

 private:
  Result<std::optional<Record>> read() override {
    QUIRE_TRY(std::optional<char> first, first_byte());
    if (state_ == State::before) {
      if (!first) return std::nullopt;
      if (first != '[') return malformed("an array of documents begins with '['");
      take(1);
      state_ = State::inside;
      QUIRE_TRY(first, first_byte());
      if (first == ']') {
        take(1);
        state_ = State::after;
        QUIRE_TRY(first, first_byte());
      }
    }
    if (state_ == State::inside) return read_element();
    if (first) return malformed("there is text behind the end of the array");
    return std::nullopt;
  }

  // Takes an element with the comma or bracket behind it.
  Result<std::optional<Record>> read_element() {
    Record record{.json = {}, .unit = "element", .row = ++row_, .offset = offset()};
    ValueScanner scanner(true);
    const Status taken = take_value(scanner, record);
    if (failed()) return taken.error();
    QUIRE_TRY(const std::string_view rest, peek());
    if (rest.empty()) return malformed("the file ends inside the array");
    state_ = rest.front() == ',' ? State::inside : State::after;
    take(1);
    if (!taken) return taken.error();
    if (record.json.empty()) return Error(ErrorCode::invalid, "an element is missing").at(record.place());
    return record;
  }

  Error malformed(const char* why) {
    return final(Error(ErrorCode::invalid, why).at("byte " + std::to_string(offset())));
  }

  enum class State : std::uint8_t { before, inside, after };
  State state_ = State::before;
};

bool ends_with(std::string_view name, std::string_view ending) {
  if (name.size() < ending.size()) return false;
  name.remove_prefix(name.size() - ending.size());
  return std::equal(name.begin(), name.end(), ending.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
}

// Documents that each end before the first line does stand a line each.
RecordFormat format_of_documents(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  ValueScanner scanner(false);
  scanner.feed(text);
  return scanner.ended() ? RecordFormat::ndjson : RecordFormat::json_documents;
}

}  // namespace

RecordFormat detect_format(std::string_view name, std::string_view first_bytes) {
  if (ends_with(name, ".csv")) return RecordFormat::csv;
  if (ends_with(name, ".ndjson") || ends_with(name, ".jsonl")) return RecordFormat::ndjson;
  const std::string_view text = first_bytes.substr(skip_space(first_bytes));
  if (text.starts_with('[')) return RecordFormat::json_array;
  if (text.empty() || text.starts_with('{')) return format_of_documents(text);
  return ends_with(name, ".json") ? RecordFormat::json_documents : RecordFormat::csv;
}

std::string Record::place() const {
  return std::string(unit) + " " + std::to_string(row) + ", byte " + std::to_string(offset);
}

Result<std::optional<Record>> RecordReader::next() {
  if (failure_) return *failure_;
  return read();
}

Error RecordReader::final(Error error) {
  failure_ = error;
  return error;
}

Result<std::unique_ptr<RecordReader>> read_records(ByteSource& source, std::string_view name,
                                                   const RecordOptions& options) {
  RecordInput input(source);
  QUIRE_TRY(const std::string_view first_bytes, input.peek());
  switch (options.format ? *options.format : detect_format(name, first_bytes)) {
    case RecordFormat::ndjson: return std::make_unique<NdjsonReader>(std::move(input), options.record_bytes);
    case RecordFormat::json_documents:
      return std::make_unique<JsonDocumentsReader>(std::move(input), options.record_bytes);
    case RecordFormat::json_array:
      return std::make_unique<JsonArrayReader>(std::move(input), options.record_bytes);
    case RecordFormat::csv: break;
  }
  QUIRE_TRY_STATUS(check_separator(options.separator));
  return make_csv_reader(std::move(input), options);
}

}  // namespace quire::document
