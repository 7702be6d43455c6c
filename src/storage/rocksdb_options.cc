#include "storage/rocksdb_options.h"

#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include "storage/memtable.h"
#include "storage/tuning.h"

// One write-ahead log serves all families, so a batch is in it whole or not at all, and replaying it brings
// every family to the same point. atomic_flush stays off: it would write seven tables where one memtable is
// full, and buys nothing where every write is logged.
namespace quire::storage {

namespace {

using rocksdb::CacheEntryRole;
using rocksdb::CacheEntryRoleOptions;

rocksdb::BlockBasedTableOptions table_options(const RocksBudget& budget, std::size_t block) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = budget.cache();
  table.block_size = block;
  table.format_version = 5;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_top_level_index_and_filter = true;
  const CacheEntryRoleOptions charged{CacheEntryRoleOptions::Decision::kEnabled};
  table.cache_usage_options.options_overrides = {
      {CacheEntryRole::kBlockBasedTableReader, charged},
      {CacheEntryRole::kFilterConstruction, charged},
      {CacheEntryRole::kCompressionDictionaryBuildingBuffer, charged},
      {CacheEntryRole::kFileMetadata, charged},
  };
  return table;
}

void use_filter(rocksdb::BlockBasedTableOptions& table) {
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBits));
  table.partition_filters = true;
  table.optimize_filters_for_memory = true;
}

// Lightly where bytes stay for minutes, well where they stay for good.
void compress(rocksdb::ColumnFamilyOptions& options, int level, std::uint32_t dictionary) {
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  auto& bottom = options.bottommost_compression_opts;
  bottom.enabled = true;
  bottom.level = level;
  bottom.max_dict_bytes = dictionary;
  bottom.zstd_max_train_bytes = dictionary == 0 ? 0 : kDictionarySamples;
  bottom.max_dict_buffer_bytes = kDictionaryBuffer;
}

// Only RocksStore::compact() moves what is still wanted out of a blob file. A compaction that did it by
// itself would copy all attachments of a store each time, since one table has the keys of gigabytes of them.
void keep_in_blob_files(rocksdb::ColumnFamilyOptions& options) {
  options.enable_blob_files = true;
  options.min_blob_size = kBlobFrom;
  options.blob_file_size = kBlobFile;
  options.blob_compression_type = rocksdb::kZSTD;
  options.enable_blob_garbage_collection = false;
}

}  // namespace

rocksdb::DBOptions database_options(const RocksBudget& budget, rocksdb::Env* env, int open_files) {
  rocksdb::DBOptions options;
  options.env = env;
  options.write_buffer_manager = budget.write_buffers();

  // Nothing is served or built on that was not checked.
  options.paranoid_checks = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.write_dbid_to_manifest = true;
  // A failed write is never tried again behind our back.
  options.max_bgerror_resume_count = 0;

  options.max_open_files = open_files;
  options.max_file_opening_threads = 1;
  options.table_cache_numshardbits = kTableCacheShardBits;
  options.max_background_jobs = kBackgroundJobs;
  // A store has one writer at a time; and a memtable that several fill at once takes no hints.
  options.allow_concurrent_memtable_write = false;
  options.max_total_wal_size = kMaxLog;
  options.avoid_flush_during_recovery = true;
  options.bytes_per_sync = kBytesPerSync;
  options.manifest_preallocation_size = kManifestPreallocate;
  options.max_manifest_file_size = kMaxManifest;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::FATAL_LEVEL;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const RocksBudget& budget) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kSmallWriteBuffer;
  options.arena_block_size = kArenaBlock;
  options.memtable_factory = std::make_shared<MemtableFactory>();
  options.num_levels = kLevels;
  options.level_compaction_dynamic_level_bytes = true;
  options.level0_file_num_compaction_trigger = kFilesBeforeCompaction;
  options.max_bytes_for_level_base = kFirstLevel;
  options.target_file_size_base = kTable;
  options.target_file_size_multiplier = kTableGrowth;
  options.table_properties_collector_factories = {
      rocksdb::NewCompactOnDeletionCollectorFactory(kDeletionWindow, kDeletionsInWindow, kDeletionShare)};

  auto table = table_options(budget, kSmallRecordBlock);
  std::uint32_t dictionary = 0;
  int level = kBottomCompressionLevel;
  switch (family) {
    case Family::documents:
      options.write_buffer_size = kWriteBuffer;
      options.memtable_prefix_bloom_size_ratio = kMemtableFilterShare;
      options.memtable_whole_key_filtering = true;
      table.block_size = kDocumentBlock;
      // A get finds its key in a block by a hash, not by a search among restart points.
      table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
      dictionary = kDictionary;
      use_filter(table);
      break;
    case Family::history:  // read in order from a sequence on, never by key: no filter
      table.block_size = kScanBlock;
      table.block_restart_interval = kSmallRecordRestarts;
      level = kSmallRecordCompressionLevel;
      // Entries are appended: each is put behind the one before, which the memtable remembers for each
      // letter.
      options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
      break;
    case Family::blobs:
      options.write_buffer_size = kBlobWriteBuffer;
      keep_in_blob_files(options);
      use_filter(table);
      break;
    case Family::search:
      options.write_buffer_size = kWriteBuffer;
      table.block_size = kDocumentBlock;
      use_filter(table);
      break;
    case Family::tombstones:  // every new document is looked for here too
      options.memtable_prefix_bloom_size_ratio = kMemtableFilterShare;
      options.memtable_whole_key_filtering = true;
      table.block_size = kScanBlock;
      table.block_restart_interval = kSmallRecordRestarts;
      level = kSmallRecordCompressionLevel;
      dictionary = kSmallRecordDictionary;
      use_filter(table);
      table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(kSmallRecordFilterBits));
      break;
    case Family::index:
      // The build of an index writes entries all over its keys: of each small table that it makes, compaction
      // would rewrite the whole index.
      options.write_buffer_size = kWriteBuffer;
      use_filter(table);
      break;
    case Family::meta: use_filter(table); break;
  }
  compress(options, level, dictionary);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::string column_family_name(Family family) {
  return family == Family::documents ? "default" : std::string(name(family));
}

}  // namespace quire::storage
