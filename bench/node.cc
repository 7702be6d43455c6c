#include "node.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "documents.h"
#include "engine/index_kinds.h"
#include "harness.h"

namespace quire::bench {

void die(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

Node::Node(const std::string& directory, std::uint64_t memory_bytes) : executor_(make_thread_pool(2)) {
  const bool fresh = !std::filesystem::exists(directory);
  database::CatalogOptions options;
  options.memory_bytes = memory_bytes;
  options.index_kinds = engine::index_kinds();
  options.index_kinds.push_back(&members_);
  auto catalog = database::Catalog::open(directory, options, system_clock(), system_random(), *executor_);
  if (!catalog) die(catalog.error().to_string());
  catalog_ = std::move(*catalog);
  node_ = std::make_unique<engine::LocalNode>(*catalog_, system_clock(), *executor_);
  if (!fresh) return;
  const auto indexed = shard()->create_index(database::kDefaultCollection, "member", "name");
  if (!indexed) die(indexed.error().to_string());
}

std::shared_ptr<database::Shard> Node::shard() {
  const auto info = catalog_->find("main");
  if (!info) die(info.error().to_string());
  auto shard = catalog_->use(info->id);
  if (!shard) die(shard.error().to_string());
  return std::move(*shard);
}

engine::Change put(std::string id, std::string body) {
  engine::Change change;
  change.id = std::move(id);
  auto parsed = engine::parse_document(body, {});
  if (!parsed) die(parsed.error().to_string());
  change.body = std::move(parsed->body);
  return change;
}

void Node::write(std::vector<engine::Change> changes) {
  auto written = engine::wait<engine::WriteResult>([&](auto done) {
    documents().write(engine::Caller::admin(), {}, {}, std::move(changes), {}, std::move(done));
  });
  if (!written) die(written.error().to_string());
  for (const auto& row : written->rows) {
    if (!row) die(row.error().to_string());
  }
}

void Node::fill(const std::function<std::string(std::uint64_t)>& text, std::uint64_t from, std::uint64_t to) {
  constexpr std::uint64_t kBatch = 500;
  for (std::uint64_t at = from; at < to; at += kBatch) {
    std::vector<engine::Change> changes;
    for (std::uint64_t i = at; i < std::min(to, at + kBatch); ++i)
      changes.push_back(put(DocumentMaker::id(i), text(i)));
    write(std::move(changes));
  }
}

std::size_t Node::get(const std::string& id) {
  auto read = engine::wait<engine::Document>(
      [&](auto done) { documents().get(engine::Caller::admin(), {}, {}, id, {}, std::move(done)); });
  if (!read) die(read.error().to_string());
  return read->body.size();
}

double put_rate(Node& node, const std::vector<std::string>& texts, std::uint64_t& next) {
  constexpr int kThreads = 64;
  constexpr int kEach = 150;
  const std::uint64_t from = next;
  next += kThreads * kEach;
  const double took = seconds([&] {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const std::uint64_t number = from + static_cast<std::uint64_t>(i * kThreads + t);
          std::vector<engine::Change> changes;
          changes.push_back(put(DocumentMaker::id(number), texts[number % texts.size()]));
          node.write(std::move(changes));
        }
      });
    }
    for (auto& thread : threads) thread.join();
  });
  return kThreads * kEach / took;
}

}  // namespace quire::bench
