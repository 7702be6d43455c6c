#pragma once

#include <string>
#include <string_view>

#include "api/call.h"
#include "api/kv/storage.h"

namespace quire::api::kv {

// The words of this surface's errors, where it has its own.
namespace words {
inline constexpr std::string_view kMissingKey = "MISSING_KEY_PARAM";
inline constexpr std::string_view kEmptyKey = "EMPTY_KEY";
inline constexpr std::string_view kLongKey = "MAXIMUM_KEY_LENGTH_REACHED";
inline constexpr std::string_view kMissingValue = "MISSING_VALUE_PARAM";
inline constexpr std::string_view kLongValue = "MAXIMUM_VALUE_LENGTH_REACHED";
inline constexpr std::string_view kMissingRecord = "MISSING_RECORD";
inline constexpr std::string_view kInvalid =
    "INVALID";  // malformed percent-encoding, no UTF-8, a NUL in a key
}  // namespace words

// The parameters of a call, decoded and checked. Views point into the request or into the object; it stays
// where it is. What is not decoded costs no allocation.
class Parameters {
 public:
  Parameters() = default;
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  // An empty answer: all is well. Else the word of the error, which is the caller's fault.
  std::string_view read_key(const Call& call);
  std::string_view read_key_and_value(const Call& call);

  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

 private:
  std::string_view key_;
  std::string_view value_;
  std::string decoded_key_;
  std::string decoded_value_;
};

void send_word(const Call& call, unsigned status, std::string_view word);
void send_success(const Call& call);
// Of the storage: not_found is MISSING_RECORD, everything else reads as on every surface.
void send_failure(const Call& call, const Error& error);

Storage::Asking asking(const Call& call, bool may_block);
Storage& storage_of(const Call& call);

}  // namespace quire::api::kv
