#include "access/credential.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"

namespace quire::access {

namespace {

constexpr unsigned kNoDigit = 0x80;

constexpr auto kDigitOf = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (unsigned i = 0; i < 10; ++i) digits['0' + i] = static_cast<std::uint8_t>(i);
  for (unsigned i = 0; i < 6; ++i) digits['a' + i] = static_cast<std::uint8_t>(10 + i);
  return digits;
}();

}  // namespace

Credential::Credential(const User& account, const KeyRecord& record)
    : Identity(account.id, account.name, account.role, record.id),
      moving_ms(record.used_ms),
      stored_ms(record.used_ms),
      digest_(record.digest),
      session_(false),
      single_(record.single),
      created_ms_(record.created_ms),
      label_(record.label) {
  most = record.most;
  databases = record.databases;
  expires_ms = record.expires_ms;
}

Credential::Credential(const User& account, const SessionRecord& record)
    : Identity(account.id, account.name, account.role, record.id),
      moving_ms(record.idle_ms),
      stored_ms(record.idle_ms),
      digest_(record.digest),
      session_(true),
      created_ms_(record.created_ms) {
  expires_ms = record.expires_ms;
}

WallMs Credential::ends_ms() const {
  return session_ ? std::min(moving_ms.load(std::memory_order_relaxed), expires_ms) : expires_ms;
}

Key Credential::key() const {
  Key key;
  key.id = credential;
  key.user = user;
  key.label = label_;
  key.most = most;
  key.databases = databases;
  key.created_ms = created_ms_;
  key.expires_ms = expires_ms;
  key.last_used_ms = moving_ms.load(std::memory_order_relaxed);
  return key;
}

KeyRecord Credential::key_record() const {
  return {.id = credential,
          .digest = digest_,
          .label = label_,
          .most = most,
          .databases = databases,
          .single = single_,
          .created_ms = created_ms_,
          .expires_ms = expires_ms,
          .used_ms = moving_ms.load(std::memory_order_relaxed)};
}

SessionRecord Credential::session_record() const {
  return {.id = credential,
          .digest = digest_,
          .created_ms = created_ms_,
          .expires_ms = expires_ms,
          .idle_ms = moving_ms.load(std::memory_order_relaxed)};
}

std::uint64_t credential_number(std::string_view id) {
  std::uint64_t number = 0;
  static_assert(sizeof number == kTokenIdLength);
  if (id.size() == kTokenIdLength) std::memcpy(&number, id.data(), sizeof number);
  return number;
}

// Two of these stand in every request: a table, and one look at the end.
std::optional<std::uint64_t> database_number(std::string_view id) {
  if (id.size() != 16) return std::nullopt;
  std::uint64_t number = 0;
  unsigned seen = 0;
  for (const char c : id) {
    const unsigned digit = kDigitOf[static_cast<unsigned char>(c)];
    seen |= digit;
    number = number << 4 | digit;
  }
  if (seen > 0xF) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> user_number(std::string_view id) {
  if (!id.starts_with("u_")) return std::nullopt;
  return database_number(id.substr(2));
}

std::string database_id(std::uint64_t number) {
  std::string bytes;
  put_u64(bytes, number);
  return to_hex(bytes);
}

std::string user_id(std::uint64_t number) { return "u_" + database_id(number); }

}  // namespace quire::access
