#include <unordered_map>
#include <vector>

#include "document/csv.h"
#include "document/record_output.h"
#include "document/tuning.h"
#include "document/value.h"

// While the columns are not known, the documents wait as text, up to the bounds of tuning.h.

namespace quire::document {

namespace {

class CsvWriter final : public RecordWriter {
 public:
  CsvWriter(ByteSink& sink, const RecordWriterOptions& options)
      : out_(sink),
        separator_(options.separator),
        infer_types_(options.infer_types),
        line_end_(options.line_end),
        columns_given_(!options.columns.empty()) {}

  // Errors: invalid.
  Status add_column(std::string_view name) {
    if (name.empty()) return Error(ErrorCode::invalid, "a column needs a name");
    const auto [at, is_new] = columns_.emplace(name, names_.size());
    if (!is_new) return Error(ErrorCode::invalid, "a column is named twice").at(std::string(name));
    names_.emplace_back(name);
    return ok();
  }

  Status write(std::string_view document) override {
    if (!has_header_ && columns_given_) write_header();
    if (has_header_) return write_row(document);
    waiting_bytes_ += document.size();
    waiting_.emplace_back(document);
    if (waiting_.size() < kColumnSampleRecords && waiting_bytes_ < kColumnSampleBytes) return ok();
    return write_waiting();
  }

  Status finish() override {
    if (!has_header_ && columns_given_) write_header();
    if (!waiting_.empty()) QUIRE_TRY_STATUS(write_waiting());
    return out_.flush();
  }

 private:
  Status write_waiting() {
    for (const std::string& document : waiting_) QUIRE_TRY_STATUS(learn_columns(document));
    if (names_.empty()) return Error(ErrorCode::invalid, "documents without members have no columns");
    write_header();
    for (const std::string& document : waiting_) QUIRE_TRY_STATUS(write_row(document));
    waiting_ = {};
    return ok();
  }

  Status learn_columns(std::string_view document) {
    QUIRE_TRY(const Value value, parse(document));
    for (const Member& member : value.members()) {
      const std::string_view name = member.name.string(scratch_);
      if (columns_.find(std::string(name)) == columns_.end()) QUIRE_TRY_STATUS(add_column(name));
    }
    return ok();
  }

  void write_header() {
    has_header_ = true;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (i > 0) out_.text().push_back(separator_);
      put_text(names_[i], false);
    }
    out_.text().append(line_end_);
  }

  Status write_row(std::string_view document) {
    QUIRE_TRY(const Value value, parse(document));
    cells_.assign(names_.size(), nullptr);
    for (const Member& member : value.members()) {
      const std::string_view name = member.name.string(scratch_);
      const auto column = columns_.find(std::string(name));
      if (column != columns_.end()) {
        cells_[column->second] = &member.value;
      } else if (!columns_given_) {
        return Error(ErrorCode::invalid,
                     "this member is in none of the documents that the columns were taken from: name the "
                     "columns")
            .at(std::string(name));
      }
    }
    const std::size_t row = out_.text().size();
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (i > 0) out_.text().push_back(separator_);
      if (cells_[i] != nullptr) put_cell(*cells_[i]);
    }
    // A blank line is not a row.
    if (out_.text().size() == row) out_.text().append("\"\"");
    out_.text().append(line_end_);
    return out_.flush_if_full();
  }

  Result<Value> parse(std::string_view document) {
    arena_.reset();
    QUIRE_TRY(const Value value, Value::parse(arena_, document));
    if (!value.is_object()) return Error(ErrorCode::invalid, "a record that is no object has no columns");
    return value;
  }

  void put_cell(const Value& value) {
    if (value.is_string()) {
      const std::string_view text = value.string(scratch_);
      put_text(text, infer_types_ && (text.empty() || is_json_scalar(text)));
      return;
    }
    scratch_.clear();
    value.print(scratch_);
    put_text(scratch_, false);
  }

  void put_text(std::string_view text, bool quoted) {
    std::string& out = out_.text();
    const char special[] = {separator_, '"', '\r', '\n'};
    // What looks like a byte order mark would be taken for one at the start of the file.
    const bool must = text.find_first_of({special, sizeof special}) != std::string_view::npos ||
                      text.starts_with("\xEF\xBB\xBF");
    if (!quoted && !must) {
      out.append(text);
      return;
    }
    out.push_back('"');
    for (std::size_t quote; (quote = text.find('"')) != std::string_view::npos;
         text.remove_prefix(quote + 1)) {
      out.append(text.substr(0, quote + 1)).push_back('"');
    }
    out.append(text).push_back('"');
  }

  BufferedSink out_;
  const char separator_;
  const bool infer_types_;
  const std::string line_end_;
  const bool columns_given_;
  bool has_header_ = false;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> columns_;
  std::vector<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;

  // Of the document that is being written.
  Arena arena_;
  std::vector<const Value*> cells_;
  std::string scratch_;
};

}  // namespace

Result<std::unique_ptr<RecordWriter>> make_csv_writer(ByteSink& sink, const RecordWriterOptions& options) {
  QUIRE_TRY_STATUS(check_separator(options.separator));
  auto writer = std::make_unique<CsvWriter>(sink, options);
  for (const std::string& column : options.columns) QUIRE_TRY_STATUS(writer->add_column(column));
  return writer;
}

}  // namespace quire::document
