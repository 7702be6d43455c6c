// Generated documents, indexes and queries: what a plan with indexes answers, what the scan of all documents
// answers, and what an evaluator answers that was written from the description of the language, are one. More
// cases, or those of a seed: QUIRE_QUERY_CASES and QUIRE_QUERY_SEED.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "query/distinct.h"
#include "query/find.h"
#include "query/projection.h"
#include "query/testing/generated.h"
#include "query/testing/memory_view.h"

namespace quire::query {
namespace {

using testing::Generator;
using testing::MemoryView;
using testing::NaiveQuery;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Case {
 public:
  Case(MemoryView& view, const std::vector<UsableIndex>& indexes, const NaiveQuery& query)
      : view_(view), indexes_(indexes), query_(query) {}

  Find parsed() const {
    Find find;
    find.filter = document::Filter::parse(query_.filter, {}, query_.collation).value();
    find.sort = Sort::parse(query_.sort).value();
    find.compare_by(query_.collation);
    find.ids_alone = Projection::parse(query_.projection).value().id_alone();
    find.skip = query_.skip;
    find.limit = query_.limit;
    return find;
  }

  // The documents, projected. `memory`: of a sort.
  std::vector<std::string> run(const Find& find, std::string* plan = nullptr, CursorPlace* last = nullptr) {
    Run run{.clock = system_clock(), .limits = {}, .budget = budget};
    const auto execution = Execution::start(collection(), find, run).value();
    const auto projection = Projection::parse(query_.projection).value();
    document::Arena scratch;
    std::vector<std::string> rows;
    Row row;
    while (execution->next(row).value()) {
      rows.emplace_back();
      EXPECT_TRUE(projection.append(row.id, row.body, scratch, rows.back()));
      if (last != nullptr) *last = execution->place();
    }
    if (plan != nullptr) *plan = execution->print();
    return rows;
  }

  bool is_refused(const Find& find) {
    Run run{.clock = system_clock(), .limits = {}, .budget = budget};
    const auto execution = Execution::start(collection(), find, run).value();
    Row row;
    const auto first = execution->next(row);
    return !first && first.error().code() == ErrorCode::invalid;
  }

  // Page by page, each with a token of the one before.
  std::vector<std::string> run_in_pages(Find find, std::uint64_t size) {
    std::vector<std::string> all;
    find.limit = size;
    for (;;) {
      CursorPlace last;
      const auto page = run(find, nullptr, &last);
      all.insert(all.end(), page.begin(), page.end());
      if (page.size() < size || all.size() > 1000) return all;
      find.after = parse_cursor(print_cursor(last, "x"), "x").value();
    }
  }

  std::uint64_t count(const Find& find) {
    Run run{.clock = system_clock(), .limits = {}, .budget = budget};
    return Execution::plan(collection(), find, run).value()->count().value();
  }

  // From an index where one tells them, and from all documents. The texts of equal values may differ, so they
  // are told by their keys.
  std::vector<std::string> distinct(Find find, const document::Path& path, bool by_index) {
    find.ids_alone = false;
    Run run{.clock = system_clock(), .limits = {}, .budget = budget};
    DistinctValues values(path, 1 << 30, query_.collation);
    if (!by_index || !values.add_from_index(collection(), find, run).value()) {
      const auto execution = Execution::start(collection(), find, run).value();
      Row row;
      while (execution->next(row).value()) EXPECT_TRUE(values.add(row));
    } else {
      ++distinct_by_index;
    }
    document::Arena arena;
    const std::string text = values.print();
    std::vector<std::string> keys;
    const auto printed = document::Value::parse(arena, text).value();
    for (const auto& value : printed.elements()) {
      keys.emplace_back();
      document::append_key(value, document::Direction::ascending, keys.back(), query_.collation.get());
    }
    return keys;
  }
  static inline std::uint64_t distinct_by_index = 0;

  Budget budget;

 private:
  Collection collection() {
    return {.documents = {.view = view_, .collection = MemoryView::kCollection},
            .count = view_.documents().size(),
            .indexes = indexes_,
            .visible = {}};
  }

  MemoryView& view_;
  const std::vector<UsableIndex>& indexes_;
  const NaiveQuery& query_;
};

// The order and the collation of some index: drawn apart they seldom meet.
void take_order_of(const IndexDefinition& index, NaiveQuery& query) {
  const IndexDefinition::Key& first = index.keys.front();
  const bool rises = first.direction == document::Direction::ascending;
  query.sort = "{\"" + first.path.text() + (rises ? "\":1}" : "\":-1}");
  query.collation = nullptr;
  if (!index.collation.empty())
    query.collation =
        std::make_shared<document::Collation>(document::Collation::parse(index.collation).value());
}

NaiveQuery any_query(Generator& generator, const std::vector<UsableIndex>& indexes) {
  NaiveQuery query;
  query.filter = generator.filter();
  if (generator.chance(60)) query.sort = generator.sort();
  if (generator.chance(50)) query.projection = generator.projection();
  // Without a sort the order is the plan's, so that a limit is anybody's choice.
  if (query.sort != "{}" && generator.chance(50)) {
    query.limit = 1 + generator.below(10);
    query.skip = generator.below(4);
  }
  if (generator.collations && !indexes.empty() && generator.chance(25)) {
    take_order_of(*indexes[generator.below(indexes.size())].definition, query);
  } else if (generator.collations) {
    if (const std::string by = generator.collation(); !by.empty())
      query.collation = std::make_shared<document::Collation>(document::Collation::parse(by).value());
  }
  return query;
}

void check(Generator& generator, MemoryView& view, const std::vector<UsableIndex>& indexes,
           std::map<std::string, std::uint64_t>& kinds) {
  const NaiveQuery query = any_query(generator, indexes);
  Case one(view, indexes, query);
  const Find find = one.parsed();
  Find scan = find;
  scan.hint = "$natural";
  auto described = testing::naive_query(view.documents(), query);
  if (!described) {
    ASSERT_TRUE(one.is_refused(scan)) << "filter " << query.filter << "\nsort " << query.sort;
    ++kinds["arrays side by side"];
    return;
  }
  auto expected = *std::move(described);
  std::string plan;
  if (generator.chance(5)) {
    one.budget.memory_bytes = 300;
    one.budget.spill_directory = ::testing::TempDir();
  }
  auto planned = one.run(find, &plan);
  auto scanned = one.run(scan);
  const auto story = [&] {
    std::string text = "filter " + query.filter + "\nsort " + query.sort + "\nprojection " +
                       query.projection + "\nskip " + std::to_string(query.skip) + " limit " +
                       std::to_string(query.limit) + "\n" +
                       (query.collation ? query.collation->print() + "\n" : "") + plan;
    for (const auto& index : indexes) text += index.definition->print() + "\n";
    return text;
  };
  // Whole, in pages, counted: of what is not cut off.
  if (query.limit == 0) {
    auto paged = one.run_in_pages(find, 1 + generator.below(5));
    const std::uint64_t counted = one.count(find);
    const std::string at = indexes.empty() || generator.chance(30)
                               ? generator.path()
                               : indexes[generator.below(indexes.size())].definition->keys[0].path.text();
    const auto path = document::Path::parse(at, 8).value();
    ASSERT_EQ(one.distinct(find, path, true), one.distinct(scan, path, false)) << story();
    ASSERT_EQ(counted, expected.size()) << story();
    if (query.sort == "{}") {
      ASSERT_EQ(paged, planned) << story();
    } else {
      ASSERT_EQ(paged, expected) << story();
    }
  }
  if (query.sort == "{}") {
    std::sort(expected.begin(), expected.end());
    std::sort(planned.begin(), planned.end());
    std::sort(scanned.begin(), scanned.end());
  }
  ASSERT_EQ(scanned, expected) << story();
  ASSERT_EQ(planned, expected) << story();
  const bool sorts = plan.find("sort {") != std::string::npos;
  for (const char* const word :
       {"nothing\n", "ids\n", "range of ids", "all documents", "any of", "index i"}) {
    if (plan.find(word) == std::string::npos) continue;
    const bool by_order = query.sort != "{}" && !sorts;
    const char* const by = query.collation != nullptr ? " by a collation" : "";
    ++kinds[word + std::string(by_order ? " in order" : "") + by];
    break;
  }
}

TEST(FindDifferential, PlansScansAndTheDescriptionAgree) {
  const std::uint64_t cases = from_environment("QUIRE_QUERY_CASES", 100'000);
  const std::uint64_t seed = from_environment("QUIRE_QUERY_SEED", 1);
  std::map<std::string, std::uint64_t> kinds;
  constexpr std::uint64_t kCasesOfWorld = 50;
  for (std::uint64_t world = 0; world * kCasesOfWorld < cases; ++world) {
    Generator generator(seed * 1'000'003 + world);
    MemoryView view;
    generator.arrays = generator.chance(50);
    generator.collations = generator.chance(40);
    for (std::size_t left = 5 + generator.below(30); left > 0; --left) {
      view.put(generator.id(), generator.document());
    }
    for (std::size_t left = generator.below(5); left > 0; --left) {
      view.add_index("i" + std::to_string(left), generator.index());
    }
    const auto indexes = view.indexes();
    for (std::uint64_t i = 0; i < kCasesOfWorld; ++i) {
      check(generator, view, indexes, kinds);
      if (HasFatalFailure()) {
        std::string documents;
        for (const auto& [id, body] : view.documents()) documents += id + "  " + body + "\n";
        FAIL() << "seed " << seed << " world " << world << "\n" << documents;
      }
    }
  }
  // A test that walks no index tests nothing.
  for (const auto& [kind, count] : kinds) RecordProperty(kind, std::to_string(count));
  if (cases >= 100'000) {
    const std::string by = " by a collation";
    for (const std::string& kind :
         {std::string("ids\n"), std::string("range of ids"), std::string("all documents"),
          std::string("any of"), std::string("index i"), std::string("index i in order"),
          std::string("arrays side by side"), "all documents" + by, "any of" + by, "index i" + by,
          "index i in order" + by}) {
      EXPECT_GT(kinds[kind], cases / 2000) << kind;
    }
    EXPECT_GT(Case::distinct_by_index, cases / 2000);
  }
}

}  // namespace
}  // namespace quire::query
