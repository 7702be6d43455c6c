#include "document/record_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>

#include "document/testing/json_from_bytes.h"
#include "document/testing/record_files.h"

namespace quire::document {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

RecordOptions as(RecordFormat format, std::uint64_t record_bytes = 1000) {
  RecordOptions options;
  options.format = format;
  options.record_bytes = record_bytes;
  return options;
}

// The same whatever pieces the bytes come in.
Lines read(std::string_view text, const RecordOptions& options) {
  const Lines whole = read_all(text, options);
  for (const std::size_t piece : {1, 2, 3, 7}) EXPECT_EQ(read_all(text, options, piece), whole) << piece;
  return whole;
}

TEST(NdjsonReader, ALineIsARecord) {
  const auto options = as(RecordFormat::ndjson);
  EXPECT_EQ(read("{\"a\":1}\n{\"b\":2}\n", options), (Lines{R"({"a":1})", R"({"b":2})"}));
  EXPECT_EQ(read("{\"a\":1}\n{\"b\":2}", options), (Lines{R"({"a":1})", R"({"b":2})"}));
  EXPECT_EQ(read("", options), Lines{});
  EXPECT_EQ(read("\n", options), Lines{});
}

TEST(NdjsonReader, BlankLinesAndReturnsAreNoRecords) {
  EXPECT_EQ(read("\r\n \t\n{\"a\":1}\r\n\n\n", as(RecordFormat::ndjson)), (Lines{"{\"a\":1}\r"}));
}

TEST(NdjsonReader, AByteOrderMarkIsSkipped) {
  EXPECT_EQ(read("\xEF\xBB\xBF{}", as(RecordFormat::ndjson)), Lines{"{}"});
  EXPECT_EQ(read("\xEF\xBB\xBF", as(RecordFormat::ndjson)), Lines{});
  EXPECT_EQ(read("\xEF\xBB", as(RecordFormat::ndjson)), Lines{"\xEF\xBB"});
}

TEST(NdjsonReader, ALongLineIsSkippedAndCounted) {
  EXPECT_EQ(read("{}\n{\"a\":12}\n{\"a\":1}\n", as(RecordFormat::ndjson, 7)),
            (Lines{"{}", "too_large: line 2, byte 3: the record is over 7 bytes", R"({"a":1})"}));
}

TEST(RecordReader, PlacesCountFromTheFileStart) {
  StringSource source("\xEF\xBB\xBF\n{}\n\n  {}\n");
  const auto reader = *read_records(source, "", as(RecordFormat::ndjson));
  auto record = reader->next();
  EXPECT_EQ((**record).place(), "line 2, byte 4");
  record = reader->next();
  EXPECT_EQ((**record).place(), "line 4, byte 8");
}

TEST(RecordReader, OtherEncodingsAreNamed) {
  for (const std::string text : {"\xFF\xFE{\0", "\xFE\xFF\0{", "\xFF\xFE"}) {
    EXPECT_EQ(
        read(text, {}),
        Lines{"invalid: byte 0: the text is UTF-16 or UTF-32, by its byte order mark; only UTF-8 is read"});
  }
}

TEST(RecordReader, AFailingSourceEndsTheReading) {
  for (const auto format :
       {RecordFormat::ndjson, RecordFormat::json_documents, RecordFormat::json_array, RecordFormat::csv}) {
    StringSource source("[{}\n,{}\n", 2, true);
    const auto lines = read_all(source, as(format));
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.back(), "io: the disk is gone");
  }
  StringSource source("", 2, true);
  EXPECT_EQ(read_all(source, {}), Lines{"io: the disk is gone"});
}

TEST(JsonArrayReader, AnElementIsARecord) {
  const auto options = as(RecordFormat::json_array);
  EXPECT_EQ(read(" [ {\"a\":[1,{\"b\":\"],\\\"}\"}]} ,\n{} ] \n", options),
            (Lines{R"({"a":[1,{"b":"],\"}"}]} )", "{} "}));
  EXPECT_EQ(read("[1,\"a,]\",null]", options), (Lines{"1", "\"a,]\"", "null"}));
  EXPECT_EQ(read("[]", options), Lines{});
  EXPECT_EQ(read(" [ ] ", options), Lines{});
  EXPECT_EQ(read(" ", options), Lines{});
}

TEST(JsonArrayReader, ABadElementIsFollowedByAWholeOne) {
  const auto options = as(RecordFormat::json_array);
  EXPECT_EQ(read(R"([{"a":1]},{"b":2}])", options), (Lines{R"({"a":1]})", R"({"b":2})"}));
  EXPECT_EQ(read(R"([{"a":1}},{"b":2}])", options), (Lines{R"({"a":1}})", R"({"b":2})"}));
  EXPECT_EQ(read("[,{},,{},]", options), (Lines{"invalid: element 1, byte 1: an element is missing", "{}",
                                                "invalid: element 3, byte 5: an element is missing", "{}",
                                                "invalid: element 5, byte 9: an element is missing"}));
}

TEST(JsonArrayReader, ALongElementIsSkippedAndCounted) {
  EXPECT_EQ(read(R"([{"a":12},{"a":1}])", as(RecordFormat::json_array, 7)),
            (Lines{"too_large: element 1, byte 1: the record is over 7 bytes", R"({"a":1})"}));
}

TEST(JsonArrayReader, WhatCannotBeReadOnSaysWhere) {
  const auto options = as(RecordFormat::json_array);
  EXPECT_EQ(read("{}", options), Lines{"invalid: byte 0: an array of documents begins with '['"});
  EXPECT_EQ(read("[{}]x", options),
            (Lines{"{}", "invalid: byte 4: there is text behind the end of the array"}));
  EXPECT_EQ(read("[]]", options), Lines{"invalid: byte 2: there is text behind the end of the array"});
  EXPECT_EQ(read("[", options), Lines{"invalid: byte 1: the file ends inside the array"});
  EXPECT_EQ(read("[{}", options), Lines{"invalid: byte 3: the file ends inside the array"});
  EXPECT_EQ(read("[{},", options), (Lines{"{}", "invalid: byte 4: the file ends inside the array"}));
  EXPECT_EQ(read("[{},{\"a\":\"]", options),
            (Lines{"{}", "invalid: element 2, byte 4: the file ends inside this record"}));
}

TEST(JsonDocumentsReader, WhiteSpaceMayStandAnywhere) {
  const auto options = as(RecordFormat::json_documents);
  EXPECT_EQ(read("{\n \"a\": 1\n}\n\n{}{\"b\":\"}\"} ", options),
            (Lines{"{\n \"a\": 1\n}", "{}", R"({"b":"}"})"}));
  EXPECT_EQ(read("1 {} ", options), (Lines{"1", "{}"}));
  EXPECT_EQ(read("{\"a\":[}", options),
            Lines{"invalid: document 1, byte 0: the file ends inside this record"});
  EXPECT_EQ(read("}{\"a\":12}{}", as(RecordFormat::json_documents, 7)),
            (Lines{"too_large: document 1, byte 0: the record is over 7 bytes", "{}"}));
}

TEST(DetectFormat, ByNameThenByContent) {
  EXPECT_EQ(detect_format("a.csv", "{}"), RecordFormat::csv);
  EXPECT_EQ(detect_format("a.CSV", "[]"), RecordFormat::csv);
  EXPECT_EQ(detect_format("a.ndjson", "[1]"), RecordFormat::ndjson);
  EXPECT_EQ(detect_format("a.JsonL", ""), RecordFormat::ndjson);
  EXPECT_EQ(detect_format("a.json", " \n[{}]"), RecordFormat::json_array);
  EXPECT_EQ(detect_format("a.json", "{\"a\":1}\n{}"), RecordFormat::ndjson);
  EXPECT_EQ(detect_format("a.json", "{\n\"a\":1}"), RecordFormat::json_documents);
  EXPECT_EQ(detect_format("a.json", "x"), RecordFormat::json_documents);
  EXPECT_EQ(detect_format("", "{\"a\":\"\\n}\"}"), RecordFormat::ndjson);
  EXPECT_EQ(detect_format("", "{"), RecordFormat::json_documents);
  EXPECT_EQ(detect_format("", "a,b\n1,2\n"), RecordFormat::csv);
  EXPECT_EQ(detect_format("json", "a,b\n1,2\n"), RecordFormat::csv);
}

// Any valid documents come back byte for byte from each way of putting them into a file.
RC_GTEST_PROP(RecordReader, DocumentsComeBack, (const std::vector<std::vector<std::uint8_t>>& seeds)) {
  Lines documents;
  for (const auto& seed : seeds) documents.push_back(testing::JsonFromBytes(seed, {}).object());
  const auto piece = *rc::gen::inRange<std::size_t>(1, 40);
  for (const auto format : {RecordFormat::ndjson, RecordFormat::json_array, RecordFormat::json_documents}) {
    RecordWriterOptions written;
    written.format = format;
    const std::string file = write_all(documents, written);
    const Lines found = read_all(file, as(format, 1 << 20), piece);
    if (format != RecordFormat::json_array || documents.empty()) {
      RC_ASSERT(found == documents);
      continue;
    }
    Lines expected = documents;
    expected.back() += "\n";
    RC_ASSERT(found == expected);
  }
}

class EndlessSource final : public ByteSource {
 public:
  EndlessSource(std::string_view head, std::string_view pattern, std::uint64_t bytes)
      : head_(head), pattern_(pattern), left_(bytes) {}
  Result<std::size_t> read(char* into, std::size_t capacity) override {
    if (!head_.empty()) {
      const std::size_t count = head_.copy(into, capacity);
      head_.remove_prefix(count);
      return count;
    }
    const std::size_t count = std::min<std::size_t>({left_, capacity});
    for (std::size_t i = 0; i < count; ++i) into[i] = pattern_[i % pattern_.size()];
    left_ -= count;
    return count;
  }

 private:
  std::string_view head_;
  std::string_view pattern_;
  std::uint64_t left_;
};

// The most memory that this process has held at once; counted anew after forget_peak().
long peak_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  return 0;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

// A record of 16 MB in a process whose memory is watched: what is held stays near the limit.
TEST(RecordReader, AHugeRecordIsNotHeld) {
  struct Case {
    RecordFormat format;
    std::string_view head;
    std::string_view pattern;
    std::string_view error;
  };
  constexpr std::string_view kOver = "over 65536 bytes";
  forget_peak();
  const long before = peak_kb();
  for (const auto& [format, head, pattern, error] :
       {Case{RecordFormat::ndjson, "", "x", kOver}, Case{RecordFormat::json_array, "[", "{", kOver},
        Case{RecordFormat::json_documents, "\"", "x", kOver}, Case{RecordFormat::csv, "a\n\"", "x", kOver},
        Case{RecordFormat::csv, "a\n", "\"\"", kOver}, Case{RecordFormat::csv, "a\n", ",", "16777217 fields"},
        Case{RecordFormat::csv, "", "a,", "more than 10000 columns"}}) {
    EndlessSource source(head, pattern, 16 << 20);
    const auto lines = read_all(source, as(format, 64 << 10));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines.front().find(error), std::string::npos) << lines.front();
  }
  EXPECT_LT(peak_kb() - before, 6'000);
}

}  // namespace
}  // namespace quire::document
