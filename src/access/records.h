#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/token.h"
#include "access/types.h"
#include "base/result.h"

// What is stored, as JSON texts (docs/formats/access.md). No record holds a secret, only what knows one
// again.
namespace quire::access {

inline constexpr int kRecordVersion = 1;

struct KeyRecord {
  std::string id;
  Digest digest{};
  std::string label;
  Right most = Right::owner;
  std::vector<std::string> databases;
  bool single = false;  // of those of which an account has one
  WallMs created_ms = 0;
  WallMs expires_ms = 0;
  WallMs used_ms = 0;
  friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
};

struct SessionRecord {
  std::string id;
  Digest digest{};
  WallMs created_ms = 0;
  WallMs expires_ms = 0;  // whatever its use
  WallMs idle_ms = 0;     // without use before
  friend bool operator==(const SessionRecord&, const SessionRecord&) = default;
};

// An account with all that proves it: one record, so that a password, a key and a session change together or
// not.
struct UserRecord {
  User user;
  std::string password;  // a PHC string
  std::vector<KeyRecord> keys;
  std::vector<SessionRecord> sessions;
};

inline constexpr std::string_view kEverybody = "*";

struct GrantRecord {
  std::string database;
  std::string user;  // an account's id, or kEverybody
  Right right = Right::none;
  friend bool operator==(const GrantRecord&, const GrantRecord&) = default;
};

struct ReservationRecord {
  std::string database;
  std::string holder;  // an account's id; empty: nobody
  WallMs expires_ms = 0;
  std::uint64_t epoch = 0;
  friend bool operator==(const ReservationRecord&, const ReservationRecord&) = default;
};

struct AuditRecord {
  WallMs time_ms = 0;
  std::string event;
  std::string user;        // an account's id; empty: nobody, or the owner of the process
  std::string credential;  // a key's or session's id; empty: a password
  std::string on;
  std::string address;
  friend bool operator==(const AuditRecord&, const AuditRecord&) = default;
};

std::string encode(const UserRecord& record);
std::string encode(const GrantRecord& record);
std::string encode(const ReservationRecord& record);
std::string encode(const AuditRecord& record);

// Errors: corrupt; not_implemented, for a record of a later version.
Result<UserRecord> decode_user(std::string_view text);
Result<GrantRecord> decode_grant(std::string_view text);
Result<ReservationRecord> decode_reservation(std::string_view text);
Result<AuditRecord> decode_audit(std::string_view text);

}  // namespace quire::access
