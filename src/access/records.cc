#include "access/records.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::access {

using document::Arena;
using document::Value;

namespace {

// Writes an object, member by member, in the order of the page.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) { out_ += '{'; }
  void end() { out_ += '}'; }

  void text(std::string_view name, std::string_view value) {
    member(name);
    document::append_json_string(out_, value);
  }
  template <class Number>
  void number(std::string_view name, Number value) {
    member(name);
    out_ += std::to_string(value);
  }
  void flag(std::string_view name, bool value) {
    member(name);
    out_ += value ? "true" : "false";
  }
  void digest(std::string_view name, const Digest& value) {
    text(name, to_hex(std::string_view(value.data(), value.size())));
  }
  template <class Items, class Write>
  void list(std::string_view name, const Items& items, Write write) {
    member(name);
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      write(out_, item);
    }
    out_ += ']';
  }

 private:
  void member(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    document::append_json_string(out_, name);
    out_ += ':';
  }

  std::string& out_;
};

// Reads an object. What is missing or of another kind makes the reader bad for good: read all, then look
// once.
class Reader {
 public:
  explicit Reader(const Value& value) : value_(value), ok_(value.is_object()) {}

  std::string text(std::string_view name) {
    const Value* const found = value_.find(name);
    if (found == nullptr || !found->is_string()) return fail();
    return found->to_string();
  }
  template <class Number>
  void number(std::string_view name, Number& out) {
    const Value* const found = value_.find(name);
    if (found == nullptr || !found->is_number()) return (void)fail();
    const std::string_view digits = found->number_text();
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (failed != std::errc() || end != digits.data() + digits.size()) fail();
  }
  bool flag(std::string_view name) {
    const Value* const found = value_.find(name);
    if (found == nullptr || !found->is_boolean()) return !fail().empty();
    return found->as_boolean();
  }
  Digest digest(std::string_view name) {
    Digest digest{};
    const auto bytes = from_hex(text(name));
    if (!bytes || bytes->size() != digest.size()) {
      fail();
      return digest;
    }
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
  }
  template <class Word>
  void word(std::string_view name, std::optional<Word> (*read)(std::string_view), Word& out) {
    const auto word = read(text(name));
    if (!word) return (void)fail();
    out = *word;
  }
  template <class Take>
  void list(std::string_view name, Take take) {
    const Value* const found = value_.find(name);
    if (found == nullptr || !found->is_array()) return (void)fail();
    for (const Value& element : found->elements()) ok_ = take(element) && ok_;
  }

  std::string fail() {
    ok_ = false;
    return {};
  }
  bool ok() const { return ok_; }

 private:
  const Value& value_;
  bool ok_;
};

Error damaged() { return Error(ErrorCode::corrupt, "a record of the accounts' database is damaged"); }

// Parses, looks at the version, and has `read` take the members.
template <class Record>
Result<Record> decode(std::string_view text, bool (*read)(Reader&, Record&)) {
  Arena arena;
  const auto value = Value::parse(arena, text);
  if (!value || !value->is_object()) return damaged();
  Reader reader(*value);
  int version = 0;
  reader.number("version", version);
  if (!reader.ok()) return damaged();
  if (version != kRecordVersion) {
    return Error(ErrorCode::not_implemented, "a record of the accounts' database is of version " +
                                                 std::to_string(version) + "; this program reads version " +
                                                 std::to_string(kRecordVersion));
  }
  Record record;
  if (!read(reader, record) || !reader.ok()) return damaged();
  return record;
}

void write_key(std::string& out, const KeyRecord& key) {
  Writer writer(out);
  writer.text("id", key.id);
  writer.digest("digest", key.digest);
  writer.text("label", key.label);
  writer.text("most", name(key.most));
  writer.list("databases", key.databases,
              [](std::string& to, const std::string& id) { document::append_json_string(to, id); });
  writer.flag("single", key.single);
  writer.number("created", key.created_ms);
  writer.number("expires", key.expires_ms);
  writer.number("used", key.used_ms);
  writer.end();
}

bool read_key(const Value& value, KeyRecord& key) {
  Reader reader(value);
  key.id = reader.text("id");
  key.digest = reader.digest("digest");
  key.label = reader.text("label");
  reader.word("most", right_of, key.most);
  reader.list("databases", [&](const Value& id) {
    if (!id.is_string()) return false;
    key.databases.push_back(id.to_string());
    return true;
  });
  key.single = reader.flag("single");
  reader.number("created", key.created_ms);
  reader.number("expires", key.expires_ms);
  reader.number("used", key.used_ms);
  return reader.ok() && is_token_id(key.id);
}

void write_session(std::string& out, const SessionRecord& session) {
  Writer writer(out);
  writer.text("id", session.id);
  writer.digest("digest", session.digest);
  writer.number("created", session.created_ms);
  writer.number("expires", session.expires_ms);
  writer.number("idle", session.idle_ms);
  writer.end();
}

bool read_session(const Value& value, SessionRecord& session) {
  Reader reader(value);
  session.id = reader.text("id");
  session.digest = reader.digest("digest");
  reader.number("created", session.created_ms);
  reader.number("expires", session.expires_ms);
  reader.number("idle", session.idle_ms);
  return reader.ok() && is_token_id(session.id);
}

template <class Item>
auto into(std::vector<Item>& items, bool (*read)(const Value&, Item&)) {
  return [&items, read](const Value& value) { return read(value, items.emplace_back()); };
}

bool read_user(Reader& reader, UserRecord& record) {
  record.user.id = reader.text("id");
  record.user.name = reader.text("name");
  record.user.email = reader.text("email");
  reader.word("role", role_of, record.user.role);
  record.user.disabled = reader.flag("disabled");
  reader.number("created", record.user.created_ms);
  record.password = reader.text("password");
  reader.list("keys", into(record.keys, read_key));
  reader.list("sessions", into(record.sessions, read_session));
  return true;
}

bool read_grant(Reader& reader, GrantRecord& record) {
  record.database = reader.text("database");
  record.user = reader.text("user");
  reader.word("right", right_of, record.right);
  return true;
}

bool read_reservation(Reader& reader, ReservationRecord& record) {
  record.database = reader.text("database");
  record.holder = reader.text("holder");
  reader.number("expires", record.expires_ms);
  reader.number("epoch", record.epoch);
  return true;
}

bool read_audit(Reader& reader, AuditRecord& record) {
  reader.number("time", record.time_ms);
  record.event = reader.text("event");
  record.user = reader.text("user");
  record.credential = reader.text("credential");
  record.on = reader.text("on");
  record.address = reader.text("address");
  return true;
}

}  // namespace

std::string encode(const UserRecord& record) {
  std::string out;
  Writer writer(out);
  writer.number("version", kRecordVersion);
  writer.text("id", record.user.id);
  writer.text("name", record.user.name);
  writer.text("email", record.user.email);
  writer.text("role", name(record.user.role));
  writer.flag("disabled", record.user.disabled);
  writer.number("created", record.user.created_ms);
  writer.text("password", record.password);
  writer.list("keys", record.keys, write_key);
  writer.list("sessions", record.sessions, write_session);
  writer.end();
  return out;
}

std::string encode(const GrantRecord& record) {
  std::string out;
  Writer writer(out);
  writer.number("version", kRecordVersion);
  writer.text("database", record.database);
  writer.text("user", record.user);
  writer.text("right", name(record.right));
  writer.end();
  return out;
}

std::string encode(const ReservationRecord& record) {
  std::string out;
  Writer writer(out);
  writer.number("version", kRecordVersion);
  writer.text("database", record.database);
  writer.text("holder", record.holder);
  writer.number("expires", record.expires_ms);
  writer.number("epoch", record.epoch);
  writer.end();
  return out;
}

std::string encode(const AuditRecord& record) {
  std::string out;
  Writer writer(out);
  writer.number("version", kRecordVersion);
  writer.number("time", record.time_ms);
  writer.text("event", record.event);
  writer.text("user", record.user);
  writer.text("credential", record.credential);
  writer.text("on", record.on);
  writer.text("address", record.address);
  writer.end();
  return out;
}

Result<UserRecord> decode_user(std::string_view text) { return decode<UserRecord>(text, read_user); }
Result<GrantRecord> decode_grant(std::string_view text) { return decode<GrantRecord>(text, read_grant); }
Result<ReservationRecord> decode_reservation(std::string_view text) {
  return decode<ReservationRecord>(text, read_reservation);
}
Result<AuditRecord> decode_audit(std::string_view text) { return decode<AuditRecord>(text, read_audit); }

}  // namespace quire::access
