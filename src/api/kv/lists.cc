#include <string>

#include "api/json_out.h"
#include "api/kv/handlers.h"
#include "api/kv/kv_call.h"
#include "api/streamed_answer.h"

// The three lists are streamed, so that any number of records takes the memory of a few.

namespace quire::api::kv {

namespace {

using Print = void (*)(std::string_view key, std::string_view value, std::string& out);

void answer_list(const Call& call, Print print) {
  StreamedAnswer answer(call, net::Response());
  Separator separator;
  Status sent = ok();
  answer.text().push_back('[');
  Status listed =
      storage_of(call).get_all(asking(call, true), [&](std::string_view key, std::string_view value) {
        separator.before(answer.text());
        print(key, value, answer.text());
        sent = answer.step();
        return sent.has_value();
      });
  answer.text().push_back(']');
  if (listed) listed = std::move(sent);
  if (const auto done = answer.finish(std::move(listed)); !done) send_failure(call, done.error());
}

void print_key(std::string_view key, std::string_view, std::string& out) {
  document::append_json_string(out, key);
}
void print_value(std::string_view, std::string_view value, std::string& out) { out += value; }
void print_both(std::string_view key, std::string_view value, std::string& out) {
  ObjectOut object(out);
  object.text("k", key);
  object.raw("v", value);
  object.end();
}

}  // namespace

void get_keys(const Call& call) {
  on_stream(call, [](const Call& later) { answer_list(later, print_key); });
}
void get_values(const Call& call) {
  on_stream(call, [](const Call& later) { answer_list(later, print_value); });
}
void get_all(const Call& call) {
  on_stream(call, [](const Call& later) { answer_list(later, print_both); });
}

}  // namespace quire::api::kv
