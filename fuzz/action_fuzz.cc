// Bodies of actions: read whole, and looked over for their key. What is read is what the look found.

#include "api/actions/request.h"
#include "base/check.h"
#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quire;
  using namespace quire::api::actions;
  fuzz::Input input(data, size);
  const std::string_view text = input.rest();

  const Glance glance = glance_at(text);
  const auto within = [&](std::string_view part) {
    return part.empty() ||
           (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
  };
  QUIRE_CHECK(within(glance.key) && within(glance.longest), "a glance shows parts of the text");

  const auto request = parse_request(text);
  if (!request) {
    QUIRE_CHECK(
        request.error().code() == ErrorCode::invalid || request.error().code() == ErrorCode::too_large,
        "a body is at fault, not we");
    QUIRE_CHECK(!request.error().field().empty(), "an error names its field");
    return 0;
  }
  QUIRE_CHECK(find_action(request->action->name) == request->action, "an action stands in the table");
  const std::string_view key = request->payload.look_at_secret("apiKey");
  // A key with escapes is left to who reads all.
  if (!glance.key.empty()) QUIRE_CHECK(glance.key == key, "the key that is found is the key that is read");
  for (const api::Field& field : request->action->fields) {
    QUIRE_CHECK(!field.required || request->payload.has(field.name), "what is required is there");
  }
  return 0;
}
