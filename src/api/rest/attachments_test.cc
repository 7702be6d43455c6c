#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/range.h"
#include "api/testing/test_api.h"

namespace quire::api::rest {
namespace {

using ::testing::AllOf;
using testing::Answer;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestApi;
using testing::things;

using Fields = std::vector<std::pair<std::string, std::string>>;

class AttachmentsOverHttp : public ::testing::Test {
 protected:
  AttachmentsOverHttp() { tag_ = api_.put(things("/a"), R"({"n":1})").field("ETag"); }

  Answer put(const std::string& bytes, const Fields& fields = {}, const std::string& type = "text/plain") {
    return api_.send(net::Method::put, path_, bytes, type, fields);
  }
  Answer get(const Fields& fields = {}) { return api_.call({.target = path_, .fields = fields}); }

  const std::string path_ = things("/a/attachments/x.txt");
  TestApi api_;
  std::string tag_;
};

TEST_F(AttachmentsOverHttp, ComeBackAsTheyWere) {
  std::string bytes;
  for (int i = 0; i < 1'000'000; ++i) bytes.push_back(static_cast<char>(i * 7 + i / 256));
  const Answer made = put(bytes);
  EXPECT_EQ(made.status, 201U);
  EXPECT_THAT(made.body, AllOf(StartsWith(R"({"_id":"a","_rev":"2-)"), HasSubstr(R"("durable":"disk")")));
  const Answer got = get();
  EXPECT_EQ(got.status, 200U);
  EXPECT_TRUE(got.body == bytes);
  EXPECT_EQ(got.length, bytes.size());
  EXPECT_EQ(got.field("Content-Type"), "text/plain");
  EXPECT_EQ(got.field("ETag").size(), 66U);
  EXPECT_EQ(put(bytes).status, 200U) << "it is replaced";
  EXPECT_THAT(api_.get(things("/a?attachments=true")).body,
              AllOf(HasSubstr(R"("_attachments":{"x.txt":{"contentType":"text/plain","length":1000000,)"),
                    HasSubstr(R"("n":1})")));
  const Answer head = api_.call({.method = net::Method::head, .target = path_});
  EXPECT_EQ(head.length, bytes.size());
  EXPECT_EQ(head.field("ETag"), got.field("ETag"));
  EXPECT_EQ(api_.remove(path_).status, 200U);
  EXPECT_EQ(get().status, 404U);
  EXPECT_THAT(get().body, HasSubstr(R"("field":"attachment")"));
  EXPECT_EQ(api_.remove(path_).status, 404U);
}

TEST_F(AttachmentsOverHttp, AnEmptyOneIsOne) {
  EXPECT_EQ(api_.call({.method = net::Method::put, .target = path_}).status, 201U);
  EXPECT_EQ(get().status, 200U);
  EXPECT_EQ(get().length, 0U);
  EXPECT_EQ(get().field("Content-Type"), "application/octet-stream");
  EXPECT_EQ(get({{"Range", "bytes=0-"}}).status, 416U);
}

TEST_F(AttachmentsOverHttp, PartsOfThem) {
  put("0123456789");
  const auto part = [&](const std::string& range) {
    const Answer answer = get({{"Range", range}});
    return std::to_string(answer.status) + " " + answer.field("Content-Range") + " " +
           (answer.status == 416 ? "" : answer.body);
  };
  EXPECT_EQ(part("bytes=2-4"), "206 bytes 2-4/10 234");
  EXPECT_EQ(part("bytes=7-"), "206 bytes 7-9/10 789");
  EXPECT_EQ(part("bytes=-3"), "206 bytes 7-9/10 789");
  EXPECT_EQ(part("bytes=-30"), "206 bytes 0-9/10 0123456789");
  EXPECT_EQ(part("bytes=5-500"), "206 bytes 5-9/10 56789");
  EXPECT_EQ(part("bytes=10-"), "416 bytes */10 ");
  EXPECT_EQ(part("bytes=-0"), "416 bytes */10 ");
  for (const std::string ignored :
       {"bytes=4-2", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=", "bytes=-"}) {
    EXPECT_EQ(part(ignored), "200  0123456789") << ignored;
  }
  const std::string tag = get().field("ETag");
  EXPECT_EQ(get({{"Range", "bytes=2-4"}, {"If-Range", tag}}).body, "234");
  EXPECT_EQ(get({{"Range", "bytes=2-4"}, {"If-Range", "\"other\""}}).body, "0123456789");
}

TEST_F(AttachmentsOverHttp, ConditionsGuardThem) {
  EXPECT_EQ(put("1", {{"If-Match", "\"1-abc\""}}).status, 412U);
  const Answer first = put("1", {{"If-Match", tag_}});
  EXPECT_EQ(first.status, 201U);
  EXPECT_EQ(put("2", {{"If-Match", tag_}}).status, 412U) << "the document has moved";
  EXPECT_EQ(put("2", {{"If-None-Match", "*"}}).status, 412U);
  const std::string digest = get().field("ETag");
  EXPECT_EQ(get({{"If-None-Match", digest}}).status, 304U);
  EXPECT_EQ(get({{"If-Match", digest}}).status, 200U);
  EXPECT_EQ(get({{"If-Match", api_.get(things("/a")).field("ETag")}}).status, 200U);
  EXPECT_EQ(get({{"If-Match", "\"other\""}}).status, 412U);
  EXPECT_EQ(
      api_.call({.method = net::Method::remove, .target = path_, .fields = {{"If-Match", tag_}}}).status,
      412U);
}

TEST_F(AttachmentsOverHttp, OlderRevisionsKeepTheirs) {
  const Answer first = put("1");
  const std::string revision = first.body.substr(first.body.find("2-"), 34);
  put("2");
  EXPECT_EQ(get().body, "2");
  EXPECT_EQ(api_.get(path_ + "?rev=" + revision).body, "1");
  EXPECT_EQ(api_.get(path_ + "?rev=nothing").status, 400U);
}

TEST_F(AttachmentsOverHttp, NeedTheirDocument) {
  EXPECT_EQ(api_.send(net::Method::put, things("/none/attachments/x"), "1", "text/plain").status, 404U);
  EXPECT_EQ(api_.get(things("/none/attachments/x")).status, 404U);
}

TEST_F(AttachmentsOverHttp, RunNothingInABrowser) {
  put("<script>", {}, "text/html");
  EXPECT_THAT(get().field("Content-Security-Policy"), HasSubstr("sandbox"));
  EXPECT_EQ(get().field("Content-Disposition"), "attachment; filename*=UTF-8''x.txt");
  put("\x89PNG", {}, "image/png");
  EXPECT_THAT(get().field("Content-Disposition"), StartsWith("inline; "));
  EXPECT_THAT(get().field("Content-Security-Policy"), HasSubstr("sandbox"));
  put("<svg/>", {}, "image/svg+xml");
  EXPECT_THAT(get().field("Content-Disposition"), StartsWith("attachment; "));
  const std::string path = things("/a/attachments/%22%0D%0A%C3%A9");
  api_.send(net::Method::put, path, "1", "text/plain");
  EXPECT_EQ(api_.get(path).field("Content-Disposition"), "inline; filename*=UTF-8''%22%0D%0A%C3%A9");
}

TEST_F(AttachmentsOverHttp, AreBounded) {
  Options options;
  options.attachment_bytes = 1000;
  TestApi api(options);
  api.put(things("/a"), "{}");
  const Answer answer = api.send(net::Method::put, path_, std::string(1001, 'x'), "text/plain");
  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(api.get(path_).status, 404U);
}

TEST(Range, OfHugeNumbers) {
  EXPECT_EQ(parse_range("bytes=0-99999999999999999999999", 10).length, 10U);
  EXPECT_EQ(parse_range("bytes=99999999999999999999999-", 10).kind, Range::Kind::unsatisfiable);
  EXPECT_EQ(parse_range("bytes=-99999999999999999999999", 10).length, 10U);
  EXPECT_EQ(parse_range("", 10).kind, Range::Kind::whole);
}

}  // namespace
}  // namespace quire::api::rest
