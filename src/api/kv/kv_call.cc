#include "api/kv/kv_call.h"

#include <algorithm>
#include <optional>

#include "api/answer.h"
#include "api/json_out.h"
#include "api/query.h"
#include "base/bytes.h"
#include "document/id.h"
#include "net/target.h"

namespace quire::api::kv {

namespace {

// Still encoded; the first of a name counts, and others than k and v are nobody's business.
std::optional<std::string_view> parameter(const Call& call, std::string_view name) {
  std::optional<std::string_view> found;
  each_parameter(call.request().query, [&](std::string_view one, std::string_view value) {
    if (one == name) found = value;
    return !found;
  });
  return found;
}

// False: it is not UTF-8, or malformed.
bool decode(std::string_view raw, std::string& storage, std::string_view& out) {
  if (raw.find_first_of("%+") == std::string_view::npos) {
    out = raw;
    return valid_utf8(raw);
  }
  storage = raw;
  std::replace(storage.begin(), storage.end(), '+', ' ');
  auto decoded = net::percent_decode(storage);
  if (!decoded) return false;
  storage = *std::move(decoded);
  out = storage;
  return true;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string_view Parameters::read_key(const Call& call) {
  const auto raw = parameter(call, "k");
  if (!raw) return words::kMissingKey;
  if (raw->empty()) return words::kEmptyKey;
  if (!decode(*raw, decoded_key_, key_)) return words::kInvalid;
  if (code_points(key_) >= call.kv.options.max_key_length || key_.size() > document::kIdBytes) {
    return words::kLongKey;
  }
  return key_.find('\0') == std::string_view::npos ? std::string_view() : words::kInvalid;
}

std::string_view Parameters::read_key_and_value(const Call& call) {
  if (const auto word = read_key(call); !word.empty()) return word;
  const auto raw = parameter(call, "v");
  if (!raw) return words::kMissingValue;
  if (!decode(*raw, decoded_value_, value_)) return words::kInvalid;
  return code_points(value_) < call.kv.options.max_value_length ? std::string_view() : words::kLongValue;
}

void send_word(const Call& call, unsigned status, std::string_view word) {
  net::Response response;
  response.status = status;
  ObjectOut object(response.body);
  object.text("error", word);
  object.end();
  call.exchange.send(std::move(response));
}

void send_success(const Call& call) {
  net::Response response;
  response.body = R"({"success":true})";
  call.exchange.send(std::move(response));
}

void send_failure(const Call& call, const Error& error) {
  const bool record = error.code() == ErrorCode::not_found && error.field() != "database";
  if (record) return send_word(call, 404, words::kMissingRecord);
  send_error(call, error);
}

Storage::Asking asking(const Call& call, bool may_block) {
  // What does not wait need not be called off.
  return {.caller = call.caller, .limits = may_block ? call.limits() : CallLimits(), .may_block = may_block};
}

Storage& storage_of(const Call& call) { return *call.kv.storage; }

}  // namespace quire::api::kv
