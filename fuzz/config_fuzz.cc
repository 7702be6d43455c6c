#include <string>

#include "base/check.h"
#include "input.h"
#include "server/config.h"
#include "server/settings.h"

// A file of settings, of any bytes: it is taken, and then every value is within its bounds; or refused with
// one line that holds no control character. The same bytes as a value of each setting, as a flag and a
// variable would have it.

namespace {

using namespace quire;
using namespace quire::server;

void check_error(const Error& error) {
  QUIRE_CHECK(error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large,
              "a refusal says what it is");
  QUIRE_CHECK(!error.message().empty(), "a refusal says why");
  for (const char c : error.message()) QUIRE_CHECK(c != '\n' && c != '\0', "a refusal is one line");
}

void check_config(const Config& config) {
  QUIRE_CHECK(!config.listeners.empty(), "a server listens");
  QUIRE_CHECK(config.limits.fields >= 8 && config.limits.fields <= 10'000, "numbers are within their bounds");
  QUIRE_CHECK(config.drain_time.count() >= 0, "times are within their bounds");
  QUIRE_CHECK(config.tls_key.empty() == config.tls_certificate.empty(), "a pair is whole");
  for (const Listener& listener : config.listeners) {
    const std::string text = (listener.root ? "kv=" : "") + listener.authority(listener.port);
    const auto again = parse_listener(text);
    QUIRE_CHECK(again && *again == listener, "a listener is read as it is written");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string text(input.rest());
  ConfigBuilder builder;
  if (const Status taken = builder.take_file(text, "file"); !taken) check_error(taken.error());
  if (const auto config = builder.finish()) check_config(*config);
  for (const Setting& setting : settings()) {
    if (const auto value = parse_value(setting, {text}); !value) check_error(value.error());
  }
  return 0;
}
