#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "base/executor.h"
#include "database/task_gate.h"
#include "document/schema.h"
#include "engine/databases.h"
#include "engine/schemas.h"

namespace quire::engine {

// Looks through a collection for documents that do not fit a schema: a piece at a time, each a task of the
// executor that holds the database open for its length only. Held by shared_ptr, since its tasks refer to it.
// Thread-safe.
class SchemaCheck : public std::enable_shared_from_this<SchemaCheck> {
 public:
  SchemaCheck(Databases& databases, Executor& executor, database::TaskGate& gate,
              const CollectionAddress& address, const database::CollectionInfo& collection,
              document::Schema schema, std::string definition);

  void start() { post(); }
  // No piece begins any more.
  void stop() { stopped_ = true; }
  SchemaReport report() const;
  // What is looked for, as the collection's rule has it.
  const std::string& definition() const { return definition_; }

 private:
  void post();
  void look();
  // True at the end. Errors: what ends the check.
  Result<bool> look_at_piece();
  void take(std::string_view id, std::string_view body);

  Databases& databases_;
  Executor& executor_;
  database::TaskGate& gate_;
  const std::string database_;
  const std::string owner_;
  const database::CollectionId collection_;
  const document::Schema schema_;
  const std::string definition_;
  std::atomic<bool> stopped_{false};
  std::string after_;  // of whichever piece runs
  mutable std::mutex mutex_;
  SchemaReport report_;  // guarded by mutex_
};

}  // namespace quire::engine
