#include <thread>

#include "documents.h"
#include "figures.h"
#include "node.h"
#include "query/index_catalog.h"

// What a value index costs: to build, and in the writes that maintain it.

namespace quire::bench {

namespace {

double read_once(Node& node, std::uint64_t documents) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  const auto shard = node.shard();
  const double took = seconds([&] {
    const auto view = shard->view();
    const auto cursor = (*view)->documents(database::kDefaultCollection, {});
    while (*cursor->advance()) {
      ++rows;
      bytes += cursor->body().size();
    }
  });
  if (rows != documents || bytes == 0) die("a walk that left documents out");
  return took;
}

std::uint32_t make_index(database::Shard& shard, const char* path) {
  const auto made = query::create_index(shard, database::kDefaultCollection, "bench",
                                        std::string("{\"keys\":[{\"") + path + "\":1}]}");
  if (!made) die(made.error().to_string());
  for (const auto& info : shard.indexes()) {
    if (info.hook->name() == "bench") return info.id;
  }
  die("an index that was made is not there");
}

double build(Node& node, std::uint64_t documents) {
  const auto shard = node.shard();
  const double took = seconds([&] {
    if (const Status built = shard->wait_for_index(make_index(*shard, "celsius")); !built)
      die(built.error().to_string());
  });
  const auto report = query::list_indexes(*shard, database::kDefaultCollection);
  if (report.size() != 1 || report[0].state != database::IndexState::ready || report[0].done != documents)
    die("a build that left documents out");
  if (const Status dropped = query::drop_index(*shard, database::kDefaultCollection, "bench"); !dropped)
    die(dropped.error().to_string());
  return took;
}

void builds(Report& report) {
  const std::string name = "index build over 1,000,000 documents, to reading them once";
  if (!report.wants(name)) return;
  constexpr std::uint64_t kDocuments = 1'000'000;
  const TemporaryDirectory directory("build");
  const DocumentMaker maker;
  Node node(directory.path("ours"), 256 * kMiB);
  node.fill([&](std::uint64_t number) { return maker.make(number); }, 0, kDocuments);
  (void)node.shard()->store().flush();
  report.pair(
      name, "s", {3.0, 1.5, true}, [&] { return build(node, kDocuments); },
      [&] { return read_once(node, kDocuments); });
}

void writes(Report& report) {
  const std::string name = "writes kept with one more index, 64 threads put 1 KB";
  if (!report.wants(name)) return;
  const DocumentMaker maker;
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < 20'000; ++i) texts.push_back(maker.make(i));
  const TemporaryDirectory directory("writes");
  Node one(directory.path("one"), 256 * kMiB);
  Node more(directory.path("more"), 256 * kMiB);
  make_index(*more.shard(), "celsius");
  std::uint64_t next_one = 0;
  std::uint64_t next_more = 0;
  report.pair(
      name, "puts/s", {0.75, 0.9}, [&] { return put_rate(more, texts, next_more); },
      [&] { return put_rate(one, texts, next_one); });
}

}  // namespace

void index_figures(Report& report) {
  pin_to_core(0);
  writes(report);
  builds(report);
}

}  // namespace quire::bench
