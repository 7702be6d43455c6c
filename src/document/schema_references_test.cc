#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "document/json.h"
#include "document/schema.h"
#include "document/schema_format.h"
#include "document/schema_uri.h"

namespace quire::document {
namespace {

bool fits(std::string_view schema_text, std::string_view document) {
  const auto schema = Schema::parse(schema_text);
  EXPECT_TRUE(schema) << schema_text << (schema ? "" : schema.error().to_string());
  std::string text;
  EXPECT_TRUE(minify(document, {}, text));
  Arena arena;
  const auto found = schema->validate(*Value::parse(arena, text));
  EXPECT_TRUE(found) << (found ? "" : found.error().to_string());
  return found && found->empty();
}

void only_strings(std::string_view schema) {
  EXPECT_TRUE(fits(schema, "\"a\"")) << schema;
  EXPECT_FALSE(fits(schema, "1")) << schema;
}

TEST(SchemaReferences, ByPointer) {
  only_strings(R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}})");
  only_strings(R"({"$ref":"#/$defs/a~1b~0c%25","$defs":{"a/b~c%":{"type":"string"}}})");
  only_strings(R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"type":"string"}}})");
  only_strings(R"({"$ref":"#/definitions/a","definitions":{"a":{"type":"string"}}})");
  // Into what no keyword says is a schema, and through it.
  only_strings(R"({"$ref":"#/x/0/y","x":[{"y":{"allOf":[{"$ref":"#/z"}]}}],"z":{"type":"string"}})");
  // Beside it other keywords count.
  EXPECT_FALSE(fits(R"({"$ref":"#/$defs/a","maxLength":0,"$defs":{"a":{"type":"string"}}})", "\"a\""));
}

TEST(SchemaReferences, ByAnchorAndId) {
  only_strings(R"({"$ref":"#a","$defs":{"x":{"$anchor":"a","type":"string"}}})");
  only_strings(R"({"$ref":"#a","$defs":{"x":{"$dynamicAnchor":"a","type":"string"}}})");
  only_strings(R"({"$id":"http://x/y/root.json","$ref":"z/part.json#a","$defs":
      {"p":{"$id":"z/part.json","$defs":{"q":{"$anchor":"a","type":"string"}}}}})");
  only_strings(R"({"$id":"http://x/root.json","$ref":"part","$defs":
      {"p":{"$id":"http://x/part","$ref":"#/$defs/q","$defs":{"q":{"type":"string"}}}}})");
  only_strings(R"({"$id":"urn:uuid:deadbeef-1234-00ff-ff00-4321feebdaed","$ref":
      "urn:uuid:deadbeef-1234-00ff-ff00-4321feebdaed#/$defs/a","$defs":{"a":{"type":"string"}}})");
  // An anchor belongs to its resource.
  EXPECT_FALSE(Schema::parse(R"({"$ref":"#a","$defs":{"p":{"$id":"http://x/p","$anchor":"a"}}})"));
  // Data are no schemas.
  EXPECT_FALSE(Schema::parse(R"({"$ref":"#a","const":{"$anchor":"a"}})"));
}

TEST(SchemaReferences, TheOutermostDynamicAnchorDecides) {
  // A list of anything, which its user says what of.
  constexpr std::string_view kList = R"({"$id":"http://x/strings","$ref":"list","$defs":{
      "item":{"$dynamicAnchor":"item","type":"string"},
      "list":{"$id":"list","type":"array","items":{"$dynamicRef":"#item"},
              "$defs":{"anything":{"$dynamicAnchor":"item"}}}}})";
  EXPECT_TRUE(fits(kList, R"(["a"])"));
  EXPECT_FALSE(fits(kList, "[1]"));
  // $ref to the same place does not look at the way.
  std::string plain(kList);
  plain.replace(plain.find("$dynamicRef"), 11, "$ref");
  EXPECT_TRUE(fits(plain, "[1]"));
  // Nor does a dynamic reference to a plain anchor.
  EXPECT_TRUE(fits(R"({"$id":"http://x/strings","$ref":"list","$defs":{
      "item":{"$dynamicAnchor":"item","type":"string"},
      "list":{"$id":"list","items":{"$dynamicRef":"#item"},"$defs":{"anything":{"$anchor":"item"}}}}})",
                   "[1]"));
}

TEST(SchemaReferences, ATreeThatIsExtended) {
  constexpr std::string_view kStrict = R"({"$id":"http://x/strict","$dynamicAnchor":"node","$ref":"tree",
      "unevaluatedProperties":false,"$defs":{"tree":{"$id":"tree","$dynamicAnchor":"node","type":"object",
      "properties":{"data":true,"children":{"type":"array","items":{"$dynamicRef":"#node"}}}}}})";
  EXPECT_TRUE(fits(kStrict, R"({"children":[{"data":1,"children":[]}]})"));
  EXPECT_FALSE(fits(kStrict, R"({"children":[{"daat":1}]})"));
}

// The examples of RFC 3986, 5.4.
TEST(SchemaUri, ResolvesAsTheStandardSays) {
  const std::string base = "http://a/b/c/d;p?q";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {";x", "http://a/b/c/;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const auto& [reference, expected] : cases)
    EXPECT_EQ(resolve_uri(base, reference), expected) << reference;
  EXPECT_EQ(resolve_uri("", "a/b"), "a/b");
  EXPECT_EQ(resolve_uri("http://a", "b"), "http://a/b");
}

TEST(SchemaFormat, OfWhatIsWellDefined) {
  struct Case {
    SchemaFormat format;
    std::vector<std::string_view> good;
    std::vector<std::string_view> bad;
  };
  const std::vector<Case> cases = {
      {SchemaFormat::date_time,
       {"2024-02-29T12:00:00Z", "1990-12-31t23:59:60z", "1990-12-31T15:59:60.123-08:00"},
       {"2024-02-30T12:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01 12:00:00Z", "2024-01-01T12:00:00",
        "1998-12-31T22:59:60Z", "2024-01-01T12:00:00.Z", "2024-01-01T12:00:00+24:00"}},
      {SchemaFormat::date,
       {"2000-02-29", "0000-01-01"},
       {"1900-02-29", "2024-13-01", "2024-1-01", "2024-01-00"}},
      {SchemaFormat::time, {"00:00:00Z", "23:59:59.5+01:30"}, {"12:00:00", "12:60:00Z", "1:00:00Z"}},
      {SchemaFormat::duration,
       {"P4DT12H30M5S", "P1Y", "PT1M", "P4W", "P1Y2M3D", "PT36H"},
       {"P", "PT", "P1", "4D", "P1YT", "P2D1Y", "P1D2H", "PT1D", "P1Y2W", "P1Y3D", "PT1H2S"}},
      {SchemaFormat::email,
       {"joe@example.com", "\"joe bloggs\"@example.com", "te~st@[127.0.0.1]", "a@[IPv6:::1]"},
       {"joe", "@x", ".a@x.org", "a..b@x.org", "a@-x", "a b@x", "a@[127.0.0.300]", "\"a\"b\"@x"}},
      {SchemaFormat::hostname,
       {"a", "www.example.com", "a-b.c1", "xn--4gbwdl.xn--wgbh1c"},
       {"", "-a", "a-", "a..b", "a_b", ".a", "a.", "ab--c"}},
      {SchemaFormat::ipv4,
       {"127.0.0.1", "255.255.255.255"},
       {"1.2.3", "256.0.0.0", "01.1.1.1", "1.2.3.4.5", "1.2.3.4 "}},
      {SchemaFormat::ipv6,
       {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2::8"},
       {"1", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "::1%eth0", "1.2.3.4",
        "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7"}},
      {SchemaFormat::uri,
       {"http://foo.bar/?baz=qux#quux", "urn:a:b", "http://[::1]:80/", "mailto:a@b"},
       {"//foo.bar", "a", "http:// x", "http://[::1", "a:\\b", ":a", "http://a/%4"}},
      {SchemaFormat::uri_reference, {"", "a", "#f", "//foo.bar/x", "/a?b"}, {"\\a", "#a\\b", "1:a"}},
      {SchemaFormat::uuid,
       {"2EB8AA08-aa98-11ea-b4aa-73b441d16380"},
       {"2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
        "geb8aa08-aa98-11ea-b4aa-73b441d16380"}},
      {SchemaFormat::json_pointer, {"", "/", "/a~0~1/b"}, {"a", "/~", "/~2"}},
      {SchemaFormat::relative_json_pointer, {"0", "1/a", "0#", "10"}, {"", "/a", "-1", "01", "0##", "1a"}},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(format_named(format_name(one.format)), one.format);
    for (const auto text : one.good)
      EXPECT_TRUE(has_format(one.format, text)) << format_name(one.format) << text;
    for (const auto text : one.bad)
      EXPECT_FALSE(has_format(one.format, text)) << format_name(one.format) << text;
  }
}

}  // namespace
}  // namespace quire::document
