#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "access/types.h"
#include "base/random.h"
#include "base/result.h"

namespace quire::access {

// What a configuration may set: 19 MiB with two passes at least, a gibibyte and 32 passes at most. Errors:
// invalid, too_large. Nobody else looks: tests hash for less.
Status check_password_cost(const PasswordCost& cost);

// The hash of a password as a PHC string, "$argon2id$v=19$m=65536,t=3,p=1$...", under a fresh salt. Takes as
// long and as much memory as the cost says; the memory goes back to the operating system. Errors: exhausted
// (no memory).
Result<std::string> argon2_hash(std::string_view password, const PasswordCost& cost, Random& random);

// Whether the password is the one of the string. Takes what the string says. Errors: exhausted (no memory),
// corrupt (no such string).
Result<bool> argon2_verify(std::string_view phc, std::string_view password);

// The cost that a string was made at; nullopt where it is none of ours.
std::optional<PasswordCost> argon2_cost(std::string_view phc);

// A string that takes the same to verify as a real one and that no password has.
std::string argon2_of_nobody(const PasswordCost& cost);

}  // namespace quire::access
