#include "database/collections.h"

#include <mutex>

#include "base/bytes.h"
#include "database/keys.h"
#include "database/tuning.h"

namespace quire::database {

Status check_collection_name(std::string_view name) {
  if (name == kDefaultCollectionName) return ok();
  if (name.empty()) return Error(ErrorCode::invalid, "a collection's name is empty").at("collection");
  if (name.size() > tuning::kNameBytes) {
    return Error(ErrorCode::too_large, "a collection's name has more than 128 bytes")
        .at("collection")
        .over(tuning::kNameBytes);
  }
  if (!valid_utf8(name))
    return Error(ErrorCode::invalid, "a collection's name is not UTF-8").at("collection");
  if (name == "." || name == "..") {
    return Error(ErrorCode::invalid, "a collection's name is '.' or '..', which no folder can have")
        .at("collection");
  }
  if (name.front() == '_') {
    return Error(ErrorCode::invalid, "a collection's name begins with '_', which is reserved")
        .at("collection");
  }
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '/' || c == ':') {
      return Error(ErrorCode::invalid, "a collection's name holds '/', ':' or a control character")
          .at("collection");
    }
  }
  return ok();
}

Status Collections::load(storage::Store& store) {
  const auto prefix = std::string("L");
  auto it = store.iterate(storage::Family::meta, {.upper_bound = keys::after_prefix(prefix)});
  storage::ReadBuffer buffer;
  for (it->seek(prefix); it->valid(); it->next()) {
    if (it->key().size() != 5) return Error(ErrorCode::corrupt, "a collection's key has another length");
    CollectionInfo info;
    info.id = load_u32(it->key().data() + 1);
    QUIRE_TRY(CollectionRecord record, decode_collection(it->value()));
    if (info.id == 0 || find(record.name))
      return Error(ErrorCode::corrupt, "collection " + std::to_string(info.id) + " contradicts another one");
    info.name = record.name;
    info.settings = record.settings;
    QUIRE_TRY(const bool counted, store.get(storage::Family::meta, keys::counts(info.id), buffer));
    if (counted) {
      QUIRE_TRY(info.counts, decode_counts(buffer.view()));
    }
    add(info);
  }
  return it->status();
}

std::optional<CollectionInfo> Collections::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return resolved_locked(by_id_.at(found->second));
}

CollectionInfo Collections::resolved_locked(const CollectionInfo& held) const {
  CollectionInfo info = held;
  std::uint64_t& limit = info.settings.revision_limit;
  if (limit == 0) limit = revision_limit_ != 0 ? revision_limit_ : tuning::kRevisionLimit;
  return info;
}

std::optional<CollectionInfo> Collections::find(CollectionId id) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return resolved_locked(found->second);
}

std::optional<CollectionSettings> Collections::settings(CollectionId id) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  CollectionSettings settings = found->second.settings;
  if (settings.revision_limit == 0)
    settings.revision_limit = revision_limit_ != 0 ? revision_limit_ : tuning::kRevisionLimit;
  return settings;
}

std::vector<CollectionInfo> Collections::list() const {
  const std::shared_lock lock(mutex_);
  std::vector<CollectionInfo> all;
  all.reserve(by_id_.size());
  for (const auto& [name, id] : by_name_) all.push_back(resolved_locked(by_id_.at(id)));
  return all;
}

std::optional<CollectionInfo> Collections::owner_of(std::string_view default_id) const {
  const auto colon = default_id.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return find(default_id.substr(0, colon));
}

std::uint64_t Collections::version() const {
  const std::shared_lock lock(mutex_);
  return version_;
}

void Collections::add(const CollectionInfo& collection) {
  const std::unique_lock lock(mutex_);
  by_id_[collection.id] = collection;
  by_name_[collection.name] = collection.id;
  ++version_;
}

void Collections::set_revision_limit(std::uint64_t limit) {
  const std::unique_lock lock(mutex_);
  revision_limit_ = limit;
}

void Collections::remove(CollectionId id) {
  const std::unique_lock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  by_name_.erase(found->second.name);
  by_id_.erase(found);
  ++version_;
}

void Collections::set_counts(CollectionId id, const Counts& counts) {
  const std::unique_lock lock(mutex_);
  if (const auto found = by_id_.find(id); found != by_id_.end()) found->second.counts = counts;
}

}  // namespace quire::database
