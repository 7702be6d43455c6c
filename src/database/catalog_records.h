#pragma once

#include <string>
#include <string_view>

#include "database/catalog.h"

// The keys and values of a data directory's catalog: docs/formats/catalog.md has every byte. Each value
// begins with its version; a decoder answers corrupt for anything it does not know.
namespace quire::database {

inline constexpr std::uint8_t kCatalogVersion = 1;

// Says that the store is a catalog: key 'C'.
struct CatalogRecord {
  WallMs created_ms = 0;
};
void encode(const CatalogRecord& catalog, std::string& out);
Result<CatalogRecord> decode_catalog(std::string_view record);

// Says which node's data this is: key 'U'.
inline constexpr std::size_t kNodeIdBytes = 16;
struct NodeRecord {
  std::string id;  // 16 bytes, drawn at random
};
void encode(const NodeRecord& node, std::string& out);
Result<NodeRecord> decode_node(std::string_view record);

enum class DatabaseState : std::uint8_t {
  planned = 0,   // never used: its folder may not exist yet, or be half made
  live = 1,      // its folder exists
  removing = 2,  // its folder goes, and then this record
};

// A database: key 'D'.
struct DatabaseRecord {
  DatabaseState state = DatabaseState::planned;
  bool restored = false;  // its next opening begins a new incarnation
  DatabaseInfo info;      // without the id, which stands in the key
};
void encode(const DatabaseRecord& database, std::string& out);
Result<DatabaseRecord> decode_database(std::string_view record);

// When a database asks for care: key 'W'.
struct DueRecord {
  WallMs due_ms = 0;
};
void encode(const DueRecord& due, std::string& out);
Result<DueRecord> decode_due(std::string_view record);

namespace keys {
inline constexpr std::string_view kCatalog = "C";
inline constexpr std::string_view kNode = "U";
// `id`: 16 hexadecimal digits, as DatabaseInfo has them.
std::string database(std::string_view id);
std::string due(std::string_view id);
// Of either key; empty where it is malformed.
std::string database_id(std::string_view key);
}  // namespace keys

}  // namespace quire::database
