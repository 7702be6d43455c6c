#include "document/csv.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "base/bytes.h"
#include "document/testing/record_files.h"
#include "document/tuning.h"
#include "document/value.h"

namespace quire::document {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

RecordOptions csv(bool infer_types = false, std::uint64_t record_bytes = 1000) {
  RecordOptions options;
  options.format = RecordFormat::csv;
  options.infer_types = infer_types;
  options.record_bytes = record_bytes;
  return options;
}

RecordWriterOptions csv_out(bool infer_types = false) {
  RecordWriterOptions options;
  options.format = RecordFormat::csv;
  options.infer_types = infer_types;
  return options;
}

// The same whatever pieces the bytes come in.
Lines read(std::string_view text, const RecordOptions& options = csv()) {
  const Lines whole = read_all(text, options);
  for (const std::size_t piece : {1, 2, 3, 7}) EXPECT_EQ(read_all(text, options, piece), whole) << piece;
  return whole;
}

TEST(CsvReader, TheHeaderNamesTheMembers) {
  EXPECT_EQ(read("id,na\"\"me\n"),
            Lines{"invalid: row 1, column 2: a quote stands inside a field that is not quoted"});
  EXPECT_EQ(read("_id,\"na\"\"me\"\n1,x\n2,y"),
            (Lines{R"({"_id":"1","na\"me":"x"})", R"({"_id":"2","na\"me":"y"})"}));
  EXPECT_EQ(read("a\n"), Lines{});
  EXPECT_EQ(read("a"), Lines{});
  EXPECT_EQ(read(""), Lines{});
}

TEST(CsvReader, QuotedFieldsHoldAnything) {
  EXPECT_EQ(read("a,b\r\n\"x\r\ny\",\"say \"\"hi\"\", \"\r\n\"\",\"\"\"\"\r\n"),
            (Lines{R"({"a":"x\r\ny","b":"say \"hi\", "})", R"({"a":"","b":"\""})"}));
}

TEST(CsvReader, LineEndsMayBeEitherAndTheLastMayLack) {
  EXPECT_EQ(read("a,b\n1,2\r\n3,4\n5,6"),
            (Lines{R"({"a":"1","b":"2"})", R"({"a":"3","b":"4"})", R"({"a":"5","b":"6"})"}));
  EXPECT_EQ(read("a,b\n1,2\r"), Lines{R"({"a":"1","b":"2"})"});
  EXPECT_EQ(read("a,b\n1,"), Lines{R"({"a":"1","b":""})"});
  EXPECT_EQ(read("a,b\n1,\"\""), Lines{R"({"a":"1","b":""})"});
}

TEST(CsvReader, BlankLinesAreNoRows) {
  EXPECT_EQ(read("\r\n\na\n\n1\r\n\r\n\"\"\n\n"), (Lines{R"({"a":"1"})", R"({"a":""})"}));
  EXPECT_EQ(read("a,b\n,\n\n"), Lines{R"({"a":"","b":""})"});
}

TEST(CsvReader, AByteOrderMarkIsSkipped) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a\n1\n"),
            Lines{R"({"a":"1"})"});
  EXPECT_EQ(read("\xEF\xBB\xBF\"a\"\n1\n"), Lines{R"({"a":"1"})"});
}

TEST(CsvReader, ARaggedRowIsNamedAndTheNextIsRead) {
  EXPECT_EQ(read("a,b\n1\n1,2,3,4\n5,6\n"),
            (Lines{"invalid: row 2, column 2 (b): the row has 1 fields where the header names 2 columns",
                   "invalid: row 3, column 3: the row has 4 fields where the header names 2 columns",
                   R"({"a":"5","b":"6"})"}));
}

TEST(CsvReader, ALongFieldIsNamedAndTheNextRowIsRead) {
  const std::string field(200, 'x');
  EXPECT_EQ(
      read("a,b\n1,\"" + field + "\n,\"\"\"\n3," + field + ",,\n5,6\n", csv(false, 100)),
      (Lines{"too_large: row 2, column 2 (b): the row is over 100 bytes here",
             "too_large: row 3, column 2 (b): the row is over 100 bytes here", R"({"a":"5","b":"6"})"}));
  const std::string half(60, 'x');
  EXPECT_EQ(
      read("a,b\n" + half + "," + half + "\n5,6\n", csv(false, 100)),
      (Lines{"too_large: row 2, column 2 (b): the row is over 100 bytes here", R"({"a":"5","b":"6"})"}));
}

TEST(CsvReader, InvalidUtf8IsNamedAndTheNextRowIsRead) {
  EXPECT_EQ(
      read("a,b\n1,\xE9t\xE9\n\xED\xA0\x80,2\n5,\xC3\xA9\n"),
      (Lines{"invalid: row 2, column 2 (b): the text is not UTF-8",
             "invalid: row 3, column 1 (a): the text is not UTF-8", "{\"a\":\"5\",\"b\":\"\xC3\xA9\"}"}));
}

TEST(CsvReader, MisplacedQuotesAndReturnsAreNamed) {
  EXPECT_EQ(read("a,b\nx\"y,1\n\"x\"y,2\n1,x\ry\n5,6\n"),
            (Lines{"invalid: row 2, column 1 (a): a quote stands inside a field that is not quoted",
                   "invalid: row 3, column 1 (a): there is text behind the closing quote",
                   "invalid: row 4, column 2 (b): a carriage return stands outside quotes",
                   R"({"a":"5","b":"6"})"}));
}

TEST(CsvReader, AFileThatEndsInsideQuotesCannotGoOn) {
  EXPECT_EQ(
      read("a,b\n1,2\n3,\"4\n5,6\n"),
      (Lines{R"({"a":"1","b":"2"})", "invalid: row 3, column 2 (b): the file ends inside a quoted field"}));
}

TEST(CsvReader, AHeaderThatCannotNameMembersEndsTheReading) {
  EXPECT_EQ(read("a,,c\n1,2,3\n"),
            Lines{"invalid: row 1, column 2 (): the header leaves this column without a name"});
  EXPECT_EQ(read("a,b,a\n1,2,3\n"),
            Lines{"invalid: row 1, column 3 (a): the header names this column as an earlier one"});
  EXPECT_EQ(read("a,\xFF\n1,2\n"), Lines{"invalid: row 1, column 2: the text is not UTF-8"});
  auto few = csv();
  few.columns = 2;
  EXPECT_EQ(read("a,b,c\n1,2,3\n", few),
            Lines{"invalid: row 1, column 3 (c): the header names more than 2 columns"});
  EXPECT_EQ(read(std::string(2000, 'a') + "\n"),
            Lines{"too_large: row 1, column 1: the row is over 1000 bytes here"});
}

TEST(CsvReader, TypesAreInferredFromBareFieldsOnly) {
  EXPECT_EQ(
      read("a,b,c,d\n1,-0.50e+3,true,null\n\"1\",\"true\",\"null\",\"\"\n01,+1,.5,TRUE\n,1.,1e, 1\n,,,\n",
           csv(true)),
      (Lines{R"({"a":1,"b":-0.50e+3,"c":true,"d":null})", R"({"a":"1","b":"true","c":"null","d":""})",
             R"({"a":"01","b":"+1","c":".5","d":"TRUE"})", R"({"b":"1.","c":"1e","d":" 1"})", "{}"}));
  const std::string long_number(65, '1');
  EXPECT_EQ(read("a\n" + long_number + "\n", csv(true)), Lines{"{\"a\":\"" + long_number + "\"}"});
}

TEST(CsvReader, AnotherSeparator) {
  auto options = csv();
  options.separator = ';';
  EXPECT_EQ(read("a;b\n1,5;\"x;y\"\n", options), Lines{R"({"a":"1,5","b":"x;y"})"});
}

TEST(Csv, ASeparatorThatMeansSomethingElseIsRefused) {
  for (const char separator : {'"', '\r', '\n'}) {
    auto in = csv();
    in.separator = separator;
    auto out = csv_out();
    out.separator = separator;
    const std::string error = "invalid: separator: a quote or a line's end cannot separate fields";
    EXPECT_EQ(read("a\n1\n", in), Lines{error});
    EXPECT_EQ(write_all({}, out), error);
  }
}

TEST(CsvReader, ALongNameIsCutInMessages) {
  const std::string name = std::string(59, 'a') + "\xC3\xA9" + "bbbb";
  EXPECT_EQ(read(name + "\n\xFF\n"),
            Lines{"invalid: row 2, column 1 (" + std::string(59, 'a') + "...): the text is not UTF-8"});
}

TEST(CsvReader, AMillionColumnsInARowTakeNoMemory) {
  EXPECT_EQ(read_all("a\n" + std::string(1'000'000, ',') + "\n1\n", csv()),
            (Lines{"invalid: row 2, column 2: the row has 1000001 fields where the header names 1 columns",
                   R"({"a":"1"})"}));
}

TEST(CsvWriter, ColumnsComeFromTheFirstDocuments) {
  EXPECT_EQ(write_all({R"({"b":1,"a":"x"})", R"({"c":null,"b":true})"}, csv_out()),
            "b,a,c\r\n1,x,\r\ntrue,,null\r\n");
  EXPECT_EQ(write_all({}, csv_out()), "");
  EXPECT_EQ(write_all({"{}"}, csv_out()), "invalid: documents without members have no columns");
}

TEST(CsvWriter, AMemberThatComesTooLateIsAnError) {
  Lines documents(kColumnSampleRecords, R"({"a":1})");
  documents.push_back(R"({"late":1})");
  EXPECT_EQ(write_all(documents, csv_out()),
            "invalid: late: this member is in none of the documents that the columns were taken from: name "
            "the columns");
  auto options = csv_out();
  options.columns = {"a"};
  EXPECT_EQ(write_all(documents, options).substr(0, 10), "a\r\n1\r\n1\r\n1");
}

TEST(CsvWriter, GivenColumnsAreChecked) {
  auto options = csv_out();
  options.columns = {"a", "b"};
  EXPECT_EQ(write_all({}, options), "a,b\r\n");
  options.columns = {"a", "a"};
  EXPECT_EQ(write_all({}, options), "invalid: a: a column is named twice");
  options.columns = {"a", ""};
  EXPECT_EQ(write_all({}, options), "invalid: a column needs a name");
  EXPECT_EQ(write_all({R"({"":1})"}, csv_out()), "invalid: a column needs a name");
}

TEST(CsvWriter, QuotesWhatItMust) {
  auto options = csv_out();
  options.line_end = "\n";
  EXPECT_EQ(write_all({R"({"a":"x,y","b":"q\"q","c":"l\nl","d":"r\rr","e":" s "})"}, options),
            "a,b,c,d,e\n\"x,y\",\"q\"\"q\",\"l\nl\",\"r\rr\", s \n");
  EXPECT_EQ(write_all({R"({"a":{"b":[1,"x"]}})"}, options), "a\n\"{\"\"b\"\":[1,\"\"x\"\"]}\"\n");
  EXPECT_EQ(write_all({R"({"a":""})", R"({"a":"1"})"}, options), "a\n\"\"\n1\n");
  EXPECT_EQ(write_all({"{\"\xEF\xBB\xBF"
                       "a\":\"1\"}"},
                      options),
            "\"\xEF\xBB\xBF"
            "a\"\n1\n");
  options.infer_types = true;
  EXPECT_EQ(write_all({R"({"a":"","b":"1","c":1,"d":"x"})", R"({"d":"null"})"}, options),
            "a,b,c,d\n\"\",\"1\",1,x\n,,,\"null\"\n");
}

TEST(CsvWriter, OnlyObjectsAreRecords) {
  EXPECT_EQ(write_all({"[1]"}, csv_out()), "invalid: a record that is no object has no columns");
}

rc::Gen<std::string> cell() {
  static const std::vector<std::string> pieces = {"",
                                                  "a",
                                                  ",",
                                                  "\"",
                                                  "\n",
                                                  "\r",
                                                  "\r\n",
                                                  " ",
                                                  "1",
                                                  "-0.5e3",
                                                  "null",
                                                  "true",
                                                  "\xC3\xA9",
                                                  "\xEF\xBB\xBF",
                                                  std::string(1, '\0'),
                                                  "\\",
                                                  "{\"a\":1}"};
  return rc::gen::map(
      rc::gen::resize(4, rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces))),
      [](const std::vector<std::string>& chosen) {
        std::string text;
        for (const auto& piece : chosen) text += piece;
        return text;
      });
}

rc::Gen<Lines> header() {
  return rc::gen::nonEmpty(
      rc::gen::resize(5, rc::gen::unique<Lines>(rc::gen::suchThat(
                             cell(), [](const std::string& name) { return !name.empty(); }))));
}

std::string quoted(const std::string& text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// Flat documents, any strings and scalars, come back equal; where types are inferred, members may lack too.
RC_GTEST_PROP(Csv, FlatDocumentsComeBack, ()) {
  const auto names = *header();
  const bool infer_types = *rc::gen::arbitrary<bool>();
  const auto count = *rc::gen::inRange(1, 6);
  Lines documents;
  for (int i = 0; i < count; ++i) {
    std::string document = "{";
    for (const auto& name : names) {
      const bool lacks = infer_types && i > 0 && names.size() > 1 && *rc::gen::inRange(0, 4) == 0;
      if (lacks) continue;
      const bool bare = infer_types && *rc::gen::arbitrary<bool>();
      document += document.size() > 1 ? "," : "";
      document += quoted(name) + ":";
      document +=
          bare ? *rc::gen::element<std::string>("1", "-1.50E+7", "true", "false", "null") : quoted(*cell());
    }
    documents.push_back(document + "}");
  }
  auto options = csv_out(infer_types);
  options.line_end = *rc::gen::element<std::string_view>("\n", "\r\n");
  const std::string file = write_all(documents, options);
  RC_ASSERT(read_all(file, csv(infer_types, 1 << 20), *rc::gen::inRange<std::size_t>(1, 50)) == documents);
  RC_ASSERT(write_all(read_all(file, csv(infer_types, 1 << 20)), options) == file);
}

// RFC 4180 read the plain way: all rows of fields at once. Of malformed text it says nothing.
struct PlainCsv {
  std::vector<Lines> rows;
  bool malformed = false;

  explicit PlainCsv(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty() && !malformed) row(text);
  }

 private:
  void row(std::string_view& text) {
    Lines fields;
    bool any_quoted = false;
    for (;;) {
      fields.push_back(text.starts_with('"') ? quoted_field(text) : bare_field(text));
      any_quoted = any_quoted || was_quoted_;
      if (!text.starts_with(',')) break;
      text.remove_prefix(1);
    }
    if (text.starts_with("\r\n")) {
      text.remove_prefix(2);
    } else if (text.starts_with('\n') || text == "\r") {
      text.remove_prefix(1);
    } else if (!text.empty()) {
      malformed = true;
    }
    if (fields.size() > 1 || !fields.front().empty() || any_quoted) rows.push_back(fields);
  }
  std::string bare_field(std::string_view& text) {
    was_quoted_ = false;
    const std::size_t size = std::min(text.find_first_of(",\n\r\""), text.size());
    std::string field(text.substr(0, size));
    text.remove_prefix(size);
    return field;
  }
  std::string quoted_field(std::string_view& text) {
    was_quoted_ = true;
    std::string field;
    for (;;) {
      text.remove_prefix(1);
      const std::size_t quote = text.find('"');
      if (quote == std::string_view::npos) {
        malformed = true;
        return field;
      }
      field += text.substr(0, quote);
      text.remove_prefix(quote + 1);
      if (!text.starts_with('"')) return field;
      field += '"';
    }
  }
  bool was_quoted_ = false;
};

RC_GTEST_PROP(Csv, AgreesWithAPlainReader, ()) {
  static const std::vector<std::string> pieces = {"a",  "b",    ",",     ",",    "\"", "\n",
                                                  "\n", "\r\n", "\"x\"", "\"\"", "\r"};
  const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces));
  std::string text = *rc::gen::element<std::string>("", "a,b\n", "a\r\n", "\"x\",b\n");
  for (const auto& piece : chosen) text += piece;
  const PlainCsv plain(text);
  const Lines found = read_all(text, csv(), *rc::gen::inRange<std::size_t>(1, 9));
  const bool errors =
      std::any_of(found.begin(), found.end(), [](const auto& line) { return line.starts_with("invalid"); });
  if (plain.malformed) {
    RC_ASSERT(errors);
    return;
  }
  if (plain.rows.empty()) {
    RC_ASSERT(found.empty());
    return;
  }
  const Lines& names = plain.rows.front();
  const std::set<std::string> unique(names.begin(), names.end());
  if (unique.size() < names.size() || unique.count("") != 0) {
    RC_ASSERT(errors && found.size() == 1);
    return;
  }
  RC_ASSERT(found.size() == plain.rows.size() - 1);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Lines& fields = plain.rows[i + 1];
    std::string expected = "{";
    for (std::size_t j = 0; j < fields.size() && j < names.size(); ++j) {
      expected += (j > 0 ? "," : "") + quoted(names[j]) + ":" + quoted(fields[j]);
    }
    const bool ragged = fields.size() != names.size();
    RC_ASSERT((ragged ? found[i].starts_with("invalid: row ") : found[i] == expected + "}"));
  }
}

RC_GTEST_PROP(Csv, EveryByteStringIsReadWithoutHarm, (const std::string& text)) {
  const bool infer_types = *rc::gen::arbitrary<bool>();
  const std::string file = "a,b\n" + text;
  const Lines found = read_all(file, csv(infer_types));
  RC_ASSERT(read_all(file, csv(infer_types), 1) == found);
  for (const auto& line : found) {
    if (!line.starts_with('{')) continue;
    std::string minified;
    RC_ASSERT(minify(line, {}, minified).has_value());
    RC_ASSERT(minified == line);
  }
}

}  // namespace
}  // namespace quire::document
