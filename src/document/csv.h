#pragma once

#include <memory>
#include <string_view>

#include "document/record_input.h"
#include "document/record_writer.h"

// Records as RFC 4180 has them: made by read_records() and write_records().
namespace quire::document {

// True where the text is exactly one JSON number (of a length that documents may hold), `true`, `false` or
// `null`: where types are inferred, a field that was not quoted becomes this value, and a string of this text
// is written in quotes.
bool is_json_scalar(std::string_view text);

// Errors: invalid, for a separator that the grammar uses otherwise.
Status check_separator(char separator);

std::unique_ptr<RecordReader> make_csv_reader(RecordInput input, const RecordOptions& options);
Result<std::unique_ptr<RecordWriter>> make_csv_writer(ByteSink& sink, const RecordWriterOptions& options);

}  // namespace quire::document
