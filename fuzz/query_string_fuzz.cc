// Escapes and query strings: what is decoded is UTF-8, and means the same once it is written again.

#include "base/check.h"
#include "input.h"
#include "net/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quire;
  using namespace quire::net;
  fuzz::Input input(data, size);
  const std::string_view text = input.rest();

  if (const auto decoded = percent_decode(text)) {
    QUIRE_CHECK(is_utf8(*decoded), "what is decoded is UTF-8");
    const auto again = percent_decode(percent_encode(*decoded));
    QUIRE_CHECK(again.has_value() && *again == *decoded, "what is encoded is decoded");
  }
  const auto parameters = parse_query(text);
  if (!parameters) return 0;
  QUIRE_CHECK(parameters->size() <= kMostParameters, "there is a bound");
  std::string written;
  for (const Parameter& parameter : *parameters) {
    QUIRE_CHECK(is_utf8(parameter.name) && is_utf8(parameter.value), "parameters are UTF-8");
    written += percent_encode(parameter.name) + "=" + percent_encode(parameter.value) + "&";
  }
  const auto again = parse_query(written);
  QUIRE_CHECK(again.has_value() && *again == *parameters, "a query means what it says");
  return 0;
}
