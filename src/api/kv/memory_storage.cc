#include <map>
#include <mutex>
#include <utility>

#include "api/kv/storage.h"

namespace quire::api::kv {

namespace {

class MemoryStorage final : public Storage {
 public:
  Status get(const Asking&, std::string_view key, std::string& out) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(key);
    if (found == records_.end()) return missing();
    out += found->second;
    return ok();
  }

  Status exist(const Asking&, std::string_view key) override {
    const std::lock_guard lock(mutex_);
    return records_.find(key) == records_.end() ? Status(missing()) : ok();
  }

  void set(const Asking&, std::string_view key, std::string_view value,
           engine::Completion<void> done) override {
    {
      const std::lock_guard lock(mutex_);
      records_.insert_or_assign(std::string(key), std::string(value));
    }
    done(ok());
  }

  void rm(const Asking&, std::string_view key, engine::Completion<void> done) override {
    bool removed = false;
    {
      const std::lock_guard lock(mutex_);
      const auto found = records_.find(key);
      removed = found != records_.end();
      if (removed) records_.erase(found);
    }
    done(removed ? ok() : Status(missing()));
  }

  Status clear(const Asking&) override {
    const std::lock_guard lock(mutex_);
    records_.clear();
    return ok();
  }

  // Of a copy, so that nobody waits for a slow visitor.
  Status get_all(const Asking&, const Visitor& visit) override {
    std::map<std::string, std::string, std::less<>> records;
    {
      const std::lock_guard lock(mutex_);
      records = records_;
    }
    for (const auto& [key, value] : records) {
      if (!visit(key, value)) break;
    }
    return ok();
  }

  Result<std::uint64_t> size(const Asking&) override {
    const std::lock_guard lock(mutex_);
    return records_.size();
  }

 private:
  static Error missing() { return Error(ErrorCode::not_found, "there is no such record").at("missing"); }

  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> records_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<Storage> make_memory_storage() { return std::make_unique<MemoryStorage>(); }

}  // namespace quire::api::kv
