#include "cli/place.h"

#include <cstdlib>

namespace quire::cli {

namespace {

// Empty where the variable is not set.
std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

void Place::define_data(Arguments& arguments) {
  arguments.option("--data", data, "the data directory (also: $QUIRE_DATA; default: ./quire-data)");
}

void Place::define_node(Arguments& arguments) {
  define_data(arguments);
  define_server(arguments);
}

void Place::define_server(Arguments& arguments) {
  arguments.option("--server", server,
                   "the server to speak to instead, as http://HOST:PORT (also: $QUIRE_SERVER)");
  arguments.option("--key-file", key_file,
                   "the file that holds the key to show it (or the key itself: $QUIRE_KEY)");
}

void Place::define_database(Arguments& arguments) {
  arguments.option("--database", database, "the database (default: main)");
}

void Place::define_collection(Arguments& arguments, const char* help) {
  arguments.option("--collection", collection, help);
}

std::string Place::data_directory() const {
  if (!data.empty()) return data;
  const std::string named = variable("QUIRE_DATA");
  return named.empty() ? "./quire-data" : named;
}

Result<std::string> Place::server_url() const {
  if (!server.empty() && !data.empty()) {
    return Error(ErrorCode::invalid, "--data and --server name two places; a command works at one");
  }
  if (!server.empty()) return server;
  return data.empty() ? variable("QUIRE_SERVER") : std::string();
}

Result<std::string> Place::take_address(const std::string& address) {
  std::string id = address;
  if (database.empty() && collection.empty()) {
    const auto first = address.find('/');
    const auto second = first == std::string::npos ? first : address.find('/', first + 1);
    if (second != std::string::npos) {
      database = address.substr(0, first);
      collection = address.substr(first + 1, second - first - 1);
      id = address.substr(second + 1);
      if (database.empty() || collection.empty()) id.clear();
    } else if (first != std::string::npos) {
      collection = address.substr(0, first);
      id = address.substr(first + 1);
      if (collection.empty()) id.clear();
    }
  }
  if (!id.empty()) return id;
  return Error(
      ErrorCode::invalid,
      "'" + address +
          "' is not ID, COLLECTION/ID or DATABASE/COLLECTION/ID; with --collection, all of it is the id");
}

}  // namespace quire::cli
