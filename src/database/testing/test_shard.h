#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "database/document_cache.h"
#include "database/index_hook.h"
#include "database/shard.h"

namespace quire::database::testing {

// Indexes the text of one top-level string member, as a real index would: the bytes of the string with NULs
// escaped, then an end mark. The definition is the member's name, with "unique " before it for a unique
// index.
class MemberIndexes final : public IndexHookFactory {
 public:
  std::string_view kind() const override { return "member"; }
  Result<std::unique_ptr<IndexHook>> make(std::string_view definition) const override;
  // The index's key of a member's value.
  static std::string key_of(std::string_view value);
};

// What a shard needs around it, for tests: real time, threads, a small cache.
struct ShardWorld {
  explicit ShardWorld(const Clock& with = system_clock()) : clock(with) {}

  const Clock& clock;
  MemberIndexes members;
  std::vector<const IndexHookFactory*> kinds{&members};
  std::vector<const DocumentRuleFactory*> rule_kinds;  // set before a shard is opened
  DocumentCache cache{4 << 20};
  std::unique_ptr<Executor> executor = make_thread_pool(2);

  Environment environment() { return {clock, system_random(), *executor, cache, kinds, rule_kinds}; }
  std::unique_ptr<Shard> open(std::unique_ptr<storage::Store> store, const ShardSettings& settings = {});
  std::unique_ptr<Shard> in_memory(const ShardSettings& settings = {});
  std::unique_ptr<Shard> on_disk(const std::string& directory, const ShardSettings& settings = {});
};

// Recomputes all that a shard derives and compares: counts, index entries, the history against the heads,
// tree validity, texts of all leaves. Each disagreement is a line; empty: the shard agrees with itself. All
// indexes are looked at, of those that are being built what they have already; `indexes` have to be there.
std::vector<std::string> disagreements(Shard& shard, const std::vector<std::uint32_t>& indexes = {});

}  // namespace quire::database::testing
