#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "engine/address.h"
#include "engine/caller.h"
#include "engine/completion.h"
#include "engine/types.h"

namespace quire::engine {

struct DatabaseDescription {
  std::string id;  // stable; never another database's
  std::string name;
  std::string owner;
  WallMs created_ms = 0;            // to clients of CouchDB's protocol the database's instance_start_time
  std::uint64_t history_ms = 0;     // how long superseded history and replaced versions stay,
  std::uint64_t history_bytes = 0;  // and how many bytes of such versions at most
  // Generations that are remembered of each document, in collections that do not say it themselves.
  std::uint64_t revision_limit = 0;
  // Of how many purges clients ask that they be remembered; 0: they have not asked. None is.
  std::uint64_t purge_limit = 0;
  bool compacting = false;  // now; said by databases() alone
};

// What a database's owner sets; what is not said stays as it is, or as it is for a new one.
struct DatabaseSettings {
  std::optional<std::uint64_t> history_ms;  // 0: none is kept
  std::optional<std::uint64_t> history_bytes;
  std::optional<std::uint64_t> revision_limit{};  // 1 to 20,000
  std::optional<std::uint64_t> purge_limit{};     // from 1 on; without an effect
};

struct CollectionDescription {
  std::string name;
  CollectionSettings settings;
  Counts counts;  // of the documents that the caller may read
};

// The figures of a database.
struct DatabaseStatistics {
  DatabaseDescription database;
  Position position;
  Sequence history_edge = 0;         // change streams can begin here or later
  std::uint64_t purge_sequence = 0;  // how many purges there have been
  bool compact_running = false;
  Counts counts;                 // over all collections that the caller may read
  std::uint64_t disk_bytes = 0;  // of all files
  std::uint64_t log_bytes = 0;   // of these, the write-ahead log
  std::uint64_t memory_bytes = 0;
};

struct NodeStatistics {
  std::uint64_t databases = 0;
  std::uint64_t open_databases = 0;
  std::uint64_t memory_bytes = 0;  // of the budget, in use
};

// Databases and collections, and the care of the whole. Callable from every thread; arguments that are views
// or references need to live until the call returns. Those that copy or read everything take long and block
// the thread they are called on.
//
// Errors of every call: unauthenticated, forbidden, not_found, deadline, cancelled, unavailable, corrupt, io.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // By name. What the caller may not see is left out.
  virtual void databases(const Caller& caller, const CallLimits& limits,
                         Completion<std::vector<DatabaseDescription>> done) = 0;
  // The database of this id, from memory: callable where nothing may wait. Whoever asks is asked for nothing,
  // so that a door can turn an id into the name that its calls are decided by; the answer is shown to nobody
  // before such a call. None where the text is no id, or that of no database.
  virtual std::optional<DatabaseDescription> database_of_id(std::string_view id) = 0;
  // Errors: exists, invalid, too_large.
  virtual void create_database(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                               const DatabaseSettings& settings, Completion<DatabaseDescription> done) = 0;
  // Durably; what the new settings no longer keep goes soon. Errors: invalid, too_large.
  virtual void change_database(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                               const DatabaseSettings& settings, Completion<DatabaseDescription> done) = 0;
  // With its files, after those who use it now are done.
  virtual void remove_database(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                               Completion<void> done) = 0;
  // Begins to compact the database and answers at once: what replaced revisions left, and history, go now,
  // whatever the retention, so that change streams cannot begin before it; and the files are rewritten.
  // `compact_running` of statistics() says so until it is done.
  virtual void compact(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                       Completion<void> done) = 0;
  // 32 hexadecimal digits that name this node, from memory; never changed, not by a restore either, which
  // stands for what was lost. Whoever asks is asked for nothing.
  virtual std::string node_id() = 0;
  virtual void statistics(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                          Completion<DatabaseStatistics> done) = 0;

  // By name. What the caller may not see is left out.
  virtual void collections(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                           Completion<std::vector<CollectionDescription>> done) = 0;
  // Errors: exists, invalid, too_large, conflict (ids of _default already
  // use the name as a prefix).
  virtual void create_collection(const Caller& caller, const CallLimits& limits,
                                 const CollectionAddress& address, const CollectionSettings& settings,
                                 Completion<CollectionDescription> done) = 0;
  virtual void drop_collection(const Caller& caller, const CallLimits& limits,
                               const CollectionAddress& address, Completion<void> done) = 0;

  virtual void node_statistics(const Caller& caller, const CallLimits& limits,
                               Completion<NodeStatistics> done) = 0;
  // A consistent copy of all databases, in a directory that must not exist.
  virtual void backup(const Caller& caller, const CallLimits& limits, const std::string& directory,
                      Completion<void> done) = 0;
  // Reads every block of every file and checks it, and compares indexes with their documents; `damaged` gets
  // a line a finding. Findings are no error.
  virtual void verify(const Caller& caller, const CallLimits& limits,
                      const std::function<void(const std::string&)>& damaged, Completion<void> done) = 0;
};

}  // namespace quire::engine
