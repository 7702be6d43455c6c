#include "engine/testing/test_node.h"

#include "base/check.h"

namespace quire::engine::testing {

MapCatalog::MapCatalog(database::testing::ShardWorld& world) : world_(world) { (void)create("main", {}, {}); }

Result<database::DatabaseInfo> MapCatalog::create(std::string_view name, std::string_view owner,
                                                  const database::ShardSettings& settings) {
  QUIRE_TRY_STATUS(check_settings(settings));
  if (find(name, owner)) return Error(ErrorCode::exists, "there is such a database").at("database");
  database::DatabaseInfo info;
  const std::string number = std::to_string(++made_);
  info.id = std::string(16 - number.size(), 'd') + number;
  info.name = name;
  info.owner = owner;
  info.settings = settings;
  infos_[info.id] = info;
  shards_[info.id] = world_.in_memory(settings);
  return info;
}

Result<database::DatabaseInfo> MapCatalog::reserved(std::string_view name,
                                                    const database::ShardSettings& settings) {
  if (auto found = find(name, {})) return found;
  return create(name, {}, settings);
}

Result<database::DatabaseInfo> MapCatalog::find(std::string_view name, std::string_view owner) {
  for (const auto& [id, info] : infos_) {
    if (info.name == name && info.owner == owner) return info;
  }
  return Error(ErrorCode::not_found, "there is no such database");
}

Result<database::DatabaseInfo> MapCatalog::find_id(const std::string& id) {
  const auto found = infos_.find(id);
  if (found == infos_.end()) return Error(ErrorCode::not_found, "there is no such database");
  return found->second;
}

std::vector<database::DatabaseInfo> MapCatalog::list() {
  std::vector<database::DatabaseInfo> all;
  for (const auto& [id, info] : infos_) all.push_back(info);
  return all;
}

std::vector<database::DatabaseInfo> MapCatalog::owned_by(std::string_view owner) {
  std::vector<database::DatabaseInfo> owned = list();
  std::erase_if(owned, [&](const database::DatabaseInfo& info) { return info.owner != owner; });
  return owned;
}

Result<database::DatabaseInfo> MapCatalog::change_settings(
    const std::string& id, const std::function<void(database::ShardSettings&)>& change) {
  database::DatabaseInfo& info = infos_.at(id);
  database::ShardSettings settings = info.settings;
  change(settings);
  QUIRE_TRY_STATUS(check_settings(settings));
  info.settings = settings;
  shards_.at(id)->set_settings(info.settings);
  return info;
}

Status MapCatalog::remove(const std::string& id) {
  infos_.erase(id);
  shards_.erase(id);
  return ok();
}

Status MapCatalog::compact(const std::string& id) {
  QUIRE_TRY(const auto shard, use(id));
  return shard->compact({});
}

Result<std::shared_ptr<database::Shard>> MapCatalog::use(const std::string& id) {
  {
    const std::lock_guard lock(uses_mutex_);
    ++uses_[id];
  }
  const auto found = shards_.find(id);
  if (found == shards_.end()) return Error(ErrorCode::not_found, "there is no such database");
  return found->second;
}

int MapCatalog::uses(const std::string& id) {
  const std::lock_guard lock(uses_mutex_);
  return uses_[id];
}

Status MapCatalog::backup(const std::string& directory) {
  backups.push_back(directory);
  return ok();
}

Status MapCatalog::verify(const std::function<void(const std::string&)>& damaged) {
  damaged("a finding");
  return ok();
}

TestNode::TestNode(const Authority& authority) : node(catalog, world.clock, *world.executor, authority) {}

std::shared_ptr<database::Shard> TestNode::shard(std::string_view database) {
  return *catalog.use(catalog.find(database, {})->id);
}

Result<Document> TestNode::get(std::string_view id, const GetOptions& options, std::string_view collection) {
  return wait<Document>([&](auto done) {
    node.documents().get(caller, limits, {.database = {}, .collection = collection}, id, options,
                         std::move(done));
  });
}

Result<WriteResult> TestNode::write(std::vector<Change> changes, const WriteOptions& options) {
  return wait<WriteResult>([&](auto done) {
    node.documents().write(caller, limits, {}, std::move(changes), options, std::move(done));
  });
}

Result<EditResult> TestNode::write_one(Change change, const WriteOptions& options) {
  std::vector<Change> changes;
  changes.push_back(std::move(change));
  QUIRE_TRY(WriteResult answer, write(std::move(changes), options));
  QUIRE_CHECK(answer.rows.size() == 1, "a write of one change answers one row");
  return std::move(answer.rows.front());
}

EditResult TestNode::put(const std::string& id, const std::string& json, const std::string& collection) {
  Change change = put_change(id, json, collection);
  change.condition = Change::Condition::any;
  WriteOptions options;
  options.create_collections = true;
  return write_one(std::move(change), options).value();
}

EditResult TestNode::remove(const std::string& id, const std::string& collection) {
  Change change;
  change.kind = Change::Kind::remove;
  change.condition = Change::Condition::any;
  change.collection = collection;
  change.id = id;
  return write_one(std::move(change)).value();
}

Result<std::vector<std::string>> TestNode::list(const ListOptions& options, std::string_view collection) {
  std::vector<std::string> ids;
  QUIRE_TRY_STATUS(node.documents().list(caller, limits, {.database = {}, .collection = collection}, options,
                                         [&](const ListRow& row) {
                                           ids.emplace_back(row.id);
                                           return true;
                                         }));
  return ids;
}

Result<FeedPage> TestNode::read(const Position& since, const FeedOptions& options) {
  return wait<FeedPage>(
      [&](auto done) { node.feeds().read(caller, limits, {}, since, options, std::move(done)); });
}

Body body(std::string_view json) { return parse_document(json, {}).value().body; }

Change put_change(const std::string& id, const std::string& json, const std::string& collection) {
  Change change;
  change.id = id;
  change.collection = collection;
  change.body = body(json);
  return change;
}

}  // namespace quire::engine::testing
