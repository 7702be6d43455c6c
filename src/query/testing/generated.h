#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "query/testing/naive_query.h"

namespace quire::query::testing {

// Documents, filters, sorts, projections and indexes at random, over few paths and values so that they meet.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return random_() % end; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

  // Whether documents hold arrays; without any, an index can do all it can.
  bool arrays = true;
  // Whether strings have capitals and accents besides, and indexes may have a collation.
  bool collations = false;

  std::string id();
  std::string document();
  std::string path();
  std::string filter(int depth = 0);
  std::string sort();
  std::string projection();
  std::string index();
  // {"locale": ...}, of few, most often the same; empty: none.
  std::string collation();

 private:
  std::string scalar();
  std::string value(int depth);
  std::string members(int depth);
  std::string operand();
  std::string predicates(int depth);
  std::string predicate(int depth);
  std::string list(std::size_t most);

  std::mt19937_64 random_;
  std::optional<std::string> usual_;  // collation
};

}  // namespace quire::query::testing
