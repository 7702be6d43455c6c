#include <iterator>
#include <string>

#include "access/argon2.h"
#include "access/names.h"
#include "access/records.h"
#include "access/token.h"
#include "access/unicode.h"
#include "base/check.h"
#include "document/json.h"
#include "input.h"

// What clients send as tokens, names, addresses and passwords; and the records of accounts.

namespace {

using namespace quire;
using namespace quire::access;

void check_token(std::string_view text) {
  const auto token = parse_token(text);
  if (!token) return;
  QUIRE_CHECK(is_token_id(token->id) && text.size() <= kTokenMost, "a token has an id and a length");
}

// A name that is taken is its own normal form, and so is what it is found by.
void check_name(std::string_view text) {
  const auto name = user_name(text);
  if (!name) return;
  const auto again = user_name(name->shown);
  QUIRE_CHECK(again && again->shown == name->shown && again->folded == name->folded, "NFC is stable");
  QUIRE_CHECK(fold(name->folded) == name->folded, "folding is stable");
  QUIRE_CHECK(!is_user_id(name->shown), "no name is an id");
}

void check_address(std::string_view text) {
  if (!check_email(text)) return;
  QUIRE_CHECK(text.find('@') != std::string_view::npos && !has_control(text), "an address has an @");
}

void check_password(std::string_view text) {
  const auto password = password_text(Secret(text));
  if (!password) return;
  const auto again = password_text(*password);
  QUIRE_CHECK(again && again->reveal() == password->reveal(), "NFC is stable");
}

void check_phc(std::string_view text) { (void)argon2_cost(text); }

// Records come from documents, so what is no JSON never reaches them.
template <auto kDecode>
void check_record(std::string_view text) {
  std::string minified;
  if (!document::minify(text, {}, minified)) return;
  const auto record = kDecode(minified);
  if (!record) return;
  const std::string encoded = encode(*record);
  const auto again = kDecode(encoded);
  QUIRE_CHECK(again && encode(*again) == encoded, "a record is read as it is written");
}

// What the first byte of the input chooses; the kept inputs rely on the order.
using Check = void (*)(std::string_view);
constexpr Check kChecks[] = {
    check_token,
    check_name,
    check_address,
    check_password,
    check_phc,
    check_record<decode_user>,
    check_record<decode_grant>,
    check_record<decode_reservation>,
    check_record<decode_audit>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  kChecks[input.byte() % std::size(kChecks)](input.rest());
  return 0;
}
