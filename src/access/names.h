#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

// What may be the name, the address and the password of an account. Pure; callable from every thread.
namespace quire::access {

struct UserName {
  std::string shown;   // in NFC, as it was typed
  std::string folded;  // the same for all names that differ in case alone
};

// 1 to 128 bytes of UTF-8 in NFC, without control characters, '/' and ':', without white space around it, not
// "." or
// "..", and nothing that could be an account's id. Errors: invalid, too_large (field "username").
Result<UserName> user_name(std::string_view text);
// What a name is looked up by; nullopt where no account can have it.
std::optional<std::string> folded_name(std::string_view text);

// "u_" and 16 hexadecimal digits.
bool is_user_id(std::string_view text);

// Something, '@', and a host with a dot in it; 254 bytes at most. Errors: invalid, too_large (field "email").
Status check_email(std::string_view text);

// 8 to 1024 bytes of UTF-8, in NFC; the length is looked at before anything else. Errors: invalid, too_large
// (field "password").
Result<Secret> password_text(const Secret& typed);

}  // namespace quire::access
