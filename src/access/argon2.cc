#include "access/argon2.h"

#include <sodium.h>

#include <array>
#include <charconv>

#include "access/tuning.h"

// libsodium maps the memory of a hash and unmaps it, so that none of it stays with the process, or in it.
namespace quire::access {

namespace {

constexpr std::size_t kSaltBytes = crypto_pwhash_argon2id_SALTBYTES;
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kPrefix = "$argon2id$v=19$m=";

// PHC strings use Base64 without padding.
std::string base64(const unsigned char* bytes, std::size_t count) {
  std::string out(sodium_base64_ENCODED_LEN(count, sodium_base64_VARIANT_ORIGINAL_NO_PADDING), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes, count, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  out.pop_back();  // the NUL
  return out;
}

std::string phc_string(const PasswordCost& cost, const unsigned char* salt, const unsigned char* hash) {
  return std::string(kPrefix) + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
         ",p=1$" + base64(salt, kSaltBytes) + "$" + base64(hash, kHashBytes);
}

std::optional<std::uint32_t> number_before(std::string_view& rest, std::string_view end) {
  std::uint32_t number = 0;
  const auto [stop, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (failed != std::errc()) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
  if (!rest.starts_with(end)) return std::nullopt;
  rest.remove_prefix(end.size());
  return number;
}

struct Parts {
  PasswordCost cost;
  std::array<unsigned char, kSaltBytes> salt;
  std::array<unsigned char, kHashBytes> hash;
};

bool decode(std::string_view text, unsigned char* out, std::size_t bytes) {
  std::size_t length = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(out, bytes, text.data(), text.size(), nullptr, &length, &end,
                                       sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  return failed == 0 && length == bytes && end == text.data() + text.size();
}

std::optional<Parts> parse(std::string_view phc) {
  if (!phc.starts_with(kPrefix)) return std::nullopt;
  std::string_view rest = phc.substr(kPrefix.size());
  const auto memory = number_before(rest, ",t=");
  if (!memory) return std::nullopt;
  const auto passes = number_before(rest, ",p=1$");
  if (!passes) return std::nullopt;
  const std::size_t dollar = rest.find('$');
  if (dollar == std::string_view::npos) return std::nullopt;
  Parts parts{{*memory, *passes}, {}, {}};
  if (!decode(rest.substr(0, dollar), parts.salt.data(), kSaltBytes)) return std::nullopt;
  if (!decode(rest.substr(dollar + 1), parts.hash.data(), kHashBytes)) return std::nullopt;
  return parts;
}

Status compute(std::string_view password, const PasswordCost& cost, const unsigned char* salt,
               unsigned char* out) {
  const int failed =
      crypto_pwhash_argon2id(out, kHashBytes, password.data(), password.size(), salt, cost.passes,
                             std::size_t{cost.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (failed == 0) return ok();
  return Error(ErrorCode::exhausted, "there is no memory to hash a password").after(tuning::kRetryHashMs);
}

}  // namespace

Status check_password_cost(const PasswordCost& cost) {
  if (cost.memory_kib < tuning::kMemoryLeastKib || cost.passes < tuning::kPassesLeast) {
    return Error(ErrorCode::invalid, "a password's hash takes 19 MiB and two passes at least");
  }
  if (cost.memory_kib > tuning::kMemoryMostKib || cost.passes > tuning::kPassesMost) {
    return Error(ErrorCode::too_large, "a password's hash takes a gibibyte and 32 passes at most")
        .over(cost.memory_kib > tuning::kMemoryMostKib ? tuning::kMemoryMostKib : tuning::kPassesMost);
  }
  return ok();
}

Result<std::string> argon2_hash(std::string_view password, const PasswordCost& cost, Random& random) {
  std::array<unsigned char, kSaltBytes> salt;
  random.fill(salt.data(), salt.size());
  std::array<unsigned char, kHashBytes> hash;
  QUIRE_TRY_STATUS(compute(password, cost, salt.data(), hash.data()));
  return phc_string(cost, salt.data(), hash.data());
}

Result<bool> argon2_verify(std::string_view phc, std::string_view password) {
  const auto parts = parse(phc);
  if (!parts) return Error(ErrorCode::corrupt, "an account's password is not an Argon2id string");
  std::array<unsigned char, kHashBytes> hash;
  QUIRE_TRY_STATUS(compute(password, parts->cost, parts->salt.data(), hash.data()));
  return sodium_memcmp(hash.data(), parts->hash.data(), hash.size()) == 0;
}

std::optional<PasswordCost> argon2_cost(std::string_view phc) {
  const auto parts = parse(phc);
  if (!parts) return std::nullopt;
  return parts->cost;
}

std::string argon2_of_nobody(const PasswordCost& cost) {
  // Zeros: finding a password that hashes to them is as hard as any.
  const std::array<unsigned char, kHashBytes> zeros{};
  return phc_string(cost, zeros.data(), zeros.data());
}

}  // namespace quire::access
