#include <algorithm>
#include <array>

#include "api/actions/handlers.h"
#include "api/actions/manage.h"

namespace quire::api::actions {

namespace {

struct Operation {
  std::string_view name;  // as it is written down; clients write it in any case
  std::span<const std::string_view> needs;
  std::span<const std::string_view> takes;  // besides; what it does not take is refused, not passed over
  Handler handler;
};

constexpr std::string_view kCollection = "collectionName";
constexpr std::string_view kDocument = "documentID";
constexpr std::string_view kData = "documentData";
constexpr std::array<std::string_view, 0> kNothing{};
constexpr std::array kOneCollection{kCollection};
constexpr std::array kOneDocument{kDocument};
constexpr std::array kAdd{kCollection, kData};
constexpr std::array kUpdate{kCollection, kDocument, kData};
constexpr std::array kRead{kCollection, kDocument, std::string_view("limit"), std::string_view("offset"),
                           std::string_view("after")};

constexpr std::array kOperations{
    Operation{"create", kOneCollection, kNothing, manage_create},
    Operation{"add", kAdd, kOneDocument, manage_add},
    Operation{"read", kNothing, kRead, manage_read},
    Operation{"update", kUpdate, kNothing, manage_update},
    Operation{"delete", kOneCollection, kOneDocument, manage_delete},
};

bool holds(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Operation* find_operation(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const auto at = std::find_if(kOperations.begin(), kOperations.end(),
                               [&](const Operation& one) { return one.name == lower; });
  return at == kOperations.end() ? nullptr : &*at;
}

Status check_fields(const ActionCall& call, const Operation& operation) {
  for (const std::string_view name : operation.needs) {
    if (call.payload.has(name)) continue;
    return Error(ErrorCode::invalid, "this is missing").at(std::string(name));
  }
  for (const Field& field : call.action.fields) {
    const bool general = field.name == "apiKey" || field.name == "DataBaseID" || field.name == "operation";
    if (general || !call.payload.has(field.name) || holds(operation.needs, field.name) ||
        holds(operation.takes, field.name)) {
      continue;
    }
    return Error(ErrorCode::invalid, "this operation does not take it").at(std::string(field.name));
  }
  return ok();
}

Error none_loaded() {
  return Error(ErrorCode::precondition, "no database is loaded; loadDatabase loads one").at("DataBaseID");
}

// Why the database that the request names is not loaded.
Error why_not_loaded(const ActionCall& call) {
  const auto named = visible_database(call.parts(), call.caller, call.payload.text("DataBaseID"));
  if (!named) return Error(ErrorCode::not_found, "there is no such database").at("DataBaseID");
  const auto taken = call.parts().accounts.reservation(call.caller, address_of(*named));
  if (!taken) return taken.error();
  if (!*taken || (*taken)->holder == call.user()) return none_loaded();
  const WallMs left = (*taken)->expires_ms - call.parts().clock.wall_ms();
  return Error(ErrorCode::locked, "the database is loaded by somebody else")
      .at("DataBaseID")
      .after(static_cast<std::uint64_t>(std::max<WallMs>(left, 1)));
}

Result<engine::DatabaseDescription> loaded_database(const ActionCall& call) {
  const std::string_view named = call.payload.text("DataBaseID");
  auto held = call.parts().accounts.held(call.caller);
  if (held && (named.empty() || named == held->id)) return *std::move(held);
  if (held) return Error(ErrorCode::invalid, "this is not the database that is loaded").at("DataBaseID");
  return named.empty() ? none_loaded() : why_not_loaded(call);
}

}  // namespace

engine::CollectionAddress collection_of(const ActionCall& call) {
  return {.database = address_of(*call.loaded), .collection = call.payload.text(kCollection)};
}

void manage_database(const ActionPointer& call) {
  const Operation* const operation = find_operation(call->payload.text("operation"));
  if (operation == nullptr) {
    return send_error(
        *call, Error(ErrorCode::invalid, "expected Create, Add, Read, Update or Delete").at("operation"));
  }
  if (const auto status = check_fields(*call, *operation); !status) return send_error(*call, status.error());
  auto loaded = loaded_database(*call);
  if (!loaded) return send_error(*call, loaded.error());
  call->loaded = *std::move(loaded);
  operation->handler(call);
}

void write(const ActionPointer& call, const Write& what, bool may_block) {
  auto changes = what.changes(*call);
  if (!changes) return send_error(*call, changes.error());
  engine::WriteOptions options;
  options.atomic = changes->size() > 1;
  options.memory_only = !may_block;
  call->parts().documents.write(call->caller, {}, address_of(*call->loaded), *std::move(changes), options,
                                [call, what](Result<engine::WriteResult> result) {
                                  Status done = ok();
                                  if (!result) done = result.error();
                                  for (std::size_t i = 0; result && done && i < result->rows.size(); ++i) {
                                    if (!result->rows[i]) done = result->rows[i].error();
                                  }
                                  if (done) return send_message(*call, what.message(*call, *result));
                                  if (engine::needs_disk(done.error())) {
                                    return on_worker(call->call, [call, what] { write(call, what, true); });
                                  }
                                  send_error(*call, done.error());
                                });
}

}  // namespace quire::api::actions
