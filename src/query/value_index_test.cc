#include "query/value_index.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "document/filter.h"
#include "document/key_encoding.h"
#include "document/value.h"
#include "query/tuning.h"

namespace quire::query {
namespace {

using document::Arena;
using document::Direction;
using document::Value;

ValueIndex index_of(std::string_view json) {
  auto definition = IndexDefinition::parse("by", json);
  EXPECT_TRUE(definition) << json;
  return ValueIndex(std::make_shared<const IndexDefinition>(std::move(*definition)));
}

// The tuples of a document's entries as an array of arrays, in the order of their keys.
std::string tuples(std::string_view definition, std::string_view body, bool* multikey = nullptr) {
  const ValueIndex index = index_of(definition);
  database::IndexKeys found;
  const Status status = index.keys_of("the id", body, found);
  if (!status) return status.error().to_string();
  std::sort(found.keys.begin(), found.keys.end());
  found.keys.erase(std::unique(found.keys.begin(), found.keys.end()), found.keys.end());
  std::string out;
  Arena arena;
  for (const std::string& key : found.keys) {
    std::string_view rest = key;
    out += '(';
    for (const auto& part : index.definition()->keys) {
      std::string none;
      document::append_no_elements_key(part.direction, none);
      if (rest.starts_with(none)) {
        rest.remove_prefix(none.size());
        out += out.back() == '(' ? "-" : " -";
        continue;
      }
      const auto value = document::take_key(rest, part.direction, arena);
      out += (out.back() == '(' ? "" : " ") + (value ? value->to_json() : value.error().to_string());
    }
    EXPECT_TRUE(rest.empty()) << "a key goes on behind its values";
    out += ')';
  }
  if (multikey != nullptr) *multikey = found.multikey;
  return out;
}

TEST(ValueIndex, keys_a_document_by_its_values) {
  const char* const a = R"({"keys":[{"a":1}]})";
  EXPECT_EQ(tuples(a, R"({"b":2,"a":1.50})"), "(1.5)");
  EXPECT_EQ(tuples(a, R"({"a":"x"})"), "(\"x\")");
  EXPECT_EQ(tuples(a, R"({"b":1})"), "(null)");
  EXPECT_EQ(tuples(a, R"({"a":null})"), "(null)");
  EXPECT_EQ(tuples(a, R"({"a":{"b":1}})"), R"(({"b":1}))");
  EXPECT_EQ(tuples(R"({"keys":[{"a.b":1}]})", R"({"a":{"b":1}})"), "(1)");
  EXPECT_EQ(tuples(R"({"keys":[{"a.b":1}]})", R"({"a":5})"), "(null)");
  EXPECT_EQ(tuples(R"({"keys":[{"a.b":1}]})", R"({"a":{"$numberLong":"5"}})"), "(null)");
  EXPECT_EQ(tuples(R"({"keys":[{"a":1},{"b":-1},{"c":1}]})", R"({"c":3,"a":1,"b":2})"), "(1 2 3)");
  EXPECT_EQ(tuples(R"({"keys":[{"a":1},{"_id":-1}]})", R"({"a":1})"), R"((1 "the id"))");
}

TEST(ValueIndex, has_an_entry_for_each_element_of_an_array) {
  bool multikey = false;
  const char* const a = R"({"keys":[{"a":1}]})";
  EXPECT_EQ(tuples(a, R"({"a":[3,1,3,[2]]})", &multikey), "(1)(3)([2])");
  EXPECT_TRUE(multikey);
  EXPECT_EQ(tuples(a, R"({"a":[]})", &multikey), "(-)");
  EXPECT_EQ(tuples(a, R"({"a":[[]]})"), "([])");
  EXPECT_TRUE(multikey);
  EXPECT_EQ(tuples(a, R"({"a":1})", &multikey), "(1)");
  EXPECT_FALSE(multikey);
  const char* const ab = R"({"keys":[{"a.b":1}]})";
  EXPECT_EQ(tuples(ab, R"({"a":[{"b":1},{"b":[2,3]},{"c":4},5]})"), "(null)(1)(2)(3)");
  EXPECT_EQ(tuples(ab, R"({"a":[]})"), "(null)");
  EXPECT_EQ(tuples(ab, R"({"a":[[{"b":1}]]})"), "(null)");
}

TEST(ValueIndex, goes_through_one_array_with_all_its_paths_together) {
  const char* const together = R"({"keys":[{"a.b":1},{"a.c":1},{"d":1}]})";
  EXPECT_EQ(tuples(together, R"({"a":[{"b":1,"c":2},{"b":3},{"c":4}],"d":9})"),
            "(null 4 9)(1 2 9)(3 null 9)");
  EXPECT_EQ(tuples(together, R"({"a":[{"b":[1,2],"c":5}],"d":9})"), "(1 5 9)(2 5 9)");
  EXPECT_EQ(tuples(R"({"keys":[{"a":1},{"a.b":1}]})", R"({"a":[{"b":1}]})"), R"(({"b":1} 1))");
  EXPECT_EQ(
      tuples(R"({"keys":[{"a":1},{"b":1}]})", R"({"a":[1],"b":[2]})"),
      "invalid: b: the document 'the id' cannot stand in the index 'by': its paths 'a' and 'b' go through "
      "two arrays side by side");
  EXPECT_EQ(tuples(together, R"({"a":[{"b":[1],"c":[2]}]})").substr(0, 8), "invalid:");
  EXPECT_EQ(tuples(R"({"keys":[{"a":1},{"b":1}]})", R"({"a":[],"b":1})"), "(- 1)");
}

TEST(ValueIndex, takes_a_number_for_a_place_in_an_array) {
  bool multikey = true;
  const char* const first = R"({"keys":[{"a.0":1}]})";
  EXPECT_EQ(tuples(first, R"({"a":[7,8]})", &multikey), "(7)");
  EXPECT_FALSE(multikey);
  EXPECT_EQ(tuples(first, R"({"a":[[7,8]]})"), "([7,8])");
  EXPECT_EQ(tuples(first, R"({"a":{"0":[7,8]}})"), "(7)(8)");
  EXPECT_EQ(tuples(R"({"keys":[{"a.2":1}]})", R"({"a":[7,8]})"), "(null)");
  EXPECT_EQ(tuples(R"({"keys":[{"a.1.b":1}]})", R"({"a":[{"b":1},{"b":2}]})"), "(null)(2)");
  EXPECT_EQ(tuples(R"({"keys":[{"a.1.b":1}],"unique":true})", R"({"a":[{"b":1},{"b":2}]})").substr(0, 8),
            "invalid:");
}

TEST(ValueIndex, leaves_out_what_sparse_and_partial_leave_out) {
  const char* const sparse = R"({"keys":[{"a":1},{"b":1}],"sparse":true})";
  EXPECT_EQ(tuples(sparse, R"({"c":1})"), "");
  EXPECT_EQ(tuples(sparse, R"({"b":1})"), "(null 1)");
  EXPECT_EQ(tuples(sparse, R"({"a":null})"), "(null null)");
  const char* const partial = R"({"keys":[{"a":1}],"partial":{"b":{"$gt":5},"_id":{"$exists":true}}})";
  EXPECT_EQ(tuples(partial, R"({"a":1,"b":6})"), "(1)");
  EXPECT_EQ(tuples(partial, R"({"a":1,"b":5})"), "");
  EXPECT_EQ(tuples(R"({"keys":[{"a":1}],"partial":{"_id":"the id"}})", R"({"a":1})"), "(1)");
  EXPECT_EQ(tuples(R"({"keys":[{"a":1}],"partial":{"_id":"another"}})", R"({"a":1})"), "");
}

TEST(ValueIndex, names_index_document_and_path_where_a_key_is_too_long) {
  const std::string long_text(tuning::kKeyBytes, 'x');
  const ValueIndex index = index_of(R"({"keys":[{"a":1},{"b":1}]})");
  database::IndexKeys found;
  const Status refused = index.keys_of("me", R"({"a":1,"b":")" + long_text + "\"}", found);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::too_large);
  EXPECT_EQ(refused.error().field(), "b");
  EXPECT_NE(refused.error().message().find("'me'"), std::string::npos);
  EXPECT_NE(refused.error().message().find("'by'"), std::string::npos);
  EXPECT_EQ(refused.error().message().find("xxx"), std::string::npos);
  std::string many = R"({"a":[0)";
  for (std::size_t i = 1; i <= tuning::kEntriesOfDocument; ++i) many += "," + std::to_string(i);
  std::string wide = R"({"b":")" + std::string(tuning::kKeyBytes / 2, 'x') + R"(","a":[0)";
  for (int i = 1; i < 5000; ++i) wide += "," + std::to_string(i);
  EXPECT_EQ(index.keys_of("me", wide + "]}", found).error().limit(), tuning::kKeyBytesOfDocument);
  EXPECT_EQ(index.keys_of("me", many + "]}", found).error().code(), ErrorCode::too_large);
  EXPECT_EQ(index.keys_of("me", "{\"a\":", found).error().code(), ErrorCode::corrupt);
}

TEST(ValueIndex, collates_strings) {
  const ValueIndex index = index_of(R"({"keys":[{"a":1}],"collation":{"locale":"en","strength":1}})");
  database::IndexKeys found;
  ASSERT_TRUE(index.keys_of("1", R"({"a":"Café"})", found));
  ASSERT_TRUE(index.keys_of("2", R"({"a":["cafe"]})", found));
  ASSERT_EQ(found.keys.size(), 2U);
  EXPECT_EQ(found.keys[0], found.keys[1]);
  EXPECT_NE(index.format(), index_of(R"({"keys":[{"a":1}]})").format());
}

TEST(ValueIndex, says_when_documents_are_due) {
  const ValueIndex index = index_of(R"({"keys":[{"t":1}],"expireAfterSeconds":10})");
  const auto key = [&](std::string_view body) {
    database::IndexKeys found;
    EXPECT_TRUE(index.keys_of("x", body, found));
    return found.keys.at(0);
  };
  const std::string date = key(R"({"t":{"$date":"1970-01-01T00:00:05Z"}})");
  EXPECT_EQ(index.due_at(date), 15'000);
  EXPECT_EQ(index.due_at(key(R"({"t":5})")), std::nullopt);
  const auto before = *index.due(14'999);
  const auto then = *index.due(15'000);
  EXPECT_GE(date, before.to);
  EXPECT_LT(date, before.end);
  EXPECT_LT(date, then.to);
  EXPECT_GE(date, then.from);
  EXPECT_LT(key(R"({"t":"a"})"), then.from);
  EXPECT_GE(key(R"({"t":[{"$binary":{"base64":"","subType":"00"}}]})"), then.end);
  EXPECT_FALSE(index_of(R"({"keys":[{"t":1}]})").due(0));
}

TEST(ValueIndexes, make_what_was_stored) {
  const auto definition =
      *IndexDefinition::parse("a \"name\"", R"({"keys":[{"a":1}],"unique":true,"partial":{"b":1}})");
  const auto hook = ValueIndexes().make(ValueIndexes::store(definition));
  ASSERT_TRUE(hook);
  EXPECT_EQ((*hook)->name(), "a \"name\"");
  EXPECT_TRUE((*hook)->unique());
  EXPECT_EQ(static_cast<const ValueIndex&>(**hook).definition()->print(), definition.print());
  EXPECT_FALSE(ValueIndexes().make("{}"));
  EXPECT_FALSE(ValueIndexes().make("x"));
}

// What a filter finds under a path, an index over it has an entry for.
RC_GTEST_PROP(ValueIndex, has_an_entry_for_each_value_that_a_filter_sees, ()) {
  static const char* const leaves[] = {"1", "2", "\"a\"", "null", "[]", "{}", "true"};
  const std::function<std::string(int)> value = [&](int depth) -> std::string {
    const int kind = depth == 0 ? 0 : *rc::gen::inRange(0, 4);
    if (kind <= 1) return leaves[*rc::gen::inRange(0, 7)];
    const int size = *rc::gen::inRange(0, 4);
    std::string out = kind == 2 ? "[" : "{";
    static const char* const names[] = {"\"a\":", "\"b\":", "\"0\":", "\"1\":"};
    for (int i = 0; i < size; ++i) {
      if (i > 0) out += ',';
      if (kind == 3) out += names[i];
      out += value(depth - 1);
    }
    return out + (kind == 2 ? "]" : "}");
  };
  static const char* const paths[] = {"a", "a.b", "a.0", "a.1.b", "a.b.0", "a.a.b", "a.0.1"};
  const std::string path = paths[*rc::gen::inRange(0, 7)];
  const std::string body = "{\"a\":" + value(4) + "}";
  database::IndexKeys found;
  RC_ASSERT(index_of(R"({"keys":[{")" + path + R"(":1}]})").keys_of("x", body, found).has_value());
  Arena arena;
  const Value document = *Value::parse(arena, body);
  for (const char* leaf : leaves) {
    if (std::string_view(leaf) == "[]") continue;  // an array as a whole is not in the index
    const auto filter = *document::Filter::parse("{\"" + path + "\":{\"$eq\":" + leaf + "}}");
    std::string key;
    document::append_key(*Value::parse(arena, leaf), Direction::ascending, key);
    const bool stands = std::find(found.keys.begin(), found.keys.end(), key) != found.keys.end();
    if (filter.matches(document)) RC_ASSERT(stands);
  }
  const auto missing = *document::Filter::parse("{\"" + path + "\":{\"$exists\":false}}");
  std::string null_key;
  document::append_key(Value(), Direction::ascending, null_key);
  const bool has_null = std::find(found.keys.begin(), found.keys.end(), null_key) != found.keys.end();
  if (missing.matches(document)) RC_ASSERT(has_null);
}

}  // namespace
}  // namespace quire::query
