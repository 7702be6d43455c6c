#include <string>
#include <vector>

#include "base/check.h"
#include "document/csv.h"
#include "document/json.h"
#include "document/testing/record_files.h"
#include "document/value.h"
#include "input.h"

// A file reads the same in whatever pieces its bytes come; what CSV becomes is JSON; and what was read,
// written and read again is the same.

namespace {

using namespace quire;
using namespace quire::document;
using document::testing::read_all;
using document::testing::write_all;

bool is_error(const std::string& line) {
  return line.starts_with("invalid: ") || line.starts_with("too_large: ");
}

std::vector<std::string> minified(const std::vector<std::string>& lines) {
  std::vector<std::string> documents;
  for (const std::string& line : lines) {
    std::string document;
    if (minify(line, {}, document) && document.starts_with('{')) documents.push_back(document);
  }
  return documents;
}

void check_csv(const std::vector<std::string>& lines, const RecordOptions& options) {
  std::vector<std::string> documents;
  for (const std::string& line : lines) {
    if (is_error(line)) continue;
    std::string document;
    QUIRE_CHECK(minify(line, {}, document) && document == line, "a row becomes minified JSON");
    if (document != "{}") documents.push_back(document);
  }
  if (documents.empty()) return;
  RecordWriterOptions written;
  written.format = RecordFormat::csv;
  written.separator = options.separator;
  written.infer_types = options.infer_types;
  const std::string file = write_all(documents, written);
  RecordOptions all = options;
  all.format = RecordFormat::csv;  // by its first bytes it may be taken for JSON
  all.record_bytes = 1 << 20;
  auto again = read_all(file, all);
  // A row that lacks members has them in another order than the first rows had.
  QUIRE_CHECK(again.size() == documents.size(), "every row that was written is read");
  QUIRE_CHECK(write_all(again, written) == file, "what was read from a written file is written the same");
}

void check_json(const std::vector<std::string>& lines, RecordFormat format) {
  const auto documents = minified(lines);
  RecordWriterOptions written;
  written.format = format;
  RecordOptions options;
  options.format = format;
  QUIRE_CHECK(minified(read_all(write_all(documents, written), options)) == documents, "documents come back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t mode = input.byte();
  const std::uint8_t piece = input.byte();
  RecordOptions options;
  if ((mode & 4) == 0) options.format = static_cast<RecordFormat>(mode & 3);
  options.infer_types = (mode & 8) != 0;
  options.separator = (mode & 16) != 0 ? ';' : ',';
  options.record_bytes = (mode & 32) != 0 ? 20 : 1 << 20;
  const auto lines = read_all(input.rest(), options);
  if (options.format) {
    QUIRE_CHECK(read_all(input.rest(), options, 1 + piece) == lines, "pieces do not matter");
  }
  std::string_view text = input.rest();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // as readers do before they look
  const RecordFormat format = options.format ? *options.format : detect_format("", text);
  if (format == RecordFormat::csv) {
    check_csv(lines, options);
  } else {
    check_json(lines, format);
  }
  return 0;
}
