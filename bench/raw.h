#pragma once

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <string>

namespace quire::bench {

// The engine below by itself: RocksDB with the options that a shard's documents have, without anything of
// ours on top.
class Raw {
 public:
  Raw(const std::string& directory, std::uint64_t memory_bytes);
  ~Raw();

  rocksdb::DB& db() { return *db_; }
  void write(rocksdb::WriteBatch& batch, bool sync = true);
  void fill(const std::function<std::string(std::uint64_t)>& text, std::uint64_t from, std::uint64_t to);
  std::size_t get(const std::string& key);

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace quire::bench
