#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/json.h"

// Records from files: streamed, in memory that is bounded whatever the file holds.
namespace quire::document {

// Where bytes come from. Used by one thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Reads up to `capacity` bytes (at least 1) to `into`; fewer may come at any time. 0: the end.
  virtual Result<std::size_t> read(char* into, std::size_t capacity) = 0;
};

enum class RecordFormat : std::uint8_t {
  ndjson,          // a document a line; blank lines do not count; CRLF or LF
  json_documents,  // documents one after another, with any white space between them
  json_array,      // one array, whose elements are the documents
  csv,             // RFC 4180; the first row names the members; CRLF or LF
};

// The format of a file by its name's ending (.ndjson, .jsonl, .json, .csv), and else, or where that leaves a
// choice, by its first bytes: '[' is an array, '{' documents, anything else CSV.
RecordFormat detect_format(std::string_view name, std::string_view first_bytes);

// One record of a file: the text of a document, not checked yet (split_document() does), and where it stands.
struct Record {
  std::string json;
  std::string_view unit;     // what `row` counts: "line", "document", "element", "row"
  std::uint64_t row = 0;     // from 1; the header of a CSV file is row 1
  std::uint64_t offset = 0;  // of its first byte in the file

  // "line 3, byte 120"
  std::string place() const;
};

struct RecordOptions {
  std::optional<RecordFormat> format;  // nothing: detect_format()
  // A longer record is skipped without being held, and answered with too_large.
  std::uint64_t record_bytes = JsonLimits().document_bytes;

  // CSV. Values become JSON strings. With `infer_types`, a field that was not quoted becomes a number, a
  // boolean or null where its text is exactly JSON's, and an empty one leaves its member out.
  char separator = ',';
  bool infer_types = false;
  std::uint32_t columns = JsonLimits().members;
};

// Reads the records of a file one by one, in order. One thread at a time.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // The next record; nullopt at the end. An error is about one record: invalid or too_large, its field the
  // place
  // ("row 7, column 3 (price)"). The next call goes on behind that record, unless failed().
  Result<std::optional<Record>> next();

  // True after an error that ends the reading: the source failed, or the rest cannot be told apart (a file
  // that ends inside a record, a header that cannot name members). next() gives that error again.
  bool failed() const { return failure_.has_value(); }

 protected:
  virtual Result<std::optional<Record>> read() = 0;
  // Marks an error as one that ends the reading.
  Error final(Error error);

 private:
  std::optional<Error> failure_;
};

// A reader of `source`, which must outlive it. `name` is the file's, for detect_format(), or empty. Errors:
// those of the source; invalid for UTF-16 and UTF-32, and for a separator that is a quote or a line's end. A
// UTF-8 byte order mark is skipped.
Result<std::unique_ptr<RecordReader>> read_records(ByteSource& source, std::string_view name,
                                                   const RecordOptions& options);

}  // namespace quire::document
