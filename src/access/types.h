#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

// The words of the layer: who there is, and what they may.
namespace quire::access {

// Argon2id, as RFC 9106 names its parameters. Never below 19 MiB with two passes.
struct PasswordCost {
  std::uint32_t memory_kib = 64 * 1024;
  std::uint32_t passes = 3;
};

struct Options {
  PasswordCost password;
  std::uint32_t hashes_at_once = 2;
  std::uint32_t waiting_hashes = 64;  // past it: exhausted
  std::chrono::milliseconds reservation = std::chrono::minutes(5);
  std::chrono::milliseconds session_idle = std::chrono::minutes(30);
  std::chrono::milliseconds session_life = std::chrono::hours(12);
  std::chrono::milliseconds key_life = std::chrono::days(90);
  bool registration = true;             // anybody may make an account
  std::uint32_t databases_each = 1000;  // of one account
  std::uint64_t database_bytes = 0;     // of the documents in an account's database; 0: no limit
  std::uint32_t feeds_each = 1000;      // that one account follows or waits for at once
};

// What an account may do with the server.
enum class Role : std::uint8_t {
  user,   // makes databases of its own, within its quotas
  admin,  // everything, on every database and account
};
std::string_view name(Role role);
std::optional<Role> role_of(std::string_view name);

// What somebody may do with a database. Each includes those in front of it.
enum class Right : std::uint8_t { none, read, write, owner };
std::string_view name(Right right);
std::optional<Right> right_of(std::string_view name);

struct User {
  std::string id;  // stable, never another account's: "u_" and 16 hexadecimal digits
  std::string name;
  std::string email;
  Role role = Role::user;
  bool disabled = false;
  WallMs created_ms = 0;
};

// What becomes an account. Errors of its parts name the fields "username", "password" and "email".
struct NewUser {
  std::string name;
  Secret password;
  std::string email;  // empty: none, where an administrator makes the account
  Role role = Role::user;
};

// An API key, without what is secret of it.
struct Key {
  std::string id;
  std::string user;  // an account's id
  std::string label;
  Right most = Right::owner;           // narrows the account's own rights
  std::vector<std::string> databases;  // ids; empty: all that the account may use
  WallMs created_ms = 0;
  WallMs expires_ms = 0;    // 0: never
  WallMs last_used_ms = 0;  // to the day; 0: never
};

struct NewKey {
  Key key;
  Secret text;  // shown once
};

struct KeyRequest {
  std::string label{};
  Right most = Right::owner;
  std::vector<std::string> databases{};
  std::optional<std::chrono::milliseconds> life{};  // none: the default of the options; 0: without an end
  bool only = false;  // ends the account's keys that were made so before: one at a time
};

struct NewSession {
  std::string user;  // an account's id
  Secret token;
  WallMs expires_ms = 0;  // at the latest; without use sooner
};

// One account's right on a database.
struct Grant {
  std::string user;  // an account's id
  std::string user_name;
  Right right = Right::none;
};

// A database that one account has for itself.
struct Reservation {
  std::string database;  // its id
  std::string holder;    // an account's id
  WallMs expires_ms = 0;
  std::uint64_t epoch = 0;  // only grows, over all reservations of the database
};

}  // namespace quire::access
