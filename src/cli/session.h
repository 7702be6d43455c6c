#pragma once

#include <memory>
#include <string>

#include "cli/place.h"
#include "embed/core.h"
#include "engine/documents.h"
#include "engine/feeds.h"

namespace quire::cli {

// A data directory opened for the length of a command, by whoever owns the process.
class Session {
 public:
  enum class Missing { is_an_error, is_made };
  static Result<Session> open(const Place& place, Missing missing);

  engine::Documents& documents() { return core_->node->documents(); }
  engine::Feeds& feeds() { return core_->node->feeds(); }
  engine::Catalog& catalog() { return core_->node->catalog(); }
  const engine::Caller& caller() const { return caller_; }

  // Writes one change and waits. Errors: those of the change, too.
  Result<engine::EditResult> write_one(const Place& place, engine::Change change,
                                       const engine::WriteOptions& options);

 private:
  explicit Session(std::shared_ptr<v1::Core> core) : core_(std::move(core)) {}

  std::shared_ptr<v1::Core> core_;
  engine::Caller caller_ = engine::Caller::admin();
};

// --durability of commands that write.
void define_durability(Arguments& arguments, std::string& word);
engine::Durability durability_of(const std::string& word);

}  // namespace quire::cli
