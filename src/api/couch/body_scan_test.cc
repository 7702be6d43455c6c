#include "api/couch/body_scan.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/testing/seeded_random.h"

namespace quire::api::couch {
namespace {

// Keeps the bytes in memory; an attachment's digest says which they were.
class KeptAttachments final : public AttachmentSink {
 public:
  Status begin() override {
    bytes.emplace_back();
    return ok();
  }
  Status write(std::string_view piece) override {
    bytes.back().append(piece);
    return ok();
  }
  Result<engine::Attachment> finish() override {
    engine::Attachment attachment;
    attachment.length = bytes.back().size();
    return attachment;
  }
  std::vector<std::string> bytes;
};

struct Scanned {
  bool good = false;
  std::vector<std::string> texts;
  std::vector<std::string> names;
  std::vector<std::string> bytes;
  std::string rest;
  friend bool operator==(const Scanned&, const Scanned&) = default;
};

Scanned scan(const std::string& body, BodyScan::Shape shape, std::size_t piece) {
  KeptAttachments sink;
  BodyScan machine(shape, {.text_bytes = 1 << 20, .documents = 100}, sink);
  Scanned found;
  Status status = ok();
  for (std::size_t at = 0; at < body.size() && status; at += piece) {
    status = machine.feed(std::string_view(body).substr(at, piece));
  }
  if (status) status = machine.finish();
  found.good = status.has_value();
  if (!found.good) return found;
  for (const auto& document : machine.documents()) {
    found.texts.push_back(document.text);
    for (const auto& data : document.data) found.names.push_back(data.name);
  }
  found.bytes = sink.bytes;
  found.rest = machine.rest();
  return found;
}

constexpr auto kDocument = BodyScan::Shape::document;
constexpr auto kList = BodyScan::Shape::list;

TEST(BodyScan, TakesTheDataOfAttachmentsOutAndNothingElse) {
  const std::string body =
      R"({"data":"aGVsbG8=","_attachments":{"a\u0062":{"data":"aGVsbG8=","x":{"data":"y"}},"c":{"stub":true}},)"
      R"("b":{"_attachments":{"a":{"data":"z"}}}})";
  const Scanned found = scan(body, kDocument, body.size());
  ASSERT_TRUE(found.good);
  EXPECT_EQ(found.bytes, std::vector<std::string>{"hello"});
  EXPECT_EQ(found.names, std::vector<std::string>{"ab"});
  EXPECT_EQ(found.texts.front(),
            R"({"data":"aGVsbG8=","_attachments":{"a\u0062":{"data":"","x":{"data":"y"}},"c":{"stub":true}},)"
            R"("b":{"_attachments":{"a":{"data":"z"}}}})");
}

TEST(BodyScan, FindsTheDocumentsOfAList) {
  const std::string body =
      R"({ "x" : [1, {"docs":[{}]}] , "docs" : [ {"a":1} , {"_attachments":{"f":{"data":"aQ=="}}} ] , "new_edits":false })";
  const Scanned found = scan(body, kList, body.size());
  ASSERT_TRUE(found.good);
  EXPECT_EQ(found.texts, (std::vector<std::string>{R"({"a":1})", R"({"_attachments":{"f":{"data":""}}})"}));
  EXPECT_EQ(found.rest, R"({ "x" : [1, {"docs":[{}]}] , "docs" : [] , "new_edits":false })");
  EXPECT_EQ(found.bytes, std::vector<std::string>{"i"});
}

TEST(BodyScan, RefusesWhatIsNoListOfDocumentsOrNoBase64) {
  for (const char* const body : {"[]", "5", "", "{\"docs\":[5]}", "{\"docs\":[{},]", "{\"docs\":[{}{}]}",
                                 "{\"docs\":[,{}]}", "{\"docs\":5", "{\"docs\":[{}],", "{\"docs\":{}}",
                                 "{\"docs\":[{]}}}", R"({"docs":[{"_attachments":{"f":{"data":"a"}}}]})",
                                 R"({"docs":[{"_attachments":{"f":{"data":"a\n=="}}}]})",
                                 R"({"docs":[{"_attachments":{"f":{"data":"aQ==aQ=="}}}]})"}) {
    EXPECT_FALSE(scan(body, kList, 64).good) << body;
  }
  EXPECT_EQ(scan(R"({"_attachments":{"f":{"data":"\/\/\/\/"}}})", kDocument, 5).bytes.front(),
            "\xFF\xFF\xFF");
}

TEST(BodyScan, IsBounded) {
  KeptAttachments sink;
  BodyScan machine(kList, {.text_bytes = 100, .documents = 2}, sink);
  EXPECT_FALSE(machine.feed("{\"docs\":[{},{},{}]}"));
  BodyScan long_text(kDocument, {.text_bytes = 100, .documents = 2}, sink);
  EXPECT_EQ(long_text.feed("{\"a\":\"" + std::string(200, 'x') + "\"}").error().code(), ErrorCode::too_large);
  // Bytes of attachments are no text.
  BodyScan data(kDocument, {.text_bytes = 100, .documents = 2}, sink);
  EXPECT_TRUE(
      data.feed(R"({"_attachments":{"f":{"data":")" + to_base64(std::string(300'000, 'q')) + "\"}}}"));
  EXPECT_TRUE(data.finish());
  EXPECT_EQ(sink.bytes.back(), std::string(300'000, 'q'));
}

// However a body is cut, it reads the same.
RC_GTEST_PROP(BodyScanProperty, CutsAreNotSeen, ()) {
  const auto tokens = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(
      std::vector<std::string>{"{", "}", "[", "]", ",", ":", "\"docs\"", "\"_attachments\"", "\"f\"",
                               "\"data\"", "\"aQ==\"", "\"\\\\\"", "\"\\u0064ata\"", "1", " ", "\"", "\\",
                               "{\"docs\":[", "{\"_attachments\":{\"f\":{\"data\":\"aGk=\"}}}"}));
  std::string body;
  for (const auto& token : tokens) body += token;
  const auto shape = *rc::gen::elementOf(std::vector<BodyScan::Shape>{kDocument, kList});
  const Scanned whole = scan(body, shape, body.size() + 1);
  RC_ASSERT(scan(body, shape, 1) == whole);
  RC_ASSERT(scan(body, shape, *rc::gen::inRange<std::size_t>(2, 9)) == whole);
}

}  // namespace
}  // namespace quire::api::couch
