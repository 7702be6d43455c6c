#include "api/reference.h"

#include <map>
#include <vector>

#include "api/actions/action.h"
#include "api/answer.h"
#include "api/json_out.h"
#include "api/route.h"

namespace quire::api {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string_view word(Parameter::Kind kind) {
  switch (kind) {
    case Parameter::Kind::text: return "text";
    case Parameter::Kind::flag: return "true or false";
    case Parameter::Kind::number: return "a number";
  }
  return "text";
}

std::string_view json_type(Parameter::Kind kind) {
  switch (kind) {
    case Parameter::Kind::text: return R"({"type":"string"})";
    case Parameter::Kind::flag: return R"({"type":"boolean"})";
    case Parameter::Kind::number: return R"({"type":"integer","minimum":0})";
  }
  return "{}";
}

std::vector<std::string_view> media_types(Body body) {
  switch (body) {
    case Body::none: return {};
    case Body::json:
    case Body::optional_json: return {"application/json"};
    case Body::json_or_lines: return {"application/json", "application/x-ndjson"};
    case Body::patch:
      return {"application/json", "application/merge-patch+json", "application/json-patch+json"};
    case Body::bytes: return {"application/octet-stream"};
    case Body::records: return {"application/x-ndjson", "application/json", "text/csv"};
    case Body::couch_json:
    case Body::couch_optional_json: return {"application/json"};
    case Body::couch_document: return {"application/json", "multipart/related"};
    case Body::couch_login: return {"application/json", "application/x-www-form-urlencoded"};
  }
  return {};
}

std::string_view action_word(const std::optional<engine::Action>& action) {
  if (!action) return "nothing";
  switch (*action) {
    case engine::Action::read: return "read";
    case engine::Action::write: return "write";
    case engine::Action::follow: return "follow";
    case engine::Action::describe: return "describe";
    case engine::Action::manage: return "manage";
    case engine::Action::administer: return "administer";
  }
  return "administer";
}

bool is_schema(std::string_view name) {
  for (const Schema& schema : schemas()) {
    if (schema.name == name) return true;
  }
  return false;
}

// --- Markdown

void markdown_parameters(const Route& route, std::string& out) {
  if (route.parameters.empty()) return;
  out += "\n| parameter | is | |\n| --- | --- | --- |\n";
  for (const Parameter& parameter : route.parameters) {
    out.append("| `").append(parameter.name).append("` | ").append(word(parameter.kind));
    out.append(" | ").append(parameter.summary).append(" |\n");
  }
}

void markdown_route(const Route& route, std::string& out) {
  out.append("\n### ").append(net::name(route.method)).append(" ").append(route.pattern).append("\n\n");
  out.append(route.summary).append("\n\n");
  std::string takes;
  for (const auto type : media_types(route.body)) {
    takes.append(takes.empty() ? "`" : ", `").append(type).append("`");
  }
  if (!takes.empty()) out.append("Takes ").append(takes).append(". ");
  out.append("Answers ")
      .append(std::to_string(route.success))
      .append(", `")
      .append(route.answer)
      .append("`. ");
  if (route.who == Who::anybody) {
    out += "Needs no identity.";
  } else if (route.who == Who::admin) {
    out += "For administrators.";
  } else if (!route.action) {
    out += "Needs an identity.";
  } else {
    out.append("Needs the right to ").append(action_word(route.action)).append(".");
    if (route.who == Who::granted) out += " A database may grant that to everybody.";
  }
  if (route.csrf == Csrf::unsafe) out += " Refused where a page of another origin sends it.";
  out += "\n";
  markdown_parameters(route, out);
}

void markdown_surface(Surface surface, std::string_view title, std::string& out) {
  out.append("\n## ").append(title).append("\n");
  for (const Route& route : routes()) {
    if (route.surface == surface) markdown_route(route, out);
  }
}

void markdown_actions(std::string& out) {
  out += "\nErrors of actions name the field in their message. All of these are `POST /api`:\n";
  for (const actions::Action& action : actions::table()) {
    out.append("\n### ").append(action.name).append("\n\n").append(action.summary).append(" ");
    out.append(action.anonymous ? "Needs no key." : "Needs a key.");
    out.append(" The message: ").append(action.answer).append(".\n");
    out += "\n| payload | is | |\n| --- | --- | --- |\n";
    for (const Field& field : action.fields) {
      out.append("| `").append(field.name).append("` | ").append(describe(field.type));
      out.append(field.required ? "" : "; optional").append(" | ").append(field.summary).append(" |\n");
    }
  }
}

// --- OpenAPI

void openapi_parameters(const Route& route, std::string& out) {
  out.push_back('[');
  Separator separator;
  for (std::string_view rest = route.pattern; rest.find('{') != std::string_view::npos;) {
    const std::size_t open = rest.find('{');
    const std::size_t close = rest.find('}');
    separator.before(out);
    ObjectOut parameter(out);
    std::string_view name = rest.substr(open + 1, close - open - 1);
    if (name.ends_with("...")) name.remove_suffix(3);
    parameter.text("name", name);
    parameter.text("in", "path");
    parameter.flag("required", true);
    parameter.raw("schema", R"({"type":"string"})");
    parameter.end();
    rest.remove_prefix(close + 1);
  }
  for (const Parameter& one : route.parameters) {
    separator.before(out);
    ObjectOut parameter(out);
    parameter.text("name", one.name);
    parameter.text("in", "query");
    parameter.text("description", one.summary);
    parameter.raw("schema", json_type(one.kind));
    parameter.end();
  }
  out.push_back(']');
}

std::string schema_of(std::string_view name) {
  if (!is_schema(name)) return R"({"type":"string","format":"binary"})";
  return R"({"$ref":"#/components/schemas/)" + std::string(name) + R"("})";
}

void openapi_content(std::string_view media_type, std::string_view schema, ObjectOut& content) {
  ObjectOut type(content.member(media_type));
  type.raw("schema", schema_of(schema));
  type.end();
}

void openapi_responses(const Route& route, std::string& out) {
  ObjectOut responses(out);
  ObjectOut good(responses.member(std::to_string(route.success)));
  good.text("description", "The answer.");
  if (route.method != net::Method::head) {
    ObjectOut content(good.member("content"));
    openapi_content(is_schema(route.answer)   ? "application/json"
                    : route.answer == "bytes" ? "application/octet-stream"
                                              : route.answer,
                    route.answer, content);
    content.end();
  }
  good.end();
  ObjectOut other(responses.member("default"));
  other.text("description", "An error.");
  ObjectOut content(other.member("content"));
  openapi_content("application/json",
                  route.surface == Surface::kv      ? "KvError"
                  : route.surface == Surface::couch ? "CouchError"
                                                    : "Error",
                  content);
  content.end();
  other.end();
  responses.end();
}

void openapi_route(const Route& route, std::string& out) {
  ObjectOut object(out);
  object.text("operationId", route.name);
  object.text("summary", route.summary);
  if (route.who == Who::anybody) object.raw("security", "[]");
  if (route.who == Who::granted) object.raw("security", R"([{"key":[]},{"password":[]},{}])");
  openapi_parameters(route, object.member("parameters"));
  if (route.body != Body::none) {
    ObjectOut body(object.member("requestBody"));
    ObjectOut content(body.member("content"));
    for (const auto type : media_types(route.body)) openapi_content(type, route.request, content);
    content.end();
    body.end();
  }
  openapi_responses(route, object.member("responses"));
  object.end();
}

}  // namespace

std::string reference_markdown() {
  std::string out =
      "# HTTP reference\n\n"
      "Made of the server's table of routes. What needs an identity takes "
      "`Authorization: Bearer`, with an API key or a session's token, `Authorization: Basic`, with a name "
      "and its "
      "password, or a session's cookie. A server that runs open for development needs none.\n";
  markdown_surface(Surface::rest, "Native REST", out);
  markdown_surface(Surface::actions, "Actions", out);
  markdown_actions(out);
  markdown_surface(Surface::kv, "Key-value", out);
  markdown_surface(Surface::couch, "CouchDB", out);
  markdown_surface(Surface::streams, "WebSockets", out);
  markdown_surface(Surface::node, "The node", out);
  out += "\n## Answers\n";
  for (const Schema& schema : schemas()) {
    out.append("\n### ").append(schema.name).append("\n\n").append(schema.summary).append("\n\n");
    out.append("```json\n").append(schema.json).append("\n```\n");
  }
  out += "\n## Errors\n\n| `error` | status |\n| --- | --- |\n";
  for (auto code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const auto error = static_cast<ErrorCode>(code);
    out.append("| `")
        .append(name(error))
        .append("` | ")
        .append(std::to_string(status_of(error)))
        .append(" |\n");
  }
  return out;
}

std::string reference_openapi(std::string_view version) {
  std::map<std::string, std::vector<const Route*>> paths;
  for (const Route& route : routes()) {
    // OpenAPI knows neither this method nor what takes the rest of a path.
    if (route.method == net::Method::copy) continue;
    std::string pattern(route.pattern);
    if (const auto dots = pattern.find("...}"); dots != std::string::npos) pattern.erase(dots, 3);
    paths[pattern].push_back(&route);
  }
  std::string out;
  ObjectOut document(out);
  document.text("openapi", "3.0.3");
  ObjectOut info(document.member("info"));
  info.text("title", "Quire");
  info.text("version", version);
  info.end();
  document.raw("security", R"([{"key":[]},{"password":[]}])");
  ObjectOut all(document.member("paths"));
  for (const auto& [pattern, rows] : paths) {
    ObjectOut path(all.member(pattern));
    for (const Route* const route : rows) openapi_route(*route, path.member(lower(net::name(route->method))));
    path.end();
  }
  all.end();
  ObjectOut components(document.member("components"));
  components.raw("securitySchemes", R"({"key":{"type":"http","scheme":"bearer"},)"
                                    R"("password":{"type":"http","scheme":"basic"}})");
  ObjectOut parts(components.member("schemas"));
  for (const Schema& schema : schemas()) parts.raw(schema.name, schema.json);
  parts.end();
  components.end();
  document.end();
  return out;
}

}  // namespace quire::api
