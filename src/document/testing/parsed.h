#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "document/json.h"
#include "document/value.h"

namespace quire::document::testing {

// A JSON text and the value that it stands for. A text that is none fails the test.
struct Parsed {
  explicit Parsed(std::string_view json) {
    EXPECT_TRUE(minify(json, {}, text)) << json;
    value = *Value::parse(arena, text);
  }
  Arena arena;
  std::string text;
  Value value;
};

}  // namespace quire::document::testing
