#include "api/reference.h"

#include <gtest/gtest.h>

#include "api/route.h"
#include "document/arena.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::api {
namespace {

TEST(Reference, NamesEveryRouteAndEverySchemaThatOneNames) {
  const std::string page = reference_markdown();
  for (const Route& route : routes()) {
    EXPECT_NE(page.find(std::string(net::name(route.method)) + " " + std::string(route.pattern)),
              std::string::npos);
  }
  for (const Schema& schema : schemas()) {
    EXPECT_NE(page.find("### " + std::string(schema.name)), std::string::npos);
  }
}

TEST(Reference, IsAnOpenApiDocumentWhoseReferencesLeadSomewhere) {
  const std::string text = reference_openapi("1.2.3");
  std::string minified;
  ASSERT_TRUE(document::minify(text, {}, minified));
  EXPECT_EQ(minified, text);
  document::Arena arena;
  const auto value = *document::Value::parse(arena, minified);
  EXPECT_EQ(value.find("info")->find("version")->to_string(), "1.2.3");
  for (const Route& route : routes()) {
    std::string path(route.pattern);
    if (const auto dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
    EXPECT_NE(value.find("paths")->find(path), nullptr) << path;
  }
  const auto& known = *value.find("components")->find("schemas");
  const std::string mark = "#/components/schemas/";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::string name = text.substr(at + mark.size(), text.find('"', at) - at - mark.size());
    EXPECT_NE(known.find(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace quire::api
