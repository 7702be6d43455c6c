#include "cli/place.h"

#include <cstdlib>

namespace quire::cli {

void Place::define_data(Arguments& arguments) {
  const char* const from_environment = std::getenv("QUIRE_DATA");
  data = from_environment == nullptr || *from_environment == '\0' ? "./quire-data" : from_environment;
  arguments.option("--data", data, "the data directory (also: $QUIRE_DATA)");
}

void Place::define_database(Arguments& arguments) {
  arguments.option("--database", database, "the database (default: main)");
}

void Place::define_collection(Arguments& arguments, const char* help) {
  arguments.option("--collection", collection, help);
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
