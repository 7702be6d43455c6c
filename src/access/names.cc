#include "access/names.h"

#include <algorithm>

#include "access/tuning.h"
#include "access/unicode.h"
#include "base/bytes.h"

namespace quire::access {

namespace {

Error wrong(const char* field, const char* why) { return Error(ErrorCode::invalid, why).at(field); }

Error too_long(const char* field, const char* what, std::size_t limit) {
  return Error(ErrorCode::too_large, std::string(what) + " has more than " + std::to_string(limit) + " bytes")
      .at(field)
      .over(limit);
}

bool is_host(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  const bool dotted = dot != std::string_view::npos && dot > 0 && host.size() - dot > 2;
  return dotted && host.front() != '.' && host.find("..") == std::string_view::npos;
}

void overwrite(std::string& text) {
  volatile char* const bytes = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
}

}  // namespace

bool is_user_id(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return text.size() == 18 && text.starts_with("u_") &&
         text.find_first_not_of(kDigits, 2) == std::string_view::npos;
}

Result<UserName> user_name(std::string_view text) {
  constexpr const char* kField = "username";
  if (text.empty()) return wrong(kField, "a user's name is empty");
  if (text.size() > tuning::kNameBytes) return too_long(kField, "a user's name", tuning::kNameBytes);
  auto nfc = to_nfc(text);
  if (!nfc) return wrong(kField, "a user's name is not UTF-8");
  if (nfc->size() > tuning::kNameBytes) return too_long(kField, "a user's name", tuning::kNameBytes);
  if (has_control(*nfc)) return wrong(kField, "a user's name holds a control character");
  if (nfc->find_first_of("/:") != std::string::npos) return wrong(kField, "a user's name holds '/' or ':'");
  if (has_outer_space(*nfc)) return wrong(kField, "a user's name begins or ends with white space");
  if (*nfc == "." || *nfc == "..") return wrong(kField, "a user's name is '.' or '..'");
  UserName name{std::move(*nfc), {}};
  name.folded = fold(name.shown);
  if (is_user_id(name.folded)) return wrong(kField, "a user's name looks like an account's id");
  return name;
}

std::optional<std::string> folded_name(std::string_view text) {
  auto name = user_name(text);
  if (!name) return std::nullopt;
  return std::move(name->folded);
}

Status check_email(std::string_view text) {
  constexpr const char* kField = "email";
  if (text.size() > tuning::kEmailBytes) return too_long(kField, "an e-mail address", tuning::kEmailBytes);
  const std::size_t at = text.rfind('@');
  const bool parted = at != std::string_view::npos && at > 0 && text.find('@') == at;
  if (!parted || !is_host(text.substr(at + 1))) {
    return wrong(kField, "an e-mail address has the form name@host.domain");
  }
  const bool spaced = text.find(' ') != std::string_view::npos;
  if (!valid_utf8(text) || spaced || has_control(text)) {
    return wrong(kField, "an e-mail address holds a space or a control character");
  }
  return ok();
}

Result<Secret> password_text(const Secret& typed) {
  constexpr const char* kField = "password";
  const std::string_view text = typed.reveal();
  if (text.size() > tuning::kPasswordMost) return too_long(kField, "a password", tuning::kPasswordMost);
  if (text.size() < tuning::kPasswordLeast) return wrong(kField, "a password has fewer than 8 bytes");
  auto nfc = to_nfc(text);
  if (!nfc) return wrong(kField, "a password is not UTF-8");
  Secret password(*nfc);
  overwrite(*nfc);
  const std::size_t size = password.reveal().size();
  if (size > tuning::kPasswordMost) return too_long(kField, "a password", tuning::kPasswordMost);
  if (size < tuning::kPasswordLeast) return wrong(kField, "a password has fewer than 8 bytes");
  return password;
}

}  // namespace quire::access
