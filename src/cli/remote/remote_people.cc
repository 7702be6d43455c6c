#include "cli/remote/remote_people.h"

#include "cli/remote/http.h"
#include "cli/remote/json.h"
#include "cli/remote/remote_backend.h"
#include "document/extended_json.h"
#include "document/json.h"

namespace quire::cli::remote {

namespace {

using engine::Key;
using engine::User;

void add_text(std::string& json, std::string_view name, std::string_view value) {
  json += json.empty() ? "{" : ",";
  document::append_json_string(json, name);
  json += ":";
  document::append_json_string(json, value);
}

WallMs time_of(const document::Value& object, std::string_view name) {
  return document::parse_iso_date(text_of(object, name)).value_or(0);
}

User user_of(const document::Value& object) {
  return {.id = text_of(object, "id"),
          .name = text_of(object, "name"),
          .email = text_of(object, "email"),
          .role = access::role_of(text_of(object, "role")).value_or(engine::Role::user),
          .disabled = flag_of(object, "disabled"),
          .created_ms = time_of(object, "created")};
}

Key key_of(const document::Value& object) {
  Key key;
  key.id = text_of(object, "id");
  key.user = text_of(object, "user");
  key.label = text_of(object, "label");
  key.most = access::right_of(text_of(object, "right")).value_or(engine::Right::owner);
  key.created_ms = time_of(object, "created");
  key.expires_ms = time_of(object, "expires");
  key.last_used_ms = time_of(object, "lastUsed");
  const document::Value* const databases = object.find("databases");
  if (databases != nullptr && databases->is_array()) {
    std::string scratch;
    for (const auto& one : databases->elements()) {
      if (one.is_string()) key.databases.emplace_back(one.string(scratch));
    }
  }
  return key;
}

// The rows of {"name": [...]}, each made by `make`.
template <class Row>
Result<std::vector<Row>> rows_of(const Json& json, std::string_view name,
                                 Row (*make)(const document::Value&)) {
  const document::Value* const rows = json.value().find(name);
  if (rows == nullptr || !rows->is_array()) return unexpected("a list of " + std::string(name));
  std::vector<Row> made;
  for (const auto& row : rows->elements()) made.push_back(make(row));
  return made;
}

class RemotePeople final : public People {
 public:
  explicit RemotePeople(std::unique_ptr<Http> http) : http_(std::move(http)) {}

  Result<User> add(engine::NewUser user) override {
    std::string body;
    add_text(body, "username", user.name);
    add_text(body, "password", user.password.reveal());
    if (!user.email.empty()) add_text(body, "email", user.email);
    add_text(body, "role", access::name(user.role));
    QUIRE_TRY(const Json json, send(net::Method::post, Target("/v1/users"), body + "}"));
    return user_of(json.value());
  }

  Result<std::vector<User>> list() override {
    std::vector<User> all;
    while (true) {
      Target target("/v1/users");
      if (!all.empty()) target.parameter("after", all.back().name);
      QUIRE_TRY(const std::string text, http_->call({.target = target}));
      QUIRE_TRY(const Json json, Json::parse(text));
      QUIRE_TRY(auto page, rows_of<User>(json, "users", &user_of));
      if (page.empty()) return all;
      std::move(page.begin(), page.end(), std::back_inserter(all));
    }
  }

  Status set_disabled(std::string_view user, bool disabled) override {
    return change(user, disabled ? R"({"disabled":true})" : R"({"disabled":false})");
  }
  Status set_password(std::string_view user, Secret password) override {
    std::string body;
    add_text(body, "password", password.reveal());
    return change(user, body + "}");
  }
  Status remove(std::string_view user) override {
    const auto gone =
        http_->call({.method = net::Method::remove, .target = Target("/v1/users").segment(user)});
    return gone ? ok() : Status(gone.error());
  }

  Result<engine::NewKey> make_key(std::string_view user, const engine::KeyRequest& request) override {
    std::string body;
    add_text(body, "right", access::name(request.most));
    if (!request.label.empty()) add_text(body, "label", request.label);
    if (!user.empty()) add_text(body, "user", user);
    if (request.life) body += ",\"life\":" + std::to_string(request.life->count());
    if (!request.databases.empty()) {
      body += ",\"databases\":[";
      for (const std::string& database : request.databases) {
        if (body.back() != '[') body += ",";
        document::append_json_string(body, database);
      }
      body += "]";
    }
    QUIRE_TRY(const Json json, send(net::Method::post, Target("/v1/keys"), body + "}"));
    return engine::NewKey{.key = key_of(json.value()), .text = Secret(text_of(json.value(), "key"))};
  }

  Result<std::vector<Key>> keys(std::string_view user) override {
    Target target("/v1/keys");
    if (!user.empty()) target.parameter("user", user);
    QUIRE_TRY(const std::string text, http_->call({.target = target}));
    QUIRE_TRY(const Json json, Json::parse(text));
    return rows_of<Key>(json, "keys", &key_of);
  }

  Status revoke_key(std::string_view user, std::string_view id) override {
    Target target = Target("/v1/keys").segment(id);
    if (!user.empty()) target.parameter("user", user);
    const auto gone = http_->call({.method = net::Method::remove, .target = target});
    return gone ? ok() : Status(gone.error());
  }

 private:
  Result<Json> send(net::Method method, const Target& target, std::string_view body) {
    QUIRE_TRY(
        const std::string text,
        http_->call({.method = method, .target = target, .content_type = "application/json", .body = body}));
    return Json::parse(text);
  }
  Status change(std::string_view user, std::string_view body) {
    QUIRE_TRY_STATUS(send(net::Method::patch, Target("/v1/users").segment(user), body));
    return ok();
  }

  const std::unique_ptr<Http> http_;
};

}  // namespace

Result<std::unique_ptr<People>> connect_people(const std::string& url, const std::string& key_file) {
  QUIRE_TRY(auto http, connect_http(url, key_file));
  return std::unique_ptr<People>(std::make_unique<RemotePeople>(std::move(http)));
}

}  // namespace quire::cli::remote
