#include <utility>
#include <vector>

#include "api/kv/record.h"
#include "api/kv/storage.h"
#include "api/tuning.h"

namespace quire::api::kv {

namespace {

Error missing() { return Error(ErrorCode::not_found, "there is no such record").at("missing"); }

bool no_collection(const Error& error) {
  return error.code() == ErrorCode::not_found && error.field() == "collection";
}

class ShardStorage final : public Storage {
 public:
  ShardStorage(engine::Documents& documents, engine::Catalog& catalog, std::string database,
               std::string collection)
      : documents_(documents),
        catalog_(catalog),
        database_(std::move(database)),
        collection_(std::move(collection)) {}

  Status get(const Asking& asking, std::string_view key, std::string& out) override {
    return find(asking, key, [&out](std::string_view value) { out = value; });
  }

  Status exist(const Asking& asking, std::string_view key) override {
    return find(asking, key, [](std::string_view) {});
  }

  void set(const Asking& asking, std::string_view key, std::string_view value,
           engine::Completion<void> done) override {
    if (asking.may_block) {
      if (auto ready = prepare(asking); !ready) return done(std::move(ready));
    }
    engine::Change change;
    change.condition = engine::Change::Condition::any;
    change.collection = collection_;
    change.id = key;
    change.body = engine::Body::stored(record_text(value));
    write(asking, std::move(change), std::move(done));
  }

  void rm(const Asking& asking, std::string_view key, engine::Completion<void> done) override {
    if (auto there = exist(asking, key); !there) return done(std::move(there));
    engine::Change change;
    change.kind = engine::Change::Kind::remove;
    change.condition = engine::Change::Condition::any;
    change.collection = collection_;
    change.id = key;
    write(asking, std::move(change), std::move(done));
  }

  // However many records there are, they go in one step.
  Status clear(const Asking& asking) override {
    const auto dropped = engine::wait<void>([&](auto done) {
      catalog_.drop_collection(asking.caller, asking.limits, address(), std::move(done));
    });
    if (!dropped && !no_collection(dropped.error())) return dropped.error();
    return make_collection(asking);
  }

  Status get_all(const Asking& asking, const Visitor& visit) override {
    const auto sink = [&](const engine::ListRow& row) {
      const auto value = value_of(row.body);
      return !value || visit(row.id, *value);
    };
    const auto listed = engine::wait<engine::ListEnd>([&](auto done) {
      documents_.list(asking.caller, asking.limits, address(), {}, sink, std::move(done));
    });
    if (!listed && !no_collection(listed.error())) return listed.error();
    return ok();
  }

  Result<std::uint64_t> size(const Asking& asking) override {
    auto count = engine::wait<std::uint64_t>(
        [&](auto done) { documents_.count(asking.caller, asking.limits, address(), std::move(done)); });
    if (!count && no_collection(count.error())) return std::uint64_t{0};
    return count;
  }

 private:
  engine::CollectionAddress address() const {
    return {.database = {.name = database_}, .collection = collection_};
  }

  template <class Take>
  Status find(const Asking& asking, std::string_view key, const Take& take) {
    engine::GetOptions options;
    options.memory_only = !asking.may_block;
    const auto found = engine::wait<engine::Document>([&](auto done) {
      documents_.get(asking.caller, asking.limits, address(), key, options, std::move(done));
    });
    if (!found) {
      if (no_collection(found.error())) return missing();
      return found.error();
    }
    const auto value = value_of(found->body);
    if (!value) return missing();
    take(*value);
    return ok();
  }

  // Makes the collection where there is none.
  Status prepare(const Asking& asking) {
    const auto count = engine::wait<std::uint64_t>(
        [&](auto done) { documents_.count(asking.caller, asking.limits, address(), std::move(done)); });
    return count || !no_collection(count.error()) ? ok() : make_collection(asking);
  }

  Status make_collection(const Asking& asking) {
    const auto made = engine::wait<engine::CollectionDescription>([&](auto done) {
      catalog_.create_collection(asking.caller, asking.limits, address(),
                                 {.revision_limit = tuning::kKvRevisionLimit, .history = false},
                                 std::move(done));
    });
    if (!made && made.error().code() != ErrorCode::exists) return made.error();
    return ok();
  }

  // Once it is admitted it is done, whether or not its client stays to hear of it. A collection that was
  // cleared away in between is made again by whoever asks again.
  void write(const Asking& asking, engine::Change change, engine::Completion<void> done) {
    std::vector<engine::Change> changes;
    changes.push_back(std::move(change));
    engine::WriteOptions options;
    options.memory_only = !asking.may_block;
    documents_.write(asking.caller, {}, {.name = database_}, std::move(changes), options,
                     [done = std::move(done)](Result<engine::WriteResult> result) {
                       if (result && result->rows.front()) return done(ok());
                       const Error& error = result ? result->rows.front().error() : result.error();
                       done(no_collection(error) ? engine::not_in_memory() : error);
                     });
  }

  engine::Documents& documents_;
  engine::Catalog& catalog_;
  const std::string database_;
  const std::string collection_;
};

}  // namespace

std::unique_ptr<Storage> make_shard_storage(engine::Documents& documents, engine::Catalog& catalog,
                                            std::string database, std::string collection) {
  return std::make_unique<ShardStorage>(documents, catalog, std::move(database), std::move(collection));
}

}  // namespace quire::api::kv
