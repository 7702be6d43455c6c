#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "database/collections.h"
#include "database/document_rule.h"
#include "database/records.h"
#include "storage/store.h"

namespace quire::database {

// A rule in force.
struct OpenRule {
  RuleRecord record;
  std::shared_ptr<const DocumentRule> rule;
};

// The rules of one open shard, one a collection at most. Any thread may read; only the committer changes it.
class Rules {
 public:
  // Makes the rules of the stored definitions. Where a kind has no maker, or a maker refuses, missing_maker()
  // says so, and the shard takes no writes.
  Status load(storage::Store& store, const Collections& collections,
              const std::vector<const DocumentRuleFactory*>& kinds);
  Result<OpenRule> make(std::string_view collection, RuleRecord record) const;
  const Status& missing_maker() const { return missing_maker_; }

  std::optional<OpenRule> find(CollectionId collection) const;
  // Null where the collection has none; costs next to nothing where no collection has one.
  std::shared_ptr<const DocumentRule> rule_of(CollectionId collection) const;
  // A change that was prepared under another version is prepared again.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

  void set(CollectionId collection, OpenRule rule);
  void remove(CollectionId collection);

 private:
  std::vector<const DocumentRuleFactory*> kinds_;
  Status missing_maker_ = ok();
  mutable std::shared_mutex mutex_;
  std::map<CollectionId, OpenRule> rules_;  // guarded by mutex_
  std::atomic<std::size_t> count_{0};       // of rules_
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace quire::database
