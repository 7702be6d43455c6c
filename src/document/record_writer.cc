#include "document/record_writer.h"

#include <algorithm>

#include "document/csv.h"
#include "document/record_output.h"
#include "document/value.h"

namespace quire::document {

namespace {

class NdjsonWriter final : public RecordWriter {
 public:
  explicit NdjsonWriter(ByteSink& sink) : out_(sink) {}

  Status write(std::string_view document) override {
    out_.text().append(document).push_back('\n');
    return out_.flush_if_full();
  }
  Status finish() override { return out_.flush(); }

 private:
  BufferedSink out_;
};

class JsonArrayWriter final : public RecordWriter {
 public:
  explicit JsonArrayWriter(ByteSink& sink) : out_(sink) {}

  Status write(std::string_view document) override {
    out_.text().append(any_ ? ",\n" : "[\n").append(document);
    any_ = true;
    return out_.flush_if_full();
  }
  Status finish() override {
    out_.text().append(any_ ? "\n]\n" : "[]\n");
    return out_.flush();
  }

 private:
  BufferedSink out_;
  bool any_ = false;
};

}  // namespace

std::vector<std::string> split_columns(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    names.emplace_back(text.substr(0, text.find(',')));
    text.remove_prefix(std::min(text.size(), names.back().size() + 1));
  }
  return names;
}

Status ColumnNames::add(std::string_view document) {
  arena_.reset();
  QUIRE_TRY(const Value value, Value::parse(arena_, document));
  for (const Member& member : value.members()) {
    const std::string_view name = member.name.string(scratch_);
    if (known_.find(name) != known_.end()) continue;
    known_.emplace(name);
    names_.emplace_back(name);
  }
  return ok();
}

Result<std::unique_ptr<RecordWriter>> write_records(ByteSink& sink, const RecordWriterOptions& options) {
  switch (options.format) {
    case RecordFormat::ndjson:
    case RecordFormat::json_documents: return std::make_unique<NdjsonWriter>(sink);
    case RecordFormat::json_array: return std::make_unique<JsonArrayWriter>(sink);
    case RecordFormat::csv: break;
  }
  return make_csv_writer(sink, options);
}

}  // namespace quire::document
