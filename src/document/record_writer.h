#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "document/arena.h"
#include "document/record_reader.h"

// Records into files, streamed.
namespace quire::document {

// Where bytes go. Used by one thread at a time.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // Takes all of the bytes.
  virtual Status write(std::string_view bytes) = 0;
};

// Writes documents, given as minified text, in the order they come. One thread at a time. After an error the
// file is not whole, and the writer is of no more use.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  // Errors: those of the sink; for CSV invalid, for a member that no column is for (field: its name).
  virtual Status write(std::string_view document) = 0;
  // Writes what is left. Called once, last.
  virtual Status finish() = 0;
};

struct RecordWriterOptions {
  RecordFormat format = RecordFormat::ndjson;  // json_documents is written as ndjson

  // CSV. Strings stand as they are, other values as their JSON text. A member that a document does not have
  // is an empty field.
  char separator = ',';
  // The members to write, in order. Empty: those of the first documents (kColumnSampleRecords of them), in
  // the order in which they first appear; a member that comes only later is an error then. Given, members
  // that are not named are left out.
  std::vector<std::string> columns;
  // What a reader with RecordOptions::infer_types reads back as it was, save for arrays and objects: strings
  // that look like another JSON value are quoted, and so is the empty string, which tells it from a missing
  // member.
  bool infer_types = false;
  // RFC 4180 has CRLF.
  std::string_view line_end = "\r\n";
};

// "a,b,c" as names.
std::vector<std::string> split_columns(std::string_view text);

// The names of all members of many documents, in the order in which they first appear.
class ColumnNames {
 public:
  // The document as minified text.
  Status add(std::string_view document);
  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
  std::set<std::string, std::less<>> known_;
  Arena arena_;
  std::string scratch_;
};

// A writer to `sink`, which must outlive it. Errors: invalid, for columns named twice or not at all, and for
// a separator that is a quote or a line's end.
Result<std::unique_ptr<RecordWriter>> write_records(ByteSink& sink, const RecordWriterOptions& options);

}  // namespace quire::document
