#include "query/testing/generated.h"

#include <algorithm>
#include <set>

namespace quire::query::testing {

namespace {

const std::vector<std::string> kScalars{"null",
                                        "true",
                                        "false",
                                        "0",
                                        "1",
                                        "2",
                                        "3",
                                        "-1",
                                        "1.0",
                                        "2.5",
                                        "1e0",
                                        "-0.0",
                                        R"({"$numberLong":"2"})",
                                        R"({"$numberDecimal":"2.5"})",
                                        R"({"$numberDouble":"NaN"})",
                                        R"({"$numberDouble":"Infinity"})",
                                        R"("")",
                                        R"("a")",
                                        R"("ab")",
                                        R"("abc")",
                                        R"("b")",
                                        R"("\u0061")",
                                        R"("ä")",
                                        R"("😀")",
                                        R"("a\u0000")",
                                        R"({"$oid":"5f1e2d3c4b5a697887960504"})",
                                        R"({"$date":"2024-05-17T08:15:30Z"})",
                                        R"({"$date":{"$numberLong":"-1"}})",
                                        R"({"$binary":{"base64":"AAH/","subType":"00"}})"};
// Some of these are equal, or stand in another order, where a language compares them.
const std::vector<std::string> kTexts{R"("A")", R"("Ab")",  R"("AB")", R"("Ä")", R"("B")",
                                      R"("á")", R"("a-b")", R"("10")", R"("9")", R"("aä")"};
const std::vector<std::string> kCollations{
    "", R"({"locale":"en","strength":1})", R"({"locale":"de","strength":2})",
    R"({"locale":"sv","numericOrdering":true,"strength":2,"alternate":"shifted"})"};
const std::vector<std::string> kNames{"a", "b", "c", "0"};
const std::vector<std::string> kPaths{"a",   "a",   "a",     "b",   "b",     "c",  "a.b",
                                      "a.c", "b.a", "a.b.c", "a.0", "a.0.b", "_id"};
const std::vector<std::string> kIds{"", "a", "ab", "abc", "b", "ä", "😀", "id"};

}  // namespace

std::string Generator::id() { return one_of(kIds) + std::to_string(below(30)); }

std::string Generator::scalar() { return collations && chance(30) ? one_of(kTexts) : one_of(kScalars); }

std::string Generator::collation() {
  if (!usual_) usual_ = one_of(kCollations);
  return chance(60) ? *usual_ : one_of(kCollations);
}

std::string Generator::value(int depth) {
  if (depth == 0 || chance(55)) return scalar();
  if (!arrays || chance(40)) return "{" + members(depth - 1) + "}";
  std::string out = "[";
  for (std::size_t left = below(4); left > 0; --left) {
    out += value(depth - 1);
    if (left > 1) out += ',';
  }
  return out + "]";
}

std::string Generator::members(int depth) {
  std::string out;
  for (const std::string& name : kNames) {
    if (chance(name == "0" ? 95 : 35)) continue;
    if (!out.empty()) out += ',';
    out += "\"" + name + "\":" + value(depth);
  }
  return out;
}

std::string Generator::document() { return "{" + members(3) + "}"; }
std::string Generator::path() { return one_of(kPaths); }

std::string Generator::operand() { return chance(85) ? scalar() : value(2); }

std::string Generator::list(std::size_t most) {
  std::string out = "[";
  for (std::size_t left = below(most + 1); left > 0; --left) {
    out += operand();
    if (left > 1) out += ',';
  }
  return out + "]";
}

std::string Generator::predicate(int depth) {
  switch (below(depth < 2 ? 16 : 13)) {
    case 0:
    case 1: return "\"$eq\":" + operand();
    case 2: return "\"$gt\":" + operand();
    case 3: return "\"$gte\":" + operand();
    case 4: return "\"$lt\":" + operand();
    case 5: return "\"$lte\":" + operand();
    case 6: return "\"$in\":" + list(4);
    case 7: return std::string("\"$exists\":") + (chance(60) ? "true" : "false");
    case 8:
      return one_of<std::string>(
          {R"("$regex":"^a")", R"("$regex":"^ab")", R"("$regex":"b")", R"("$regex":"^ä")"});
    case 9: return one_of<std::string>({"\"$ne\":" + operand(), "\"$nin\":" + list(3)});
    case 10:
      return one_of<std::string>(
          {R"("$type":"string")", R"("$type":"array")", R"("$size":2)", R"("$mod":[2,1])"});
    case 11: return "\"$all\":" + list(2);
    case 12: return "\"$eq\":" + scalar();
    case 13: return "\"$not\":{" + predicate(depth + 1) + "}";
    case 14: return "\"$elemMatch\":{" + predicates(depth + 1) + "}";
    default: return "\"$elemMatch\":" + filter(depth + 2);
  }
}

// Each operator once.
std::string Generator::predicates(int depth) {
  std::string out;
  std::set<std::string> used;
  for (std::size_t left = 1 + below(2); left > 0; --left) {
    const std::string one = predicate(depth);
    if (!used.insert(one.substr(0, one.find(':'))).second) continue;
    out += (out.empty() ? "" : ",") + one;
  }
  return out;
}

std::string Generator::filter(int depth) {
  std::set<std::string> used;
  std::string out;
  for (std::size_t left = 1 + below(depth == 0 ? 3 : 2); left > 0; --left) {
    std::string one;
    const std::string at = path();
    if (depth < 2 && chance(15)) {
      one = one_of<std::string>({"\"$or\":[", "\"$or\":[", "\"$and\":[", "\"$nor\":["}) + filter(depth + 1) +
            "," + filter(depth + 1) + "]";
    } else if (at == "_id") {
      one = "\"_id\":" + one_of<std::string>(
                             {"\"" + id() + "\"", "{\"$gt\":\"" + id() + "\"}", "{\"$lte\":\"" + id() + "\"}",
                              "{\"$gte\":\"a\",\"$lt\":\"b\"}", R"({"$regex":"^ab"})",
                              "{\"$in\":[\"" + id() + "\",\"" + id() + "\",\"" + id() + "\"]}"});
    } else if (chance(25)) {
      one = "\"" + at + "\":" + scalar();
    } else {
      one = "\"" + at + "\":{" + predicates(depth) + "}";
    }
    if (!used.insert(one.substr(0, one.find(':'))).second) continue;
    out += (out.empty() ? "" : ",") + one;
  }
  return "{" + out + "}";
}

std::string Generator::sort() {
  std::set<std::string> used;
  std::string out;
  for (std::size_t left = below(3); left > 0; --left) {
    const std::string at = path();
    if (!used.insert(at).second) continue;
    out += (out.empty() ? "" : ",") + ("\"" + at + "\":") + (chance(50) ? "1" : "-1");
  }
  return "{" + out + "}";
}

std::string Generator::projection() {
  const std::string with_id = one_of<std::string>({"", "\"_id\":1", "\"_id\":0"});
  const std::string how = chance(60) ? "1" : "0";
  const auto paths = one_of<std::vector<std::string>>(
      {{}, {"a"}, {"b"}, {"a.b"}, {"a.b", "a.c"}, {"b", "a.c"}, {"c", "b.a", "a.b.c"}});
  std::string out = with_id;
  for (const std::string& one : paths) out += (out.empty() ? "\"" : ",\"") + one + "\":" + how;
  return "{" + out + "}";
}

std::string Generator::index() {
  std::set<std::string> used;
  std::string keys;
  for (std::size_t left = 1 + below(3); left > 0; --left) {
    const std::string at = path();
    if (!used.insert(at).second) continue;
    keys += (keys.empty() ? "{\"" : ",{\"") + at + (chance(70) ? "\":1}" : "\":-1}");
  }
  std::string out = "{\"keys\":[" + keys + "]";
  if (chance(15)) out += ",\"unique\":true";
  if (chance(20)) out += ",\"sparse\":true";
  if (chance(20)) {
    out +=
        ",\"partial\":" + one_of<std::string>({R"({"a":{"$gt":0}})", R"({"b":{"$exists":true}})",
                                               R"({"c":"a"})", R"({"a":{"$gte":0,"$lt":3}})",
                                               R"({"a.b":{"$in":[1,2,"a"]}})", R"({"b":{"$regex":"^a"}})"});
  }
  const std::string by = collations ? collation() : "";
  if (!by.empty()) out += ",\"collation\":" + by;
  return out + "}";
}

}  // namespace quire::query::testing
