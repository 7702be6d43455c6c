#include "replication/checkpoint.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "base/bytes.h"
#include "base/hash.h"
#include "document/json.h"
#include "document/value.h"
#include "replication/tuning.h"

// docs/formats/replication.md has the members. A record may come from anybody, so everything that is read
// here is bounded, and what is strange is left out.

namespace quire::replication {

namespace {

using document::Value;

// A position as others write them: a text, or a number.
std::optional<SourcePosition> position_of(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return std::string(value->number_text());
  if (!value->is_string()) return std::nullopt;
  std::string text = value->to_string();
  if (text.size() > kPositionBytes) return std::nullopt;
  return text;
}

template <class Number>
Number number_of(const Value& entry, std::string_view name) {
  Number number = 0;
  const Value* value = entry.find(name);
  if (value == nullptr || !value->is_number()) return 0;
  const std::string_view text = value->number_text();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<CheckpointEntry> entry_of(const Value& value) {
  CheckpointEntry entry;
  const Value* session = value.find("session_id");
  auto recorded = position_of(value.find("recorded_seq"));
  if (session == nullptr || !session->is_string() || !recorded) return std::nullopt;
  entry.session = session->to_string();
  if (entry.session.size() > kSessionBytes) return std::nullopt;
  entry.recorded = std::move(*recorded);
  entry.time_ms = number_of<WallMs>(value, "time");
  entry.documents_read = number_of<std::uint64_t>(value, "docs_read");
  entry.documents_written = number_of<std::uint64_t>(value, "docs_written");
  entry.failures = number_of<std::uint64_t>(value, "doc_write_failures");
  entry.missing_checked = number_of<std::uint64_t>(value, "missing_checked");
  entry.missing_found = number_of<std::uint64_t>(value, "missing_found");
  return entry;
}

void print_text(std::string& out, std::string_view name, std::string_view text) {
  document::append_json_string(out, name);
  out += ':';
  document::append_json_string(out, text);
}

void print_entry(std::string& out, const CheckpointEntry& entry) {
  out += '{';
  print_text(out, "session_id", entry.session);
  out += ',';
  print_text(out, "recorded_seq", entry.recorded);
  const std::pair<std::string_view, std::uint64_t> counts[] = {
      {"docs_read", entry.documents_read},    {"docs_written", entry.documents_written},
      {"doc_write_failures", entry.failures}, {"missing_checked", entry.missing_checked},
      {"missing_found", entry.missing_found},
  };
  for (const auto& [name, count] : counts) {
    out.append(",\"").append(name).append("\":").append(std::to_string(count));
  }
  out.append(R"(,"time":)").append(std::to_string(entry.time_ms)).append("}");
}

constexpr std::size_t kNameBytes = 16;

std::array<char, kNameBytes> hash_of(std::string_view text) {
  std::array<char, kNameBytes> digest;
  Blake2b hash(kNameBytes);
  hash.update(text);
  hash.finish(digest.data());
  return digest;
}

// Half of all entries have the level 0, a quarter 1, and so on. It follows from the entry alone, so that both
// sides keep the same ones even where one has missed some.
constexpr std::size_t kLevels = 65;
std::size_t level_of(const CheckpointEntry& entry) {
  return static_cast<std::size_t>(std::countr_zero(load_u64(hash_of(entry.session + entry.recorded).data())));
}

}  // namespace

Checkpoint Checkpoint::parse(std::string_view json) {
  Checkpoint checkpoint;
  std::string minified;
  if (json.size() > kCheckpointBytes || !document::minify(json, {}, minified)) return checkpoint;
  document::Arena arena;
  const auto value = Value::parse(arena, minified);
  if (!value || !value->is_object()) return checkpoint;
  if (const Value* id = value->find("source_id"); id != nullptr && id->is_string()) {
    checkpoint.source_id_ = id->to_string();
  }
  const Value* alone = value->find("alone");
  checkpoint.alone_ = alone != nullptr && alone->is_boolean() && alone->as_boolean();
  const Value* history = value->find("history");
  if (history == nullptr || !history->is_array()) return checkpoint;
  for (const Value& item : history->elements()) {
    if (checkpoint.entries_.size() == kCheckpointEntries) break;
    if (auto entry = entry_of(item)) checkpoint.entries_.push_back(std::move(*entry));
  }
  return checkpoint;
}

std::string Checkpoint::print() const {
  std::string out = "{";
  if (!entries_.empty()) {
    print_text(out, "session_id", entries_.front().session);
    out += ',';
    print_text(out, "source_last_seq", entries_.front().recorded);
    out += ',';
  }
  print_text(out, "source_id", source_id_);
  if (alone_) out += R"(,"alone":true)";
  out += R"(,"history":[)";
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (i != 0) out += ',';
    print_entry(out, entries_[i]);
  }
  return out + "]}";
}

// Past the bound the oldest entry of the level that has the most goes, never one of the newest: so a few stay
// of each level, and what stays is twice as far apart with each.
void Checkpoint::add(CheckpointEntry entry, std::string source_id) {
  source_id_ = std::move(source_id);
  entries_.insert(entries_.begin(), std::move(entry));
  if (entries_.size() <= kCheckpointEntries) return;
  std::array<std::size_t, kLevels> counts{};
  std::array<std::size_t, kLevels> oldest{};
  for (std::size_t i = kDenseEntries; i < entries_.size(); ++i) {
    const std::size_t level = level_of(entries_[i]);
    ++counts.at(level);
    oldest.at(level) = i;
  }
  const auto most = std::max_element(counts.begin(), counts.end()) - counts.begin();
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(oldest.at(static_cast<std::size_t>(most))));
}

std::optional<SourcePosition> common_place(const Checkpoint& source, const Checkpoint& target) {
  for (const auto& ours : target.entries()) {
    const bool known = std::any_of(source.entries().begin(), source.entries().end(), [&](const auto& theirs) {
      return theirs.session == ours.session && theirs.recorded == ours.recorded;
    });
    if (known) return ours.recorded;
  }
  return std::nullopt;
}

std::string checkpoint_name(std::string_view source_key, std::string_view target_key, const Scope& scope) {
  std::string text;
  put_string(text, source_key);
  put_string(text, target_key);
  put_string(text, scope.text());
  const auto digest = hash_of(text);
  return to_hex({digest.data(), digest.size()});
}

}  // namespace quire::replication
