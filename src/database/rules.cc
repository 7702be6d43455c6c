#include "database/rules.h"

#include <mutex>

#include "base/bytes.h"
#include "database/keys.h"

namespace quire::database {

Result<OpenRule> Rules::make(std::string_view collection, RuleRecord record) const {
  for (const DocumentRuleFactory* factory : kinds_) {
    if (factory->kind() != record.kind) continue;
    QUIRE_TRY(auto rule, factory->make(collection, record.definition));
    return OpenRule{.record = std::move(record), .rule = std::move(rule)};
  }
  return Error(ErrorCode::invalid, "nothing here makes rules of the kind '" + record.kind + "'").at("kind");
}

Status Rules::load(storage::Store& store, const Collections& collections,
                   const std::vector<const DocumentRuleFactory*>& kinds) {
  kinds_ = kinds;
  const std::string prefix = "V";
  auto it = store.iterate(storage::Family::meta, {.upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    if (it->key().size() != 5) return Error(ErrorCode::corrupt, "a rule's key has another length");
    const CollectionId id = load_u32(it->key().data() + 1);
    QUIRE_TRY(RuleRecord record, decode_rule(it->value()));
    const auto collection = collections.find(id);
    if (!collection) return Error(ErrorCode::corrupt, "a rule is that of no collection");
    auto rule = make(collection->name, std::move(record));
    if (!rule) {
      missing_maker_ =
          Error(ErrorCode::read_only,
                "writes are refused, because nothing here can say whether they obey the rule of '" +
                    collection->name + "': " + rule.error().message());
      continue;
    }
    set(id, *std::move(rule));
  }
  return it->status();
}

std::optional<OpenRule> Rules::find(CollectionId collection) const {
  const std::shared_lock lock(mutex_);
  const auto found = rules_.find(collection);
  return found == rules_.end() ? std::nullopt : std::optional(found->second);
}

std::shared_ptr<const DocumentRule> Rules::rule_of(CollectionId collection) const {
  if (count_.load(std::memory_order_acquire) == 0) return nullptr;
  const std::shared_lock lock(mutex_);
  const auto found = rules_.find(collection);
  return found == rules_.end() ? nullptr : found->second.rule;
}

void Rules::set(CollectionId collection, OpenRule rule) {
  const std::unique_lock lock(mutex_);
  rules_.insert_or_assign(collection, std::move(rule));
  count_.store(rules_.size(), std::memory_order_release);
  version_.fetch_add(1, std::memory_order_acq_rel);
}

void Rules::remove(CollectionId collection) {
  const std::unique_lock lock(mutex_);
  if (rules_.erase(collection) == 0) return;
  count_.store(rules_.size(), std::memory_order_release);
  version_.fetch_add(1, std::memory_order_acq_rel);
}

}  // namespace quire::database
