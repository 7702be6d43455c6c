#pragma once

#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "engine/address.h"

namespace quire::cli {

// Where a command works: --data or --server, --database, --collection.
struct Place {
  std::string data;        // empty: $QUIRE_DATA, or ./quire-data
  std::string server;      // a URL; empty: the data directory is opened by this process
  std::string key_file;    // of the key that the server is shown; empty: $QUIRE_KEY
  std::string database;    // empty: main
  std::string collection;  // empty: _default, or all where a command says so

  void define_data(Arguments& arguments);
  void define_server(Arguments& arguments);
  // A data directory or a server.
  void define_node(Arguments& arguments);
  void define_database(Arguments& arguments);
  void define_collection(Arguments& arguments, const char* help = "the collection (default: _default)");

  engine::DatabaseAddress database_address() const {
    return {.name = database.empty() ? std::string_view("main") : database};
  }
  engine::CollectionAddress collection_address() const {
    return {.database = database_address(),
            .collection = collection.empty() ? std::string_view("_default") : collection};
  }

  std::string data_directory() const;
  // The server to speak to: --server, or, where no --data was given, $QUIRE_SERVER; empty: none. Errors:
  // invalid (both a directory and a server were given).
  Result<std::string> server_url() const;

  // Takes ID, COLLECTION/ID or DATABASE/COLLECTION/ID apart into this place and answers the id. Where
  // --collection or
  // --database was given, the whole argument is the id, slashes and all. Errors: invalid.
  Result<std::string> take_address(const std::string& address);
};

}  // namespace quire::cli
