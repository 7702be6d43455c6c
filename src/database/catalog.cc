#include "database/catalog.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>

#include "base/bytes.h"
#include "database/local_catalog.h"
#include "database/tuning.h"

// The life of a database, as its record has it:
//   planned   the record is written; no folder is made until somebody uses the database;
//   live      the folder exists: should it be gone, that is damage, and no empty database takes its place;
//   removing  nobody finds it any more; the folder goes, then the record. A crash in between is taken up at
//             the next start.
// So a folder without a record is never a crash of ours, and is left alone.
//
// Locks, outermost first: lifecycle_, records_mutex_, mutex_; and the scheduler's within that of an
// OpenDatabase. A shard is opened and closed under none of them but lifecycle_.

namespace quire::database {

using std::chrono::milliseconds;

namespace {

constexpr std::string_view kMain = "main";

Error unknown() { return Error(ErrorCode::not_found, "there is no such database").at("database"); }

Status check_name(std::string_view text, const char* what) {
  const auto invalid = [&](const char* why) {
    return Error(ErrorCode::invalid, std::string("a database's ") + what + " " + why).at("database");
  };
  if (text.size() > tuning::kNameBytes) {
    return Error(ErrorCode::too_large, std::string("a database's ") + what + " has more than 128 bytes")
        .at("database")
        .over(tuning::kNameBytes);
  }
  if (!valid_utf8(text)) return invalid("is not UTF-8");
  if (text == "." || text == "..") return invalid("is '.' or '..'");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '/') return invalid("holds '/' or a control character");
  }
  return ok();
}

Status check_names(std::string_view name, std::string_view owner) {
  if (name.empty()) return Error(ErrorCode::invalid, "a database's name is empty").at("database");
  if (name.front() == '_') {
    return Error(ErrorCode::invalid, "a database's name begins with '_', which is reserved").at("database");
  }
  if (is_database_id(name)) {
    return Error(ErrorCode::invalid, "a database's name is 16 hexadecimal digits, as ids are").at("database");
  }
  QUIRE_TRY_STATUS(check_name(name, "name"));
  return check_name(owner, "owner");
}

std::uint64_t descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 1 << 20;
  return limit.rlim_cur;
}

std::size_t most_open(std::uint64_t memory_bytes) {
  const std::uint64_t by_memory = memory_bytes / 4 / tuning::kOpenDatabaseBytes;
  const std::uint64_t by_files = descriptors() / 2 / tuning::kOpenDatabaseFiles;
  return std::max<std::size_t>(std::min(by_memory, by_files), tuning::kLeastOpenDatabases);
}

std::uint64_t document_bytes(const CatalogOptions& options) {
  const auto share = [&](double part) {
    return static_cast<std::uint64_t>(static_cast<double>(options.memory_bytes) * part);
  };
  if (options.document_cache_bytes == 0) return share(tuning::kDocumentCacheShare);
  return std::min(options.document_cache_bytes, share(tuning::kMostDocumentCacheShare));
}

}  // namespace

bool is_database_id(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return text.size() == 16 && text.find_first_not_of(kDigits) == std::string_view::npos;
}

Status check_settings(const ShardSettings& settings) {
  if (settings.history_ms < 0) {
    return Error(ErrorCode::invalid, "the time that history stays is negative").at("history");
  }
  if (settings.history_ms > tuning::kMostHistoryMs) {
    return Error(ErrorCode::too_large, "history stays for a hundred years at most")
        .at("history")
        .over(static_cast<std::uint64_t>(tuning::kMostHistoryMs));
  }
  if (settings.history_bytes > tuning::kMostHistoryBytes) {
    return Error(ErrorCode::too_large, "replaced texts have a pebibyte at most")
        .at("historyBytes")
        .over(tuning::kMostHistoryBytes);
  }
  if (settings.revision_limit > tuning::kMostRevisions) {
    return Error(ErrorCode::too_large, "a database remembers 20000 generations of a document at most")
        .at("revisionLimit")
        .over(tuning::kMostRevisions);
  }
  return ok();
}

std::uint64_t revision_limit_of(const ShardSettings& settings) {
  return settings.revision_limit != 0 ? settings.revision_limit : tuning::kRevisionLimit;
}

// --- starting and ending

Result<std::unique_ptr<Catalog>> Catalog::open(const std::string& directory, const CatalogOptions& options,
                                               const Clock& clock, Random& random, Executor& executor) {
  auto catalog = std::make_unique<LocalCatalog>(directory, options, clock, random, executor);
  QUIRE_TRY_STATUS(catalog->start());
  return std::unique_ptr<Catalog>(std::move(catalog));
}

LocalCatalog::LocalCatalog(const std::string& directory, CatalogOptions options, const Clock& clock,
                           Random& random, Executor& executor)
    : directory_(directory),
      options_(std::move(options)),
      clock_(clock),
      random_(random),
      executor_(executor),
      most_open_(most_open(options_.memory_bytes)),
      closing_(Cancellation::make()),
      documents_(document_bytes(options_)),
      budget_(
          storage::make_memory_budget(options_.memory_bytes - document_bytes(options_), descriptors() / 2)),
      environment_{clock, random, executor, documents_, options_.index_kinds, options_.rule_kinds} {}

LocalCatalog::~LocalCatalog() {
  closing_.cancel();
  gate_.close();
  if (scheduler_) scheduler_->stop();  // care that is under way still sets its next time
  for (const auto& [id, database] : databases()) database->retire();
}

Status LocalCatalog::start() {
  QUIRE_TRY_STATUS(open_store());
  QUIRE_TRY(const auto loaded, store_->load());
  scheduler_ =
      std::make_unique<Scheduler>(clock_, executor_, [this](const std::string& id) { care_for(id); });
  return loaded ? resume(*loaded) : begin();
}

Status LocalCatalog::open_store() {
  if (options_.medium == storage::Medium::disk) {
    QUIRE_TRY(const bool exists, directory_.exists());
    if (!exists && !options_.create) {
      return Error(ErrorCode::not_found, "there is no data directory " + directory_.path());
    }
  }
  storage::OpenOptions opening{
      .medium = options_.medium, .create = options_.create, .budget = budget_, .fence = nullptr};
  auto opened = storage::open(directory_.catalog(), opening);
  if (!opened && opened.error().code() == ErrorCode::locked) {
    return Error(ErrorCode::locked,
                 directory_.path() + " is open in another process or by another handle of this one");
  }
  if (!opened) return opened.error();
  store_ = std::make_unique<CatalogStore>(std::move(*opened));
  return ok();
}

Status LocalCatalog::begin() {
  QUIRE_TRY(const auto folders, options_.medium == storage::Medium::disk
                                    ? directory_.database_folders()
                                    : Result<std::vector<std::string>>(std::vector<std::string>{}));
  if (!folders.empty()) {
    return Error(ErrorCode::corrupt, directory_.catalog() + " is empty, and there are databases beside it");
  }
  const DatabaseRecord main = new_record(kMain, {});
  node_.resize(kNodeIdBytes);
  random_.fill(node_.data(), node_.size());
  QUIRE_TRY_STATUS(store_->begin({clock_.wall_ms()}, {node_}, {main}));
  add(main);
  return ok();
}

Status LocalCatalog::resume(const CatalogStore::Loaded& loaded) {
  node_ = loaded.node;
  if (node_.empty()) {
    // A directory from before nodes had names.
    node_.resize(kNodeIdBytes);
    random_.fill(node_.data(), node_.size());
    QUIRE_TRY_STATUS(store_->put(NodeRecord{node_}));
  }
  for (const DatabaseRecord& record : loaded.databases) {
    if (record.state != DatabaseState::removing) {
      add(record);
      continue;
    }
    QUIRE_TRY_STATUS(remove_files(record.info.id));
    QUIRE_TRY_STATUS(store_->erase(record.info.id));
  }
  const WallMs soon = clock_.wall_ms() + tuning::kCareAfterStartMs;
  for (const auto& [id, due] : loaded.dues) {
    if (by_id_.contains(id)) scheduler_->set(id, std::max(due, soon));
  }
  return ok();
}

void LocalCatalog::add(const DatabaseRecord& record) {
  const std::string& id = record.info.id;
  OpenDatabase::Parts parts{.name = "'" + record.info.name + "'",
                            .open = [this, id] { return open_shard(id); },
                            .has_room = [this, id](Shard& shard) { return has_room(id, shard); },
                            .touched =
                                [this, id] {
                                  store_->note_due(id, clock_.wall_ms());
                                  scheduler_->set_earlier(id, clock_.wall_ms() + tuning::kCareEveryMs);
                                },
                            .clock = clock_};
  const std::unique_lock lock(mutex_);
  by_id_[id] = {record, std::make_shared<OpenDatabase>(std::move(parts))};
  by_name_[{record.info.owner, record.info.name}] = id;
}

// --- the databases there are

DatabaseRecord LocalCatalog::new_record(std::string_view name, std::string_view owner) {
  DatabaseRecord record;
  std::string number(8, '\0');
  do {
    random_.fill(number.data(), number.size());
    record.info.id = to_hex(number);
  } while (database_of(record.info.id));
  record.info.name = name;
  record.info.owner = owner;
  record.info.created_ms = clock_.wall_ms();
  return record;
}

Result<DatabaseInfo> LocalCatalog::create(std::string_view name, std::string_view owner,
                                          const ShardSettings& settings) {
  QUIRE_TRY_STATUS(check_names(name, owner));
  QUIRE_TRY_STATUS(check_settings(settings));
  const std::lock_guard lifecycle(lifecycle_);
  if (find(name, owner)) {
    return Error(ErrorCode::exists, "the database '" + std::string(name) + "' exists already").at("database");
  }
  return make(name, owner, settings);
}

Result<DatabaseInfo> LocalCatalog::reserved(std::string_view name, const ShardSettings& settings) {
  if (name.empty() || name.front() != '_') {
    return Error(ErrorCode::invalid, "a reserved database's name begins with '_'").at("database");
  }
  QUIRE_TRY_STATUS(check_name(name, "name"));
  QUIRE_TRY_STATUS(check_settings(settings));
  const std::lock_guard lifecycle(lifecycle_);
  if (auto found = find(name, {})) return found;
  return make(name, {}, settings);
}

Result<DatabaseInfo> LocalCatalog::make(std::string_view name, std::string_view owner,
                                        const ShardSettings& settings) {
  DatabaseRecord record = new_record(name, owner);
  record.info.settings = settings;
  QUIRE_TRY_STATUS(store_->put(record));
  add(record);
  return record.info;
}

Result<DatabaseInfo> LocalCatalog::find(std::string_view name, std::string_view owner) {
  const std::shared_lock lock(mutex_);
  const auto found = by_name_.find(Name(owner, name));
  if (found == by_name_.end()) {
    return Error(ErrorCode::not_found, "there is no database '" + std::string(name) + "'").at("database");
  }
  return by_id_.at(found->second).record.info;
}

Result<DatabaseInfo> LocalCatalog::find_id(const std::string& id) {
  QUIRE_TRY(auto record, record_of(id));
  return std::move(record.info);
}

std::vector<DatabaseInfo> LocalCatalog::list() {
  const std::shared_lock lock(mutex_);
  std::vector<DatabaseInfo> all;
  all.reserve(by_name_.size());
  for (const auto& [name, id] : by_name_) all.push_back(by_id_.at(id).record.info);
  return all;
}

// The next owner that there can be is this one with a NUL behind it, which stands in no owner's id.
std::pair<LocalCatalog::ByName::const_iterator, LocalCatalog::ByName::const_iterator>
LocalCatalog::owned_locked(std::string_view owner) const {
  return {by_name_.lower_bound(Name(owner, "")), by_name_.lower_bound(Name(std::string(owner) + '\0', ""))};
}

std::vector<DatabaseInfo> LocalCatalog::owned_by(std::string_view owner) {
  const std::shared_lock lock(mutex_);
  std::vector<DatabaseInfo> owned;
  const auto [begin, end] = owned_locked(owner);
  for (auto at = begin; at != end; ++at) owned.push_back(by_id_.at(at->second).record.info);
  return owned;
}

std::size_t LocalCatalog::count_owned_by(std::string_view owner) {
  const std::shared_lock lock(mutex_);
  const auto [begin, end] = owned_locked(owner);
  return static_cast<std::size_t>(std::distance(begin, end));
}

Result<DatabaseRecord> LocalCatalog::record_of(const std::string& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return unknown();
  return found->second.record;
}

std::shared_ptr<OpenDatabase> LocalCatalog::database_of(const std::string& id) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second.database;
}

LocalCatalog::Databases LocalCatalog::databases() const {
  const std::shared_lock lock(mutex_);
  Databases all;
  all.reserve(by_id_.size());
  for (const auto& [id, known] : by_id_) all.emplace_back(id, known.database);
  return all;
}

Status LocalCatalog::change_record(const std::string& id,
                                   const std::function<void(DatabaseRecord&)>& change) {
  const std::lock_guard records(records_mutex_);
  QUIRE_TRY(DatabaseRecord record, record_of(id));
  if (record.state == DatabaseState::removing) return unknown();
  change(record);
  QUIRE_TRY_STATUS(store_->put(record));
  const std::unique_lock lock(mutex_);
  by_id_.at(id).record = record;
  return ok();
}

Result<DatabaseInfo> LocalCatalog::change_settings(const std::string& id,
                                                   const std::function<void(ShardSettings&)>& change) {
  const std::lock_guard lifecycle(lifecycle_);
  const auto database = database_of(id);
  if (!database) return unknown();
  QUIRE_TRY(DatabaseRecord changed, record_of(id));
  const ShardSettings& settings = changed.info.settings;
  change(changed.info.settings);
  QUIRE_TRY_STATUS(check_settings(settings));
  QUIRE_TRY_STATUS(change_record(id, [&](DatabaseRecord& record) { record.info.settings = settings; }));
  database->with_open([&](Shard& shard) { shard.set_settings(settings); });
  store_->note_due(id, clock_.wall_ms());
  scheduler_->set(id, clock_.wall_ms());
  return changed.info;
}

Status LocalCatalog::remove(const std::string& id) {
  const std::lock_guard lifecycle(lifecycle_);
  const auto database = database_of(id);
  if (!database) return unknown();
  QUIRE_TRY_STATUS(change_record(id, [](DatabaseRecord& record) { record.state = DatabaseState::removing; }));
  {
    const std::unique_lock lock(mutex_);
    const DatabaseInfo& info = by_id_.at(id).record.info;
    by_name_.erase({info.owner, info.name});
    by_id_.erase(id);
  }
  scheduler_->remove(id);
  database->retire();
  QUIRE_TRY_STATUS(remove_files(id));
  return store_->erase(id);
}

Status LocalCatalog::remove_files(const std::string& id) {
  if (options_.medium != storage::Medium::disk) return ok();
  return storage::destroy(directory_.database(id));
}

// --- opening

Result<std::shared_ptr<Shard>> LocalCatalog::use(const std::string& id) {
  const auto database = database_of(id);
  if (!database) return unknown();
  return database->use();
}

Result<std::unique_ptr<Shard>> LocalCatalog::open_shard(const std::string& id) {
  QUIRE_TRY(const DatabaseRecord record, record_of(id));
  close_longest_unused(most_open_ - 1);
  if (const auto database = database_of(id)) {
    const std::lock_guard lock(opened_mutex_);
    std::erase_if(opened_, [&](const auto& known) { return known.first == id; });
    opened_.emplace_back(id, database);
  }
  const bool planned = record.state == DatabaseState::planned;
  const storage::OpenOptions opening{
      .medium = options_.medium, .create = planned, .budget = budget_, .fence = nullptr};
  auto store = storage::open(directory_.database(id), opening);
  if (!store && store.error().code() == ErrorCode::not_found) {
    return Error(ErrorCode::corrupt,
                 "the files of the database '" + record.info.name + "' are gone: " + directory_.database(id));
  }
  if (!store) return store.error();
  QUIRE_TRY(auto shard, Shard::open(std::move(*store), environment_, record.info.settings));
  if (record.restored) QUIRE_TRY_STATUS(shard->begin_incarnation());
  if (planned || record.restored) {
    QUIRE_TRY_STATUS(change_record(id, [](DatabaseRecord& changed) {
      changed.state = DatabaseState::live;
      changed.restored = false;
    }));
  }
  if (shard->expires()) scheduler_->set_earlier(id, clock_.wall_ms() + tuning::kExpiryEveryMs);
  schedule_tick();
  return shard;
}

// Opening lays the log down anew, and the care that follows writes a little.
bool LocalCatalog::has_room(const std::string& id, Shard& shard) const {
  if (options_.medium != storage::Medium::disk) return true;
  std::error_code failed;
  const auto space = std::filesystem::space(directory_.database(id), failed);
  return failed || space.available >= 2 * shard.store().stats().log_bytes + tuning::kRoomToOpen;
}

// --- care

Status LocalCatalog::compact(const std::string& id) {
  const auto database = database_of(id);
  if (!database) return unknown();
  {
    const std::lock_guard lock(compacting_mutex_);
    if (!compacting_.insert(id).second) return ok();
  }
  executor_.post(gate_.guard([this, id, database] {
    const bool was_open = database->is_open();
    if (const auto shard = database->hold()) {
      CallLimits limits;
      limits.cancellation = closing_;
      // What fails here shows in the shard's health, or is met again by the next one who asks.
      (void)(*shard)->compact(limits);
      database->release();
      if (!was_open) database->close_if_idle(SteadyTime::max());
    }
    const std::lock_guard lock(compacting_mutex_);
    compacting_.erase(id);
  }));
  return ok();
}

bool LocalCatalog::compacting(const std::string& id) const {
  const std::lock_guard lock(compacting_mutex_);
  return compacting_.contains(id);
}

void LocalCatalog::care_for(const std::string& id) {
  const auto database = database_of(id);
  if (!database) return;
  WallMs later = clock_.wall_ms() + tuning::kCareEveryMs;
  const bool was_open = database->is_open();
  const auto shard = database->hold();
  if (!shard) {
    scheduler_->set_earlier(id, later);
    return;
  }
  database->begin_care();
  const auto due = (*shard)->maintain({.deadline = {}, .cancellation = closing_});
  if ((*shard)->expires()) later = clock_.wall_ms() + tuning::kExpiryEveryMs;
  database->end_care(due.has_value(), [&] { store_->note_due(id, *due); });
  database->release();
  const bool touched = database->touched();
  if (touched) scheduler_->set_earlier(id, later);
  if (due && *due) scheduler_->set_earlier(id, **due);
  if (!was_open && !touched) database->close_if_idle(SteadyTime::max());
}

void LocalCatalog::schedule_tick() {
  const std::lock_guard lock(tick_mutex_);
  if (tick_scheduled_) return;
  tick_scheduled_ = true;
  const auto every = std::clamp(options_.idle_close / 4, milliseconds(10), milliseconds(tuning::kTickMs));
  executor_.post_after(every, gate_.guard([this] { tick(); }));
}

void LocalCatalog::tick() {
  {
    const std::lock_guard lock(tick_mutex_);
    tick_scheduled_ = false;
  }
  const SteadyTime idle_since = clock_.steady() - options_.idle_close;
  const Databases open = opened();
  for (const auto& [id, database] : open) {
    if (database->failed() || !database->touched()) {
      database->close_if_idle(idle_since);
    } else if (const auto since = database->unused_since(); since && *since <= idle_since) {
      scheduler_->set_earlier(id, clock_.wall_ms());  // closed after care was taken of it
    } else {
      // It may have been used, and cared for, since before its documents came to expire.
      database->with_open([this, id = id](Shard& shard) {
        if (shard.expires()) scheduler_->set_earlier(id, clock_.wall_ms() + tuning::kExpiryEveryMs);
      });
    }
  }
  close_longest_unused(most_open_);
  if (!open.empty()) schedule_tick();
}

LocalCatalog::Databases LocalCatalog::opened() const {
  const std::lock_guard lock(opened_mutex_);
  std::erase_if(opened_, [](const auto& known) { return known.second->is_closed(); });
  return opened_;
}

// What a database owes that is closed before care was taken of it stands in its due.
void LocalCatalog::close_longest_unused(std::size_t most) {
  const Databases open = opened();
  if (open.size() <= most) return;
  std::vector<std::pair<SteadyTime, OpenDatabase*>> unused;
  std::size_t count = 0;
  for (const auto& [id, database] : open) {
    count += database->is_open() ? 1 : 0;
    if (const auto since = database->unused_since()) unused.emplace_back(*since, database.get());
  }
  std::sort(unused.begin(), unused.end());
  for (auto at = unused.begin(); at != unused.end() && count > most; ++at) {
    if (at->second->close_if_idle(at->first)) --count;
  }
}

std::uint64_t LocalCatalog::memory_used() const { return budget_->used() + documents_.used_bytes(); }

std::size_t LocalCatalog::open_databases() const {
  const Databases all = opened();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const auto& known) { return known.second->is_open(); }));
}

void LocalCatalog::each_open(const std::function<void(const DatabaseInfo&, Shard&)>& visit) {
  for (const auto& [id, database] : opened()) {
    const auto record = record_of(id);
    if (record) database->with_open([&](Shard& shard) { visit(record->info, shard); });
  }
}

}  // namespace quire::database
