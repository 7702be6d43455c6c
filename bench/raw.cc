#include "raw.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include "documents.h"
#include "node.h"
#include "storage/rocksdb_options.h"

namespace quire::bench {

Raw::Raw(const std::string& directory, std::uint64_t memory_bytes) {
  const storage::RocksBudget budget(memory_bytes, 512);
  rocksdb::Options options(storage::database_options(budget, rocksdb::Env::Default(), 512),
                           storage::family_options(storage::Family::documents, budget));
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  const auto opened = rocksdb::DB::Open(options, directory, &db);
  if (!opened.ok()) die(opened.ToString());
  db_.reset(db);
}

Raw::~Raw() { db_->Close(); }

void Raw::write(rocksdb::WriteBatch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  if (const auto written = db_->Write(options, &batch); !written.ok()) die(written.ToString());
}

void Raw::fill(const std::function<std::string(std::uint64_t)>& text, std::uint64_t from, std::uint64_t to) {
  constexpr std::uint64_t kBatch = 500;
  for (std::uint64_t at = from; at < to; at += kBatch) {
    rocksdb::WriteBatch batch;
    for (std::uint64_t i = at; i < std::min(to, at + kBatch); ++i) batch.Put(DocumentMaker::id(i), text(i));
    write(batch);
  }
}

std::size_t Raw::get(const std::string& key) {
  rocksdb::PinnableSlice value;
  const auto found = db_->Get(rocksdb::ReadOptions(), db_->DefaultColumnFamily(), key, &value);
  if (!found.ok()) die(found.ToString());
  return value.size();
}

}  // namespace quire::bench
