#include "document/json.h"

#include "document/json_walk.h"
#include "document/tuning.h"

namespace quire::document {

namespace {
// Kept by a thread between calls, for speed only.
JsonWalk::Scratch& scratch_of_thread() {
  thread_local JsonWalk::Scratch scratch;
  return scratch;
}

// Takes the reserved members and a comma with each out of `out`, from the last to the first.
std::vector<ReservedMember> cut_out(const std::vector<JsonWalk::Reserved>& found, std::string& out) {
  std::vector<ReservedMember> reserved;
  std::string body;
  std::size_t copied = 0;
  for (const auto& member : found) {
    reserved.push_back({member.name, out.substr(member.value_begin, member.member_end - member.value_begin)});
    body.append(out, copied, member.member_begin - copied);
    copied = member.member_end;
    if (out[copied] == ',') {
      ++copied;
    } else if (body.back() == ',') {
      body.pop_back();
    }
  }
  body.append(out, copied);
  out = std::move(body);
  return reserved;
}
}  // namespace

Status minify(std::string_view text, const JsonLimits& limits, std::string& out) {
  const std::size_t before = out.size();
  // A text over the limit is refused before anything is written.
  if (text.size() <= limits.document_bytes) out.resize(before + text.size());
  JsonWalk walk(text, limits, scratch_of_thread(), out.data() + before);
  if (!walk.run()) {
    out.resize(before);
    return to_error(walk.fault(), text);
  }
  out.resize(before + walk.bytes_written());
  return ok();
}

Result<SplitDocument> split_document(std::string_view text, const JsonLimits& limits) {
  SplitDocument split;
  if (text.size() <= limits.document_bytes) split.body.resize(text.size());
  JsonWalk walk(text, limits, scratch_of_thread(), split.body.data());
  walk.look_for_reserved_members();
  if (!walk.run()) return to_error(walk.fault(), text);
  split.body.resize(walk.bytes_written());
  if (split.body[0] != '{') return Error(ErrorCode::invalid, "JSON: a document must be an object");
  if (!walk.reserved().empty()) split.reserved = cut_out(walk.reserved(), split.body);
  return split;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out.reserve(out.size() + text.size() + 2);
  out.push_back('"');
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, copied, at - copied);
    copied = at + 1;
    out.push_back('\\');
    switch (c) {
      case '"':
      case '\\': out.push_back(static_cast<char>(c)); break;
      case '\b': out.push_back('b'); break;
      case '\f': out.push_back('f'); break;
      case '\n': out.push_back('n'); break;
      case '\r': out.push_back('r'); break;
      case '\t': out.push_back('t'); break;
      default: out.append({'u', '0', '0', kDigits[c >> 4], kDigits[c & 15]});
    }
  }
  out.append(text, copied);
  out.push_back('"');
}

}  // namespace quire::document
