#pragma once

#include <string>

#include "engine/catalog.h"

// How databases and collections read in answers.
namespace quire::api::rest {

void print_database(const engine::DatabaseDescription& database, std::string& out);
void print_database(const engine::DatabaseStatistics& figures, std::string& out);
void print_collection(const engine::CollectionDescription& collection, std::string& out);

}  // namespace quire::api::rest
