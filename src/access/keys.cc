#include <algorithm>

#include "access/local_access.h"
#include "access/tuning.h"
#include "access/unicode.h"
#include "base/bytes.h"

namespace quire::access {

namespace {

Status check_label(std::string_view label) {
  if (label.size() > tuning::kLabelBytes) {
    return Error(ErrorCode::too_large, "a key's label has more than 128 bytes")
        .at("label")
        .over(tuning::kLabelBytes);
  }
  if (!valid_utf8(label) || has_control(label)) {
    return Error(ErrorCode::invalid, "a key's label holds a control character or is not UTF-8").at("label");
  }
  return ok();
}

Status check_databases(const std::vector<std::string>& databases) {
  if (databases.size() > tuning::kKeyDatabases) {
    return Error(ErrorCode::too_large, "a key is for 64 databases at most, or for all")
        .at("databases")
        .over(tuning::kKeyDatabases);
  }
  for (const std::string& id : databases) {
    if (!database_number(id)) return Error(ErrorCode::invalid, "this is no database's id").at("databases");
  }
  return ok();
}

// Without use of either: an expired one is only of interest until another is made.
void make_room(UserRecord& record, const KeyRequest& request, WallMs now) {
  std::erase_if(record.keys, [&](const KeyRecord& key) {
    const bool expired = key.expires_ms != 0 && key.expires_ms <= now;
    return expired || (request.only && key.single);
  });
}

}  // namespace

Result<NewKey> LocalAccess::make_key(std::string_view user, const KeyRequest& request) {
  QUIRE_TRY_STATUS(check_label(request.label));
  QUIRE_TRY_STATUS(check_databases(request.databases));
  const auto life = request.life.value_or(options_.key_life);
  if (life.count() < 0) return Error(ErrorCode::invalid, "a key's life is negative").at("life");
  QUIRE_TRY(const std::string folded, folded_of(user));
  const auto known = directory_.find(user);
  if (!known) return Error(ErrorCode::not_found, "there is no such account").at("userID");
  NewToken token = new_token(known->role == Role::admin ? TokenKind::admin : TokenKind::user);
  const WallMs now = clock_.wall_ms();
  KeyRecord key{.id = token.id,
                .digest = token.digest,
                .label = request.label,
                .most = request.most,
                .databases = request.databases,
                .single = request.only,
                .created_ms = now,
                .expires_ms = life.count() == 0 ? 0 : now + life.count(),
                .used_ms = 0};
  QUIRE_TRY_STATUS(change_user(folded, [&](UserRecord& record) -> Status {
    if (record.user.disabled) return Error(ErrorCode::forbidden, "the account is disabled").at("userID");
    make_room(record, request, now);
    if (record.keys.size() >= tuning::kKeysEach) {
      return Error(ErrorCode::exhausted, "an account has 100 keys at most").over(tuning::kKeysEach);
    }
    record.keys.push_back(key);
    return ok();
  }));
  return NewKey{Credential(*known, key).key(), std::move(token.text)};
}

std::vector<Key> LocalAccess::keys(std::string_view user) { return directory_.keys(user); }

Status LocalAccess::revoke_key(std::string_view user, std::string_view id) {
  QUIRE_TRY(const std::string folded, folded_of(user));
  return change_user(folded, [&](UserRecord& record) -> Status {
    const auto gone = std::erase_if(record.keys, [&](const KeyRecord& key) { return key.id == id; });
    if (gone == 0) return Error(ErrorCode::not_found, "the account has no such key").at("apiKey");
    return ok();
  });
}

}  // namespace quire::access
