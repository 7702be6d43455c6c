#include "cli/remote/remote_catalog.h"

#include "cli/remote/json.h"
#include "cli/tuning.h"
#include "engine/position.h"

namespace quire::cli::remote {

namespace {

Error not_over_a_server() {
  return Error(ErrorCode::not_implemented, "this works on a data directory, not over a server");
}

engine::Counts counts_of(const document::Value& object) {
  return {.documents = number_of(object, "documents"),
          .deleted = number_of(object, "deleted"),
          .bytes = number_of(object, "bytes")};
}

engine::DatabaseDescription description_of(const document::Value& object) {
  return {.id = text_of(object, "id"),
          .name = text_of(object, "name"),
          .owner = text_of(object, "owner"),
          .history_ms = number_of(object, "historyMs"),
          .history_bytes = number_of(object, "historyBytes")};
}

// The rows of {"name": [...]}.
Result<std::span<const document::Value>> rows_of(const Json& json, std::string_view name) {
  const document::Value* const rows = json.value().find(name);
  if (rows == nullptr || !rows->is_array()) return unexpected("a list of " + std::string(name));
  return rows->elements();
}

}  // namespace

void RemoteCatalog::databases(const engine::Caller&, const CallLimits&,
                              engine::Completion<std::vector<engine::DatabaseDescription>> done) {
  done(databases());
}

void RemoteCatalog::create_database(const engine::Caller&, const CallLimits&, const engine::DatabaseAddress&,
                                    const engine::DatabaseSettings&,
                                    engine::Completion<engine::DatabaseDescription> done) {
  done(not_over_a_server());
}

void RemoteCatalog::change_database(const engine::Caller&, const CallLimits&, const engine::DatabaseAddress&,
                                    const engine::DatabaseSettings&,
                                    engine::Completion<engine::DatabaseDescription> done) {
  done(not_over_a_server());
}

void RemoteCatalog::remove_database(const engine::Caller&, const CallLimits&, const engine::DatabaseAddress&,
                                    engine::Completion<void> done) {
  done(not_over_a_server());
}

void RemoteCatalog::compact(const engine::Caller&, const CallLimits&, const engine::DatabaseAddress&,
                            engine::Completion<void> done) {
  done(not_over_a_server());
}

void RemoteCatalog::statistics(const engine::Caller&, const CallLimits&,
                               const engine::DatabaseAddress& address,
                               engine::Completion<engine::DatabaseStatistics> done) {
  done(statistics(address));
}

void RemoteCatalog::collections(const engine::Caller&, const CallLimits&,
                                const engine::DatabaseAddress& address,
                                engine::Completion<std::vector<engine::CollectionDescription>> done) {
  done(collections(address));
}

void RemoteCatalog::create_collection(const engine::Caller&, const CallLimits&,
                                      const engine::CollectionAddress&, const engine::CollectionSettings&,
                                      engine::Completion<engine::CollectionDescription> done) {
  done(not_over_a_server());
}

void RemoteCatalog::drop_collection(const engine::Caller&, const CallLimits&,
                                    const engine::CollectionAddress&, engine::Completion<void> done) {
  done(not_over_a_server());
}

void RemoteCatalog::node_statistics(const engine::Caller&, const CallLimits&,
                                    engine::Completion<engine::NodeStatistics> done) {
  done(not_over_a_server());
}

void RemoteCatalog::backup(const engine::Caller&, const CallLimits&, const std::string& directory,
                           engine::Completion<void> done) {
  done(backup(directory));
}

void RemoteCatalog::verify(const engine::Caller&, const CallLimits&,
                           const std::function<void(const std::string&)>&, engine::Completion<void> done) {
  done(not_over_a_server());
}

// The server writes it, below its own folder of backups.
Status RemoteCatalog::backup(const std::string& name) {
  const auto made = http_.call({.method = net::Method::put,
                                .target = Target("/v1/backups").segment(name),
                                .answer_time = tuning::kBackupTime});
  return made ? ok() : Status(made.error());
}

Result<std::vector<engine::DatabaseDescription>> RemoteCatalog::databases() {
  QUIRE_TRY(const std::string text, http_.call({.target = Target("/v1/databases")}));
  QUIRE_TRY(const Json json, Json::parse(text));
  QUIRE_TRY(const auto rows, rows_of(json, "databases"));
  std::vector<engine::DatabaseDescription> all;
  for (const document::Value& row : rows) all.push_back(description_of(row));
  return all;
}

Result<engine::DatabaseStatistics> RemoteCatalog::statistics(const engine::DatabaseAddress& address) {
  QUIRE_TRY(const std::string text, http_.call({.target = Target::database(address)}));
  QUIRE_TRY(const Json json, Json::parse(text));
  const document::Value& object = json.value();
  engine::DatabaseStatistics figures;
  QUIRE_TRY(figures.position, engine::parse_position(text_of(object, "position")));
  QUIRE_TRY(const engine::Position oldest, engine::parse_position(text_of(object, "oldest")));
  figures.history_edge = oldest.sequence;
  figures.database = description_of(object);
  figures.counts = counts_of(object);
  figures.disk_bytes = number_of(object, "diskBytes");
  figures.log_bytes = number_of(object, "logBytes");
  figures.memory_bytes = number_of(object, "memoryBytes");
  return figures;
}

Result<std::vector<engine::CollectionDescription>> RemoteCatalog::collections(
    const engine::DatabaseAddress& address) {
  QUIRE_TRY(const std::string text, http_.call({.target = Target::database(address).segment("collections")}));
  QUIRE_TRY(const Json json, Json::parse(text));
  QUIRE_TRY(const auto rows, rows_of(json, "collections"));
  std::vector<engine::CollectionDescription> all;
  for (const document::Value& row : rows) {
    auto& one = all.emplace_back();
    one.name = text_of(row, "name");
    one.settings.revision_limit = number_of(row, "revisionLimit");
    one.settings.history = flag_of(row, "history");
    one.counts = counts_of(row);
  }
  return all;
}

}  // namespace quire::cli::remote
