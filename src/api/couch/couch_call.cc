#include "api/couch/couch_call.h"

namespace quire::api::couch {

namespace {

// The name of a capture in a pattern says what it is.
struct Captured {
  std::string_view name;
  std::string CouchCall::*place;
  std::string_view prefix;
};
constexpr Captured kCaptured[] = {{"database", &CouchCall::database_name, ""},
                                  {"id", &CouchCall::id, ""},
                                  {"design", &CouchCall::id, "_design/"},
                                  {"local", &CouchCall::id, "_local/"},
                                  {"name", &CouchCall::name, ""},
                                  {"name...", &CouchCall::name, ""},
                                  {"partition", &CouchCall::part, ""}};

void take_capture(CouchCall& call, std::string_view name, std::string_view text) {
  for (const auto& captured : kCaptured) {
    if (captured.name == name) (call.*captured.place).assign(captured.prefix).append(text);
  }
}

}  // namespace

Result<CouchCall> CouchCall::parse(const Call& call) {
  CouchCall parsed(call);
  QUIRE_TRY_STATUS(each_capture(
      call, [&](std::string_view name, const std::string& text) { take_capture(parsed, name, text); }));
  parsed.find_database();
  QUIRE_TRY(parsed.query, Parameters::parse(call.request().query));
  return parsed;
}

net::Response ok_answer(unsigned status) { return json_answer(status, R"({"ok":true})"); }

void add_tag(std::string_view revision, net::Response& response) {
  std::string tag = "\"";
  tag.append(revision).push_back('"');
  // A revision that came from elsewhere may hold what cannot stand in a field.
  if (fits_in_field(tag)) response.add_field("ETag", tag);
}

}  // namespace quire::api::couch
