#include <algorithm>

#include "access/local_access.h"
#include "access/names.h"
#include "access/tuning.h"
#include "base/hash.h"

namespace quire::access {

namespace {

constexpr WallMs kDayMs = 24LL * 3600 * 1000;

Error wrong() { return Error(ErrorCode::unauthenticated, "the user name or the password is wrong"); }

std::array<char, 16> password_mac(std::string_view folded, const Secret& password) {
  std::string text(folded);
  text.reserve(folded.size() + 1 + password.reveal().size());
  text.push_back('\0');
  text.append(password.reveal());
  const Secret wiped(text);
  const auto mac = process_mac(wiped.reveal());
  volatile char* const bytes = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
  return mac;
}

}  // namespace

std::optional<std::string_view> Access::key_id(std::string_view text) {
  const auto token = parse_token(text);
  if (!token || token->kind == TokenKind::session) return std::nullopt;
  return token->id;
}

bool Access::is_session(const Identity& identity) {
  const auto* const credential = dynamic_cast<const Credential*>(&identity);
  return credential != nullptr && credential->is_session();
}

// --- tokens

std::shared_ptr<const Identity> LocalAccess::authenticate(std::string_view token) {
  if (token.size() > kTokenMost) return nullptr;
  const auto mac = process_mac(token);
  auto credential = tokens_.find(mac);
  // One that has ended may have a successor of another role.
  if (!credential || credential->ended()) {
    const auto parsed = parse_token(token);
    if (!parsed) return nullptr;
    credential = directory_.credential(credential_number(parsed->id));
    if (!credential || credential->is_session() != (parsed->kind == TokenKind::session)) return nullptr;
    if (!same(credential->digest(), token_digest(token))) return nullptr;
    tokens_.put(mac, credential);
  }
  if (!admit(credential)) return nullptr;
  return credential;
}

// Whether its time has not passed; notes the use.
bool LocalAccess::admit(const std::shared_ptr<Credential>& credential) {
  const WallMs now = clock_.wall_ms();
  if (credential->ended()) return false;
  if (credential->expires_ms != 0 && now >= credential->expires_ms) return false;
  const WallMs moving = credential->moving_ms.load(std::memory_order_relaxed);
  if (!credential->is_session()) {
    const WallMs day = now - now % kDayMs;
    if (moving != day) {
      credential->moving_ms.store(day, std::memory_order_relaxed);
      save_soon(credential);
    }
    return true;
  }
  if (now >= moving) return false;
  const WallMs idle = options_.session_idle.count();
  const WallMs end = std::min(now + idle, credential->expires_ms);
  if (end - moving < tuning::kSlideEveryMs) return true;
  credential->moving_ms.store(end, std::memory_order_relaxed);
  if (credential->stored_ms.load(std::memory_order_relaxed) - now < idle / 2) save_soon(credential);
  return true;
}

// One at a time of each. Where it cannot be stored, a later use tries again.
void LocalAccess::save_soon(const std::shared_ptr<Credential>& credential) {
  if (credential->saving.exchange(true)) return;
  executor_.post(gate_.guard([this, credential] {
    const auto folded = directory_.folded(credential->user);
    if (folded && !credential->ended()) (void)change_user(*folded, [](UserRecord&) { return ok(); });
    credential->saving = false;
  }));
}

// --- passwords

Result<std::shared_ptr<const Identity>> LocalAccess::check_password(std::string_view user_name,
                                                                    const Secret& password,
                                                                    std::string_view address) {
  return prove(user_name, password, address);
}

Result<std::shared_ptr<const Identity>> LocalAccess::prove(std::string_view user_name, const Secret& typed,
                                                           std::string_view address) {
  const auto folded = folded_name(user_name);
  const std::string_view throttled = folded ? std::string_view(*folded) : user_name;
  if (const auto wait = throttle_.begin(throttled, address)) {
    return Error(ErrorCode::exhausted, "too many passwords were wrong; wait before the next")
        .after(static_cast<std::uint64_t>(wait->count()));
  }
  auto identity = look_at(folded, typed);
  if (identity) {
    throttle_.succeeded(throttled, address);
  } else if (identity.error().code() == ErrorCode::unauthenticated) {
    throttle_.failed(throttled, address);
    const auto known = folded ? directory_.find(*folded) : std::nullopt;
    note("login refused", nullptr, known ? known->id : "", address);  // a name may be a password by mistake
  } else {
    throttle_.given_up(throttled, address);
  }
  return identity;
}

// The same work whether there is such an account, it is disabled, or the password is wrong.
Result<std::shared_ptr<const Identity>> LocalAccess::look_at(const std::optional<std::string>& folded,
                                                             const Secret& typed) {
  const auto password = password_text(typed);
  if (!password && password.error().code() == ErrorCode::too_large) return password.error();
  if (!password) return wrong();
  QUIRE_TRY(const auto stored, store_->user(folded.value_or("/")));  // no account has that name
  const auto mac = password_mac(folded.value_or(""), *password);
  if (folded) {
    if (auto known = directory_.remembered(*folded, mac, clock_.steady())) return known;
  }
  const bool usable = stored && !stored->record.user.disabled;
  QUIRE_TRY(const bool right, hasher_.verify(usable ? stored->record.password : "", *password));
  if (!right) return wrong();
  const std::string& phc = stored->record.password;
  auto identity = directory_.proved(*folded, phc, mac, clock_.steady() + tuning::kPasswordRemembered);
  if (!identity) return wrong();  // it was changed meanwhile
  if (hasher_.outdated(phc)) hash_anew(*folded, phc, *password);
  return identity;
}

// Another try with the next login where it fails.
void LocalAccess::hash_anew(const std::string& folded, const std::string& phc, const Secret& password) {
  const auto hashed = hasher_.hash(password);
  if (!hashed) return;
  const auto change = [&](UserRecord& record) -> Status {
    if (record.password != phc) return wrong();
    record.password = *hashed;
    return ok();
  };
  (void)change_user(folded, change, {.same_password = true});
}

// --- sessions

Result<NewSession> LocalAccess::log_in(std::string_view user_name, const Secret& password,
                                       std::string_view address) {
  QUIRE_TRY(const auto identity, prove(user_name, password, address));
  QUIRE_TRY(const std::string folded, folded_of(identity->user));
  NewToken token = new_token(TokenKind::session);
  const WallMs now = clock_.wall_ms();
  SessionRecord session;
  session.id = token.id;
  session.digest = token.digest;
  session.created_ms = now;
  session.expires_ms = now + options_.session_life.count();
  session.idle_ms = std::min(now + options_.session_idle.count(), session.expires_ms);
  QUIRE_TRY_STATUS(change_user(folded, [&](UserRecord& record) -> Status {
    if (identity->ended()) return wrong();  // within the account's lock: nothing ends it behind this
    auto& all = record.sessions;
    std::erase_if(all, [now](const auto& old) { return old.expires_ms <= now || old.idle_ms <= now; });
    while (all.size() >= tuning::kSessionsEach) {
      all.erase(std::min_element(all.begin(), all.end(),
                                 [](const auto& a, const auto& b) { return a.idle_ms < b.idle_ms; }));
    }
    all.push_back(session);
    return ok();
  }));
  audit_.note({.time_ms = 0,
               .event = "login",
               .user = identity->user,
               .credential = token.id,
               .on = identity->user,
               .address = std::string(address)});
  return NewSession{identity->user, std::move(token.text), session.expires_ms};
}

Status LocalAccess::log_out(const Identity& session) {
  if (!is_session(session)) return Error(ErrorCode::invalid, "only a session can be logged out");
  QUIRE_TRY(const std::string folded, folded_of(session.user));
  QUIRE_TRY_STATUS(change_user(folded, [&](UserRecord& record) -> Status {
    const auto gone =
        std::erase_if(record.sessions, [&](const auto& known) { return known.id == session.credential; });
    if (gone == 0) return Error(ErrorCode::not_found, "the session has ended already");
    return ok();
  }));
  note("logout", &session, session.user, {});
  return ok();
}

}  // namespace quire::access
