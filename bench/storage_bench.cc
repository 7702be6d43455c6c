#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "documents.h"
#include "figures.h"
#include "node.h"
#include "raw.h"

// The commit path, reads and the feed, each beside the raw engine with the same bytes.

namespace quire::bench {

namespace {

std::vector<std::string> random_ids(std::uint64_t documents, std::size_t count) {
  std::mt19937_64 random(11);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(DocumentMaker::id(random() % documents));
  return ids;
}

// Gets a second of one thread.
template <class Store>
double get_rate(Store& store, const std::vector<std::string>& ids) {
  std::size_t bytes = 0;
  const double took = seconds([&] {
    for (const std::string& id : ids) bytes += store.get(id);
  });
  if (bytes == 0) die("gets that found nothing");
  return static_cast<double>(ids.size()) / took;
}

void gets(Report& report, const std::string& name, std::uint64_t documents, std::uint64_t memory,
          std::size_t reads, const Goal& goal) {
  if (!report.wants(name)) return;
  const TemporaryDirectory directory("get");
  const DocumentMaker maker;
  const auto text = [&](std::uint64_t number) { return maker.make(number); };
  Node node(directory.path("ours"), memory);
  Raw raw(directory.path("raw"), memory);
  node.fill(text, 0, documents);
  raw.fill(text, 0, documents);
  (void)node.shard()->store().flush();
  raw.db().Flush({});
  const auto ids = random_ids(documents, reads);
  get_rate(node, ids);
  get_rate(raw, ids);
  report.pair(
      name, "gets/s", goal, [&] { return get_rate(node, ids); }, [&] { return get_rate(raw, ids); });
}

double batch_rate(Raw& raw, const std::vector<std::string>& texts, std::uint64_t& next, int batch_size,
                  int batches) {
  const double took = seconds([&] {
    for (int b = 0; b < batches; ++b) {
      rocksdb::WriteBatch batch;
      for (int i = 0; i < batch_size; ++i, ++next)
        batch.Put(DocumentMaker::id(next), texts[next % texts.size()]);
      raw.write(batch);
    }
  });
  return batches * batch_size / took;
}

double bulk_rate(Node& node, const std::vector<std::string>& texts, std::uint64_t& next, int batch_size,
                 int batches) {
  const double took = seconds([&] {
    for (int b = 0; b < batches; ++b) {
      std::vector<engine::Change> changes;
      for (int i = 0; i < batch_size; ++i, ++next) {
        changes.push_back(put(DocumentMaker::id(next), texts[next % texts.size()]));
      }
      node.write(std::move(changes));
    }
  });
  return batches * batch_size / took;
}

std::vector<std::string> make_texts(std::size_t count) {
  const DocumentMaker maker;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(maker.make(i));
  return texts;
}

void puts(Report& report) {
  const auto texts = make_texts(20'000);
  {
    const std::string name = "64 threads put 1 KB, to WriteBatch of 64";
    const TemporaryDirectory directory("put");
    Node node(directory.path("ours"), 256 * kMiB);
    Raw raw(directory.path("raw"), 256 * kMiB);
    std::uint64_t ours = 0;
    std::uint64_t theirs = 0;
    report.pair(
        name, "puts/s", {0.2, 0.35}, [&] { return put_rate(node, texts, ours); },
        [&] { return batch_rate(raw, texts, theirs, 64, 300); });
  }
  const std::string name = "bulk put of 1 KB, to WriteBatch of 500";
  const TemporaryDirectory directory("bulk");
  Node node(directory.path("ours"), 256 * kMiB);
  Raw raw(directory.path("raw"), 256 * kMiB);
  std::uint64_t ours = 0;
  std::uint64_t theirs = 0;
  report.pair(
      name, "puts/s", {0.3, 0.5}, [&] { return bulk_rate(node, texts, ours, 500, 400); },
      [&] { return batch_rate(raw, texts, theirs, 500, 400); });
}

// Durable updates a second of one document, one after the other.
double update_rate(Node& node, const std::string& id, document::Revision& revision, const std::string& text,
                   int updates) {
  const auto shard = node.shard();
  return updates / seconds([&] {
           for (int i = 0; i < updates; ++i) {
             database::Edit edit;
             edit.id = id;
             edit.body = text;
             edit.expected = revision;
             auto written = shard->write({std::move(edit)}, {});
             if (!written || !written->rows[0]) die("an update failed");
             revision = written->rows[0]->revision;
           }
         });
}

void updates(Report& report) {
  const std::string name = "update with 1,000 ancestors, to one with 2";
  if (!report.wants(name)) return;
  const TemporaryDirectory directory("update");
  Node node(directory.path("ours"), 256 * kMiB);
  const std::string text = make_texts(1).front();
  document::Revision old_revision;
  update_rate(node, "old", old_revision, text, 1000);
  int young = 0;
  report.pair(
      name, "updates/s", {0.7, 0.9}, [&] { return update_rate(node, "old", old_revision, text, 500); },
      // A document of two ancestors is updated once; then the next one's turn comes.
      [&] {
        std::vector<std::pair<std::string, document::Revision>> documents;
        for (int i = 0; i < 500; ++i) {
          documents.emplace_back("young" + std::to_string(young++), document::Revision{});
          update_rate(node, documents.back().first, documents.back().second, text, 3);
        }
        return 500 / seconds([&] {
                 for (auto& [id, revision] : documents) update_rate(node, id, revision, text, 1);
               });
      });
}

double feed_rate(Node& node, std::uint64_t expected) {
  std::uint64_t rows = 0;
  const double took = seconds([&] {
    engine::Position since;
    bool more = true;
    while (more) {
      auto page = engine::wait<engine::FeedPage>([&](auto done) {
        node.feeds().read(engine::Caller::admin(), {}, {}, since, {.collection = {}, .limit = 10'000},
                          std::move(done));
      });
      if (!page) die(page.error().to_string());
      rows += page->rows.size();
      since = page->next;
      more = !page->at_end;
    }
  });
  if (rows < expected) die("the feed left rows out");
  return static_cast<double>(rows) / took;
}

double raw_history_rate(Node& node) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  const auto shard = node.shard();
  const double took = seconds([&] {
    auto it = shard->store().iterate(
        storage::Family::history,
        {.snapshot = nullptr, .upper_bound = {}, .fill_cache = false, .read_ahead = true});
    for (it->seek_to_first(); it->valid(); it->next()) {
      ++rows;
      bytes += it->key().size() + it->value().size();
    }
  });
  if (bytes == 0) die("a history of nothing");
  return static_cast<double>(rows) / took;
}

void feed(Report& report) {
  const std::string name = "feed from 0 over 1,000,000 changes, to raw iteration";
  if (!report.wants(name)) return;
  constexpr std::uint64_t kChanges = 1'000'000;
  const TemporaryDirectory directory("feed");
  Node node(directory.path("ours"), 256 * kMiB);
  node.fill([](std::uint64_t number) { return "{\"n\":" + std::to_string(number) + "}"; }, 0, kChanges);
  (void)node.shard()->store().flush();
  report.pair(
      name, "rows/s", {0.3, 0.5}, [&] { return feed_rate(node, kChanges); },
      [&] { return raw_history_rate(node); });
}

// Documents a second that one thread walks over, all of them in the store's cache.
double walk_rate(Node& node, std::uint64_t documents) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  const auto shard = node.shard();
  const double took = seconds([&] {
    const auto view = shard->view();
    const auto cursor = (*view)->documents(database::kDefaultCollection, {});
    while (*cursor->advance()) {
      ++rows;
      bytes += cursor->id().size() + cursor->body().size();
    }
  });
  if (rows != documents || bytes < rows * 1000) die("a walk that left documents out");
  return static_cast<double>(rows) / took;
}

double raw_walk_rate(Raw& raw, std::uint64_t documents) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  const double took = seconds([&] {
    const std::unique_ptr<rocksdb::Iterator> it(raw.db().NewIterator(rocksdb::ReadOptions()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      ++rows;
      bytes += it->key().size() + it->value().size();
    }
  });
  if (rows != documents || bytes == 0) die("a walk that left documents out");
  return static_cast<double>(rows) / took;
}

void walks(Report& report) {
  const std::string name = "walk over 1,000,000 documents in cache, to raw iteration";
  if (!report.wants(name)) return;
  constexpr std::uint64_t kDocuments = 1'000'000;
  const TemporaryDirectory directory("walk");
  const DocumentMaker maker;
  const auto text = [&](std::uint64_t number) { return maker.make(number); };
  Node node(directory.path("ours"), 4096 * kMiB);
  Raw raw(directory.path("raw"), 4096 * kMiB);
  node.fill(text, 0, kDocuments);
  raw.fill(text, 0, kDocuments);
  (void)node.shard()->store().flush();
  raw.db().Flush({});
  walk_rate(node, kDocuments);
  raw_walk_rate(raw, kDocuments);
  report.pair(
      name, "documents/s", {0.8, 1.0}, [&] { return walk_rate(node, kDocuments); },
      [&] { return raw_walk_rate(raw, kDocuments); });
}

}  // namespace

void storage_figures(Report& report) {
  pin_to_core(0);
  gets(report, "get of hot documents, to raw Get", 20'000, 256 * kMiB, 400'000, {1.0, 2.0});
  // 400,000 documents of 1 KB with a budget of a tenth of them.
  gets(report, "get with a cache of a tenth, to raw Get", 400'000, 40 * kMiB, 100'000, {0.7, 0.9});
  puts(report);
  updates(report);
  feed(report);
  walks(report);
}

}  // namespace quire::bench
