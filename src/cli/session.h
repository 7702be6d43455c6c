#pragma once

#include <memory>
#include <string>

#include "cli/place.h"
#include "engine/catalog.h"
#include "engine/documents.h"
#include "engine/feeds.h"

namespace quire::cli {

// What commands work on: the engine's interfaces, over a data directory or a server. One command at a time.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual engine::Documents& documents() = 0;
  virtual engine::Feeds& feeds() = 0;
  virtual engine::Catalog& catalog() = 0;
  // Of what answers.
  virtual Result<std::string> version() = 0;
};

// A place opened for the length of a command, by whoever owns the process or shows the key.
class Session {
 public:
  enum class Missing { is_an_error, is_made };
  // Errors, of a directory: locked, not_found, corrupt, io; of a server only those of its URL and key:
  // whether it answers is seen with the first call.
  static Result<Session> open(const Place& place, Missing missing);
  // A data directory, whatever else the place says.
  static Result<Session> open_directory(const Place& place, Missing missing);

  engine::Documents& documents() { return backend_->documents(); }
  engine::Feeds& feeds() { return backend_->feeds(); }
  engine::Catalog& catalog() { return backend_->catalog(); }
  Backend& backend() { return *backend_; }
  const engine::Caller& caller() const { return caller_; }

  // Writes one change and waits. Errors: those of the change, too.
  Result<engine::EditResult> write_one(const Place& place, engine::Change change,
                                       const engine::WriteOptions& options);

 private:
  explicit Session(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}

  std::unique_ptr<Backend> backend_;
  engine::Caller caller_ = engine::Caller::admin();
};

// --durability of commands that write.
void define_durability(Arguments& arguments, std::string& word);
engine::Durability durability_of(const std::string& word);

}  // namespace quire::cli
