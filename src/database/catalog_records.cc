#include "database/catalog_records.h"

#include "base/bytes.h"
#include "base/check.h"

namespace quire::database {

namespace {

enum DatabaseFlag : std::uint8_t {
  kState = 3,
  kRestored = 4,
  kTombstones = 8,
  kRevisions = 16,
  kPurges = 32
};

Error damaged(const char* what) {
  return Error(ErrorCode::corrupt, std::string("a ") + what + " record of the catalog is malformed");
}

Status take_version(ByteReader& in, const char* what) {
  const std::uint8_t version = in.u8();
  if (!in.ok()) return damaged(what);
  if (version == kCatalogVersion) return ok();
  return Error(ErrorCode::corrupt, std::string("a ") + what + " record of the catalog is of version " +
                                       std::to_string(version) + ", and this program reads version " +
                                       std::to_string(kCatalogVersion));
}

void put_ms(std::string& out, std::int64_t ms) { put_u64(out, static_cast<std::uint64_t>(ms)); }
std::int64_t take_ms(ByteReader& in) { return static_cast<std::int64_t>(in.u64()); }

std::string key_of(char letter, std::string_view id) {
  const auto bytes = from_hex(id);
  QUIRE_CHECK(bytes && bytes->size() == 8, "a database's id is not of 16 hexadecimal digits");
  return letter + *bytes;
}

}  // namespace

void encode(const CatalogRecord& catalog, std::string& out) {
  put_u8(out, kCatalogVersion);
  put_ms(out, catalog.created_ms);
}

Result<CatalogRecord> decode_catalog(std::string_view record) {
  ByteReader in(record);
  QUIRE_TRY_STATUS(take_version(in, "first"));
  CatalogRecord catalog;
  catalog.created_ms = take_ms(in);
  if (!in.done()) return damaged("first");
  return catalog;
}

void encode(const DatabaseRecord& database, std::string& out) {
  const ShardSettings& settings = database.info.settings;
  put_u8(out, kCatalogVersion);
  auto flags = static_cast<unsigned>(database.state);
  if (database.restored) flags |= kRestored;
  if (settings.tombstone_ms) flags |= kTombstones;
  if (settings.revision_limit != 0) flags |= kRevisions;
  if (settings.purge_limit != 0) flags |= kPurges;
  put_u8(out, static_cast<std::uint8_t>(flags));
  put_ms(out, database.info.created_ms);
  put_string(out, database.info.name);
  put_string(out, database.info.owner);
  put_ms(out, settings.history_ms);
  put_u64(out, settings.history_bytes);
  if (settings.tombstone_ms) put_ms(out, *settings.tombstone_ms);
  if (settings.revision_limit != 0) put_varint(out, settings.revision_limit);
  if (settings.purge_limit != 0) put_varint(out, settings.purge_limit);
}

Result<DatabaseRecord> decode_database(std::string_view record) {
  ByteReader in(record);
  QUIRE_TRY_STATUS(take_version(in, "database"));
  const std::uint8_t flags = in.u8();
  DatabaseRecord database;
  database.state = static_cast<DatabaseState>(flags & kState);
  database.restored = (flags & kRestored) != 0;
  database.info.created_ms = take_ms(in);
  database.info.name = in.string();
  database.info.owner = in.string();
  ShardSettings& settings = database.info.settings;
  settings.history_ms = take_ms(in);
  settings.history_bytes = in.u64();
  if ((flags & kTombstones) != 0) settings.tombstone_ms = take_ms(in);
  const bool limited = (flags & kRevisions) != 0;
  if (limited) settings.revision_limit = in.varint();
  const bool purges = (flags & kPurges) != 0;
  if (purges) settings.purge_limit = in.varint();
  const bool known = flags < 64 && limited == (settings.revision_limit != 0) &&
                     purges == (settings.purge_limit != 0) && database.state <= DatabaseState::removing;
  if (!in.done() || !known) return damaged("database");
  return database;
}

void encode(const NodeRecord& node, std::string& out) {
  put_u8(out, kCatalogVersion);
  out += node.id;
}

Result<NodeRecord> decode_node(std::string_view record) {
  ByteReader in(record);
  QUIRE_TRY_STATUS(take_version(in, "node"));
  NodeRecord node{std::string(in.bytes(kNodeIdBytes))};
  if (!in.done()) return damaged("node");
  return node;
}

void encode(const DueRecord& due, std::string& out) {
  put_u8(out, kCatalogVersion);
  put_ms(out, due.due_ms);
}

Result<DueRecord> decode_due(std::string_view record) {
  ByteReader in(record);
  QUIRE_TRY_STATUS(take_version(in, "due"));
  DueRecord due;
  due.due_ms = take_ms(in);
  if (!in.done()) return damaged("due");
  return due;
}

std::string keys::database(std::string_view id) { return key_of('D', id); }
std::string keys::due(std::string_view id) { return key_of('W', id); }
std::string keys::database_id(std::string_view key) {
  return key.size() == 9 ? to_hex(key.substr(1)) : std::string{};
}

}  // namespace quire::database
