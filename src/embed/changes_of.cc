#include "embed/changes_of.h"

#include "embed/convert.h"
#include "engine/body.h"
#include "engine/update.h"

QUIRE_NAMESPACE_BEGIN

namespace {

quire::Error invalid(const char* field, std::string message) {
  return quire::Error(quire::ErrorCode::invalid, std::move(message)).at(field);
}

engine::Change::Condition condition_of(Condition condition) {
  switch (condition) {
    case Condition::revision: return engine::Change::Condition::revision;
    case Condition::absent: return engine::Change::Condition::absent;
    case Condition::any: return engine::Change::Condition::any;
  }
  return engine::Change::Condition::revision;
}

quire::Status take_document(const Write& write, engine::Change& change) {
  QUIRE_TRY(engine::ParsedDocument parsed, engine::parse_document(write.json, {}));
  if (parsed.deleted) return invalid("_deleted", "a document is deleted by a call of its own");
  if (parsed.id && !write.id.empty() && *parsed.id != write.id) {
    return invalid("_id", "the document's own id is '" + *parsed.id + "', not '" + write.id + "'");
  }
  if (parsed.revision && change.expected && *parsed.revision != *change.expected) {
    return invalid("_rev", "the document's own revision is another than the one given");
  }
  if (parsed.id) change.id = *std::move(parsed.id);
  if (parsed.revision) change.expected = std::move(parsed.revision);
  change.body = std::move(parsed.body);
  return quire::ok();
}

}  // namespace

quire::Result<engine::Change> make_change(const Write& write) {
  engine::Change change;
  change.collection = write.collection;
  change.id = write.id;
  change.condition = condition_of(write.condition);
  QUIRE_TRY(change.expected, parse_revision(write.revision));
  if (write.kind != Write::Kind::put && write.id.empty()) return invalid("id", "there is no id");
  switch (write.kind) {
    case Write::Kind::put: QUIRE_TRY_STATUS(take_document(write, change)); break;
    case Write::Kind::update: {
      change.kind = engine::Change::Kind::transform;
      QUIRE_TRY(change.transform, engine::make_update(write.id, write.json, {}, system_clock().wall_ms()));
      break;
    }
    case Write::Kind::remove:
      change.kind = engine::Change::Kind::remove;
      if (!change.expected && write.condition == Condition::revision)
        change.condition = engine::Change::Condition::any;
      break;
  }
  return change;
}

engine::WriteOptions engine_options(const Core& core, const std::optional<Durability>& durability,
                                    const std::string& request_id, bool atomic) {
  return {.durability = durability ? static_cast<engine::Durability>(*durability) : core.durability,
          .atomic = atomic,
          .create_collections = true,
          .request_id = request_id};
}

quire::Result<engine::WriteResult> write_and_wait(Core& core, std::string_view database,
                                                  std::vector<engine::Change> changes,
                                                  const engine::WriteOptions& options) {
  return engine::wait<engine::WriteResult>([&](engine::Completion<engine::WriteResult> done) {
    core.node->documents().write(engine::Caller::admin(), {}, {.name = database}, std::move(changes), options,
                                 std::move(done));
  });
}

Result<Written> only_row(quire::Result<engine::WriteResult> answer) {
  if (!answer) return to_public(answer.error());
  auto& row = answer->rows.front();
  if (!row) return to_public(row.error());
  return to_public(*std::move(row), answer->durable);
}

QUIRE_NAMESPACE_END
