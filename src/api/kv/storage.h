#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/call.h"
#include "base/result.h"
#include "engine/caller.h"
#include "engine/catalog.h"
#include "engine/completion.h"
#include "engine/documents.h"

namespace quire::api::kv {

// What a key-value back end provides. Values travel as JSON strings, with their quotes. Every method may be
// called from every thread.
class Storage {
 public:
  struct Asking {
    engine::Caller caller;
    CallLimits limits;
    // False: the call is made where nothing may wait; what would have to, answers an error for which
    // engine::needs_disk() is true, and is asked again on a thread that may.
    bool may_block = true;
  };

  virtual ~Storage() = default;
  // Appends the value. Errors: not_found.
  virtual Status get(const Asking& asking, std::string_view key, std::string& out) = 0;
  // Errors: not_found.
  virtual Status exist(const Asking& asking, std::string_view key) = 0;
  // `done` is called when the record is durable, perhaps on another thread.
  virtual void set(const Asking& asking, std::string_view key, std::string_view value,
                   engine::Completion<void> done) = 0;
  // Errors: not_found.
  virtual void rm(const Asking& asking, std::string_view key, engine::Completion<void> done) = 0;

  // These block.
  virtual Status clear(const Asking& asking) = 0;
  // Calls `visit` with each record, in the order of the keys' bytes and of one state, until it answers false.
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Status get_all(const Asking& asking, const Visitor& visit) = 0;
  virtual Result<std::uint64_t> size(const Asking& asking) = 0;
};

// Records as documents of a collection (docs/formats/key-value.md). The collection is made with the first
// record. What it is given outlives it.
std::unique_ptr<Storage> make_shard_storage(engine::Documents& documents, engine::Catalog& catalog,
                                            std::string database, std::string collection);

// Records in this process's memory, gone with it; whoever asks may do everything.
std::unique_ptr<Storage> make_memory_storage();

}  // namespace quire::api::kv
