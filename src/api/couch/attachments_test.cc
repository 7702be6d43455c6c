#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "api/testing/couch.h"

// Attachments: inside their document, in parts of their own, by themselves, and packed.

namespace quire::api::couch {
namespace {

using testing::Answer;
using testing::Couch;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestApi;

TEST_F(Couch, AttachmentsInsideAndByThemselves) {
  const std::string rev = written(
      "a", R"({"_attachments":{"t.txt":{"content_type":"text/plain","data":"aGVsbG8="},"e":{"data":""}}})");
  EXPECT_THAT(get("/a").body,
              HasSubstr(R"("t.txt":{"content_type":"text/plain","revpos":1,)"
                        R"("digest":"md5-XUFAKrxLKna5cZ2REBfFkg==","length":5,"stub":true})"));
  EXPECT_THAT(get("/a?attachments=true").body, HasSubstr(R"("data":"aGVsbG8=")"));
  const Answer bytes = get("/a/t.txt");
  EXPECT_EQ(bytes.body, "hello");
  EXPECT_EQ(bytes.field("Content-MD5"), "XUFAKrxLKna5cZ2REBfFkg==");
  EXPECT_EQ(bytes.field("ETag"), "\"XUFAKrxLKna5cZ2REBfFkg==\"");
  const Answer part = get("/a/t.txt", {{"Range", "bytes=1-2"}});
  EXPECT_EQ(part.body, "el");
  EXPECT_EQ(part.field("Content-MD5"), "") << "it would be that of the whole";
  EXPECT_EQ(get("/a/t.txt", {{"If-None-Match", bytes.field("ETag")}}).status, 304U);
  EXPECT_EQ(get("/a/none").body, words("not_found", "Document is missing attachment"));
  const Answer added = api_.call({.method = net::Method::put,
                                  .target = "/couch/db/a/dir/x?rev=" + rev,
                                  .body = "bytes",
                                  .fields = {{"Content-Type", "image/png"}}});
  ASSERT_EQ(added.status, 201U) << added.body;
  EXPECT_EQ(get("/a/dir/x").body, "bytes");
  // What a new revision names stays, and nothing else.
  const Answer kept =
      put("/a", R"({"_rev":")" + rev_of(added) + R"(","_attachments":{"t.txt":{"stub":true}}})");
  EXPECT_EQ(kept.status, 201U) << kept.body;
  EXPECT_EQ(get("/a/t.txt").body, "hello");
  EXPECT_EQ(get("/a/dir/x").status, 404U);
  EXPECT_THAT(get("/a").body, HasSubstr(R"("revpos":1)"));
  EXPECT_EQ(remove("/a/t.txt?rev=" + rev_of(kept)).status, 200U);
  EXPECT_THAT(get("/a").body, Not(HasSubstr("_attachments")));
}

TEST_F(Couch, AttachmentsInPartsOfTheirOwn) {
  const std::string body =
      "--x\r\nContent-Type: application/json\r\n\r\n"
      R"({"_attachments":{"f":{"follows":true,"length":5,"content_type":"text/plain"},)"
      R"("g":{"follows":true,"length":0,"content_type":"text/plain"}}})"
      "\r\n--x\r\n\r\nhello\r\n--x\r\n\r\n\r\n--x--";
  const auto send = [&](const std::string& text) {
    return api_.send(net::Method::put, "/couch/db/a", text, "multipart/related; boundary=\"x\"");
  };
  const Answer made = send(body);
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(get("/a/f").body, "hello");
  const Answer parts = get("/a?attachments=true", {{"Accept", "multipart/related"}});
  EXPECT_THAT(parts.fields, HasSubstr("Content-Type: multipart/related; boundary="));
  EXPECT_THAT(parts.body, HasSubstr(R"("follows":true)"));
  EXPECT_THAT(
      parts.body,
      HasSubstr("filename=\"f\"\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello\r\n--"));
  const Answer mixed = get("/a?open_revs=all&revs=true", {{"Accept", "multipart/mixed"}});
  EXPECT_THAT(mixed.body, HasSubstr("Content-Type: multipart/related; boundary="));
  // Another length, a part too few, no end.
  EXPECT_EQ(send(std::regex_replace(body, std::regex("\"length\":5"), "\"length\":6")).status, 400U);
  EXPECT_EQ(send(std::regex_replace(body, std::regex("\r\n--x\r\n\r\nhello"), "")).status, 400U);
  EXPECT_EQ(send(body.substr(0, body.size() - 2)).status, 400U);
}

// As CouchDB's replicator sends texts, which CouchDB keeps packed.
TEST_F(Couch, AnAttachmentThatComesPackedIsKeptAsItIs) {
  static constexpr char kPacked[] =
      "\037\213\010\000\000\000\000\000\002\003\313\110\315\311\311\317\030\372\004\000\341\120"
      "\323\000\310\000\000\000";
  const std::string packed(kPacked, sizeof kPacked - 1);
  std::string text;
  for (int i = 0; i < 40; ++i) text += "hello";
  const std::string digest = "md5-iHQ9i3cTGf8XmbtXVnRSqg==";  // of the packed bytes
  const auto push = [&](const std::string& rev, const std::string& claim, const std::string& coding,
                        const std::string& bytes) {
    std::string body = "--x\r\nContent-Type: application/json\r\n\r\n";
    body += R"({"_id":"a","_rev":"1-)" + rev + R"(","_revisions":{"start":1,"ids":[")" + rev + R"("]},)";
    body += R"("_attachments":{"f":{"content_type":"text/plain","revpos":1,"digest":")" + digest + "\",";
    body +=
        R"("length":200,"encoding":"gzip","encoded_length":)" + std::to_string(packed.size()) + "," + claim;
    body += "}}}\r\n--x\r\nContent-Disposition: attachment; filename=\"f\"\r\nContent-Type: text/plain\r\n";
    body += "Content-Length: " + std::to_string(bytes.size()) + "\r\nContent-Encoding: " + coding;
    body += "\r\n\r\n" + bytes + "\r\n--x--";
    return api_.send(net::Method::put, "/couch/db/a?new_edits=false", body,
                     "multipart/related; boundary=\"x\"");
  };
  const std::string follows = R"("follows":true)";
  const Answer made = push("a", follows, "gzip", packed);
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(get("/a/f").body, text);
  EXPECT_THAT(get("/a").body, HasSubstr(R"("length":200)"));
  // A later revision only names it, by the digest of what CouchDB keeps.
  const std::string later =
      R"({"new_edits":false,"docs":[{"_id":"a","_rev":"2-b","_revisions":{"start":2,"ids":["b","a"]},)"
      R"("_attachments":{"f":{"stub":true,"revpos":1,"length":200,"encoding":"gzip","encoded_length":28,"digest":")";
  const Answer named = post("/_bulk_docs", later + digest + R"("}}}]})");
  EXPECT_EQ(named.body, "[]") << named.status;
  EXPECT_EQ(get("/a/f?rev=2-b").body, text);
  // Cut short, no gzip, another coding, bytes as they are under a claim that they are packed.
  EXPECT_EQ(push("c", follows, "gzip", packed.substr(0, packed.size() - 1)).status, 400U);
  EXPECT_EQ(push("c", follows, "gzip", text).status, 400U);
  EXPECT_EQ(push("c", follows, "br", packed).status, 400U);
  EXPECT_EQ(push("c", follows, "identity", packed).status, 400U);
  EXPECT_EQ(get("/a?rev=1-c").status, 404U);
}

// A small body may hold what is over the limit.
TEST_F(Couch, APackedAttachmentIsBoundedByWhatComesOut) {
  static constexpr char kPacked[] =
      "\037\213\010\000\000\000\000\000\002\003\355\301\001\015\000\000\000\302\240\332\217\157"
      "\016\067\240\000\000\000\000\000\000\000\000\000\340\337\000\243\244\125\015\020\047\000"
      "\000";
  const std::string packed(kPacked, sizeof kPacked - 1);
  const std::string body =
      "--x\r\nContent-Type: application/json\r\n\r\n"
      R"({"_attachments":{"f":{"follows":true,"length":10000,"encoding":"gzip"}}})"
      "\r\n--x\r\nContent-Encoding: gzip\r\n\r\n" +
      packed + "\r\n--x--";
  for (const std::uint64_t limit : {9'999, 10'000}) {
    Options options;
    options.attachment_bytes = limit;
    TestApi api(options);
    api.call({.method = net::Method::put, .target = "/couch/db"});
    const Answer answer =
        api.send(net::Method::put, "/couch/db/a", body, "multipart/related; boundary=\"x\"");
    EXPECT_EQ(answer.status, limit == 10'000 ? 201U : 413U) << answer.body;
  }
}

}  // namespace
}  // namespace quire::api::couch
