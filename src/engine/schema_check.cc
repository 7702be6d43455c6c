#include "engine/schema_check.h"

#include "document/design_id.h"
#include "engine/tuning.h"
#include "query/schema_rule.h"

namespace quire::engine {

SchemaCheck::SchemaCheck(Databases& databases, Executor& executor, database::TaskGate& gate,
                         const CollectionAddress& address, const database::CollectionInfo& collection,
                         document::Schema schema, std::string definition)
    : databases_(databases),
      executor_(executor),
      gate_(gate),
      database_(address.database.name),
      owner_(address.database.owner),
      collection_(collection.id),
      schema_(std::move(schema)),
      definition_(std::move(definition)) {
  report_.total = collection.counts.documents;
}

SchemaReport SchemaCheck::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void SchemaCheck::post() {
  executor_.post(gate_.guard([self = shared_from_this()] { self->look(); }));
}

void SchemaCheck::look() {
  if (stopped_) return;
  const auto ended = look_at_piece();
  if (ended && !*ended) return post();
  const std::lock_guard lock(mutex_);
  report_.state = ended ? SchemaReport::State::done : SchemaReport::State::failed;
  if (!ended) report_.failure = ended.error().to_string();
}

Result<bool> SchemaCheck::look_at_piece() {
  QUIRE_TRY(const auto shard, databases_.use({.name = database_, .owner = owner_}));
  if (!shard->collections().settings(collection_))
    return Error(ErrorCode::not_found, "the collection was dropped").at("collection");
  std::size_t documents = 0;
  std::size_t bytes = 0;
  bool ended = true;
  const auto visit = [&](std::string_view id, const database::StoredDocument& document) {
    if (documents == tuning::kSchemaPieceDocuments || bytes > tuning::kSchemaPieceBytes) {
      ended = false;
      return false;
    }
    take(id, document.body);
    after_ = id;
    ++documents;
    bytes += document.body.size();
    return true;
  };
  QUIRE_TRY_STATUS(shard->list(collection_, {.after = after_}, {}, visit));
  return ended;
}

void SchemaCheck::take(std::string_view id, std::string_view body) {
  if (collection_ == database::kDefaultCollection && document::is_design_id(id)) return;
  const auto violations = query::violations_of(schema_, id, body);
  const std::lock_guard lock(mutex_);
  ++report_.checked;
  if (violations && violations->empty()) return;
  ++report_.misfits;
  if (report_.first.size() == tuning::kSchemaMisfits) return;
  SchemaReport::Misfit misfit{.id = std::string(id), .path = {}, .rule = {}};
  if (violations) {
    misfit.path = violations->list.front().path;
    misfit.rule = violations->list.front().rule;
  } else {
    misfit.rule = std::string(name(violations.error().code()));
  }
  report_.first.push_back(std::move(misfit));
}

}  // namespace quire::engine
