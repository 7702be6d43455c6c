#include "storage/environment.h"

#include <rocksdb/system_clock.h>

#include <algorithm>

#include "storage/table_files.h"
#include "storage/tuning.h"

namespace quire::storage {

namespace {

// RocksDB sleeps a second after each background error, lest it try again too soon. Here nothing is tried
// again, and whoever closes the store would wait.
class ImpatientClock final : public rocksdb::SystemClockWrapper {
 public:
  using SystemClockWrapper::SystemClockWrapper;
  static const char* kClassName() { return "QuireImpatientClock"; }
  const char* Name() const override { return kClassName(); }
  void SleepForMicroseconds(int micros) override {
    SystemClockWrapper::SleepForMicroseconds(std::min(micros, kLongestSleepMicros));
  }
};

class ShardEnvironment final : public rocksdb::EnvWrapper {
 public:
  explicit ShardEnvironment(const std::shared_ptr<rocksdb::FileSystem>& files)
      : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = std::make_shared<TableFiles>(files);
    system_clock_ = std::make_shared<ImpatientClock>(rocksdb::SystemClock::Default());
  }
  static const char* kClassName() { return "QuireShardEnvironment"; }
  const char* Name() const override { return kClassName(); }
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_environment(const std::shared_ptr<rocksdb::FileSystem>& files) {
  return std::make_unique<ShardEnvironment>(files);
}

}  // namespace quire::storage
