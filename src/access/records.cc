#include "access/records.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "document/json.h"
#include "document/value.h"

// Each record's members stand in one function, in the order of the page; a writer or a reader goes through
// them.
namespace quire::access {

using document::Arena;
using document::Value;

namespace {

class Writer {
 public:
  template <class Record>
  using Of = const Record;

  explicit Writer(std::string& out) : out_(out) {}

  void member(std::string_view name, const std::string& value) { text(name, value); }
  void member(std::string_view name, bool value) { begin(name) += value ? "true" : "false"; }
  void member(std::string_view name, std::int64_t value) { begin(name) += std::to_string(value); }
  void member(std::string_view name, std::uint64_t value) { begin(name) += std::to_string(value); }
  void member(std::string_view name, Role value) { text(name, access::name(value)); }
  void member(std::string_view name, Right value) { text(name, access::name(value)); }
  void member(std::string_view name, const Digest& value) {
    text(name, to_hex(std::string_view(value.data(), value.size())));
  }
  template <class Item>
  void member(std::string_view name, const std::vector<Item>& items) {
    begin(name) += '[';
    for (const Item& item : items) {
      if (out_.back() != '[') out_ += ',';
      write(item);
    }
    out_ += ']';
  }
  void write(const std::string& value) { document::append_json_string(out_, value); }
  template <class Record>
  void write(const Record& record);

 private:
  std::string& begin(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    document::append_json_string(out_, name);
    return out_ += ':';
  }
  void text(std::string_view name, std::string_view value) {
    document::append_json_string(begin(name), value);
  }

  std::string& out_;
};

// What is missing or of another kind makes the reader bad for good: read all, then look once.
class Reader {
 public:
  template <class Record>
  using Of = Record;

  explicit Reader(const Value& value) : value_(value), ok_(value.is_object()) {}
  bool ok() const { return ok_; }

  void member(std::string_view name, std::string& out) {
    if (const Value* const found = find(name, &Value::is_string)) out = found->to_string();
  }
  void member(std::string_view name, bool& out) {
    if (const Value* const found = find(name, &Value::is_boolean)) out = found->as_boolean();
  }
  void member(std::string_view name, std::int64_t& out) { number(name, out); }
  void member(std::string_view name, std::uint64_t& out) { number(name, out); }
  void member(std::string_view name, Role& out) { word(name, role_of, out); }
  void member(std::string_view name, Right& out) { word(name, right_of, out); }
  void member(std::string_view name, Digest& out) {
    std::string text;
    member(name, text);
    const auto bytes = from_hex(text);
    ok_ = ok_ && bytes && bytes->size() == out.size();
    if (ok_) std::copy(bytes->begin(), bytes->end(), out.begin());
  }
  template <class Item>
  void member(std::string_view name, std::vector<Item>& out) {
    const Value* const found = find(name, &Value::is_array);
    if (found == nullptr) return;
    for (const Value& element : found->elements()) ok_ = read(element, out.emplace_back()) && ok_;
  }

  static bool read(const Value& value, std::string& out) {
    if (value.is_string()) out = value.to_string();
    return value.is_string();
  }
  template <class Record>
  static bool read(const Value& value, Record& record);

 private:
  const Value* find(std::string_view name, bool (Value::*is_such)() const) {
    const Value* const found = value_.find(name);
    const bool there = found != nullptr && (found->*is_such)();
    ok_ = ok_ && there;
    return there ? found : nullptr;
  }
  template <class Number>
  void number(std::string_view name, Number& out) {
    const Value* const found = find(name, &Value::is_number);
    if (found == nullptr) return;
    const std::string_view digits = found->number_text();
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    ok_ = ok_ && failed == std::errc() && end == digits.data() + digits.size();
  }
  template <class Word>
  void word(std::string_view name, std::optional<Word> (*word_of)(std::string_view), Word& out) {
    std::string text;
    member(name, text);
    const auto word = word_of(text);
    ok_ = ok_ && word.has_value();
    if (word) out = *word;
  }

  const Value& value_;
  bool ok_;
};

// --- the members of each

template <class With>
void members(With& with, typename With::template Of<KeyRecord>& key) {
  with.member("id", key.id);
  with.member("digest", key.digest);
  with.member("label", key.label);
  with.member("most", key.most);
  with.member("databases", key.databases);
  with.member("single", key.single);
  with.member("created", key.created_ms);
  with.member("expires", key.expires_ms);
  with.member("used", key.used_ms);
}

template <class With>
void members(With& with, typename With::template Of<SessionRecord>& session) {
  with.member("id", session.id);
  with.member("digest", session.digest);
  with.member("created", session.created_ms);
  with.member("expires", session.expires_ms);
  with.member("idle", session.idle_ms);
}

template <class With>
void members(With& with, typename With::template Of<UserRecord>& record) {
  with.member("id", record.user.id);
  with.member("name", record.user.name);
  with.member("email", record.user.email);
  with.member("role", record.user.role);
  with.member("disabled", record.user.disabled);
  with.member("created", record.user.created_ms);
  with.member("password", record.password);
  with.member("keys", record.keys);
  with.member("sessions", record.sessions);
}

template <class With>
void members(With& with, typename With::template Of<GrantRecord>& record) {
  with.member("database", record.database);
  with.member("user", record.user);
  with.member("right", record.right);
}

template <class With>
void members(With& with, typename With::template Of<ReservationRecord>& record) {
  with.member("database", record.database);
  with.member("holder", record.holder);
  with.member("expires", record.expires_ms);
  with.member("epoch", record.epoch);
}

template <class With>
void members(With& with, typename With::template Of<AuditRecord>& record) {
  with.member("time", record.time_ms);
  with.member("event", record.event);
  with.member("user", record.user);
  with.member("credential", record.credential);
  with.member("on", record.on);
  with.member("address", record.address);
}

// --- records within a record

template <class Record>
void Writer::write(const Record& record) {
  out_ += '{';
  members(*this, record);
  out_ += '}';
}

template <class Record>
bool Reader::read(const Value& value, Record& record) {
  Reader reader(value);
  members(reader, record);
  return reader.ok() && is_token_id(record.id);
}

// --- whole records, which have a version in front

template <class Record>
std::string encode_record(const Record& record) {
  std::string out = "{";
  Writer writer(out);
  writer.member("version", std::int64_t{kRecordVersion});
  members(writer, record);
  return out += '}';
}

Error damaged() { return Error(ErrorCode::corrupt, "a record of the accounts' database is damaged"); }

template <class Record>
Result<Record> decode_record(std::string_view text) {
  Arena arena;
  const auto value = Value::parse(arena, text);
  if (!value || !value->is_object()) return damaged();
  Reader reader(*value);
  std::int64_t version = 0;
  reader.member("version", version);
  if (!reader.ok()) return damaged();
  if (version != kRecordVersion) {
    return Error(ErrorCode::not_implemented, "a record of the accounts' database is of version " +
                                                 std::to_string(version) + "; this program reads version " +
                                                 std::to_string(kRecordVersion));
  }
  Record record;
  members(reader, record);
  if (!reader.ok()) return damaged();
  return record;
}

}  // namespace

std::string encode(const UserRecord& record) { return encode_record(record); }
std::string encode(const GrantRecord& record) { return encode_record(record); }
std::string encode(const ReservationRecord& record) { return encode_record(record); }
std::string encode(const AuditRecord& record) { return encode_record(record); }

Result<UserRecord> decode_user(std::string_view text) { return decode_record<UserRecord>(text); }
Result<GrantRecord> decode_grant(std::string_view text) { return decode_record<GrantRecord>(text); }
Result<ReservationRecord> decode_reservation(std::string_view text) {
  return decode_record<ReservationRecord>(text);
}
Result<AuditRecord> decode_audit(std::string_view text) { return decode_record<AuditRecord>(text); }

}  // namespace quire::access
