#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace quire::database {

// The folders of a data directory on disk: DIR/catalog, a store, and DIR/databases/ID, a shard each.
class DataDirectory {
 public:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string catalog() const { return path_ + "/catalog"; }
  std::string databases() const { return path_ + "/databases"; }
  std::string database(const std::string& id) const { return databases() + "/" + id; }

  // True for a data directory, false where there is nothing, or an empty folder. Touches nothing. Errors:
  // invalid (something else is there), corrupt (half a data directory), io.
  Result<bool> exists() const;
  // The names under databases/.
  Result<std::vector<std::string>> database_folders() const;

 private:
  const std::string path_;
};

// Makes what a rename or a new name in this directory did durable.
Status sync_directory(const std::string& directory);
// Gives a finished directory its name, durably.
Status rename_directory(const std::string& from, const std::string& to);
Status remove_directory(const std::string& directory);
// Makes the directory, which must not exist, and those above it.
Status make_directory(const std::string& directory);

}  // namespace quire::database
