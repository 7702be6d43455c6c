#include <simdjson.h>

#include <nlohmann/json.hpp>

#include "document/arena.h"
#include "document/filter.h"
#include "document/json.h"
#include "document/revision.h"
#include "document/revision_tree.h"
#include "document/value.h"
#include "documents.h"
#include "figures.h"
#include "node.h"

// Text, values and revisions. The peer of the walk that checks everything is simdjson's DOM parse and minify,
// which checks less; that of the value tree is nlohmann::json, which most programs use.

namespace quire::bench {

namespace {

constexpr std::size_t kDocuments = 20'000;

std::vector<std::string> make_texts() {
  const DocumentMaker maker;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kDocuments; ++i) texts.push_back(maker.make(i));
  return texts;
}

// Megabytes a second of `work` over all texts.
double megabytes(const std::vector<std::string>& texts,
                 const std::function<std::size_t(const std::string&)>& work) {
  std::size_t bytes = 0;
  std::size_t made = 0;
  const double took = seconds([&] {
    for (const std::string& text : texts) {
      bytes += text.size();
      made += work(text);
    }
  });
  if (made == 0) die("work that made nothing");
  return static_cast<double>(bytes) / took / 1e6;
}

void text_figures(Report& report, const std::vector<std::string>& texts) {
  simdjson::dom::parser parser;
  std::string out;
  report.pair(
      "validate and minify 1 KB, to simdjson's DOM and minify", "MB/s", {0.3, 0.6},
      [&] {
        return megabytes(texts, [&](const std::string& text) {
          out.clear();
          if (!document::minify(text, {}, out)) die("a good text was refused");
          return out.size();
        });
      },
      [&] {
        return megabytes(texts, [&](const std::string& text) {
          simdjson::dom::element element;
          if (parser.parse(text).get(element) != simdjson::SUCCESS) die("a good text was refused");
          return simdjson::to_string(element).size();
        });
      });
  report.pair(
      "parse, set a member, print 1 KB, to nlohmann::json", "MB/s", {2, 5},
      [&] {
        return megabytes(texts, [&](const std::string& text) {
          document::Arena arena;
          auto value = document::Value::parse(arena, text);
          if (!value) die("a good text was refused");
          value->set(arena, "station", document::Value::integer(arena, 1));
          return value->to_json().size();
        });
      },
      [&] {
        return megabytes(texts, [&](const std::string& text) {
          auto value = nlohmann::json::parse(text);
          value["station"] = 1;
          return value.dump().size();
        });
      });
}

// Documents a second. The peer builds a tree of the members that a filter reads.
void filter_figures(Report& report, const std::vector<std::string>& texts) {
  struct Case {
    std::string name;
    std::string filter;
  };
  const std::vector<Case> cases = {
      {"a number in front", R"({"station":{"$lt":50}})"},
      {"two numbers and a nested string",
       R"({"station":{"$lt":2500},"celsius":{"$gte":20.5},"place.country":{"$lt":"m"}})"},
      {"a member that is missing", R"({"station":{"$lt":2500},"altitude":{"$gt":100}})"},
      {"a number in an array", R"({"place.position":{"$lt":1.5}})"},
      {"a pattern in the text", R"({"text":{"$regex":"qu[aeiou]x"}})"},
  };
  document::Arena arena;
  for (const Case& one : cases) {
    const auto filter = document::Filter::parse(one.filter);
    if (!filter) die(filter.error().to_string());
    const auto rate = [&](const std::function<bool(const std::string&)>& matches) {
      std::size_t matched = 0;
      const double took = seconds([&] {
        for (const std::string& text : texts) matched += matches(text) ? 1 : 0;
      });
      if (matched == texts.size()) die("a filter that holds back nothing");
      return static_cast<double>(texts.size()) / took;
    };
    report.pair(
        "filter 1 KB: " + one.name + ", to a tree of members", "docs/s", {},
        [&] {
          return rate([&](const std::string& text) { return *filter->matches_text(text, "k", arena); });
        },
        [&] {
          return rate([&](const std::string& text) {
            arena.reset();
            return filter->matches(*document::Value::parse_members(arena, text, filter->top_level_names()));
          });
        });
  }
}

void revision_figures(Report& report, const std::vector<std::string>& texts) {
  Row row{.name = "derive a revision over 1 KB", .unit = "MB/s", .ours = {}, .peer = {}, .goal = {}};
  if (report.wants(row.name)) {
    document::Revision last;
    for (int run = 0; run < report.runs(); ++run) {
      row.ours.push_back(megabytes(texts, [&](const std::string& text) {
        last = document::derive_revision(last, false, text, {});
        return last.generation;
      }));
    }
    report.add(std::move(row));
  }
  Row merge{
      .name = "merge a path of 1,000 revisions", .unit = "merges/s", .ours = {}, .peer = {}, .goal = {}};
  if (!report.wants(merge.name)) return;
  std::vector<document::Revision> path;
  for (std::uint64_t generation = 1000; generation > 0; --generation) {
    path.push_back({generation, document::derive_revision({}, false, std::to_string(generation), {}).hash});
  }
  for (int run = 0; run < report.runs(); ++run) {
    merge.ours.push_back(500 / seconds([&] {
                           for (int i = 0; i < 500; ++i) {
                             document::RevisionTree tree;
                             tree.merge(path, false);
                             if (tree.node_count() != path.size()) die("a merge that lost nodes");
                           }
                         }));
  }
  report.add(std::move(merge));
}

}  // namespace

void document_figures(Report& report) {
  pin_to_core(0);
  const auto texts = make_texts();
  text_figures(report, texts);
  filter_figures(report, texts);
  revision_figures(report, texts);
}

}  // namespace quire::bench
