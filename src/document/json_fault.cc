// The slow half of JSON validation: runs once a text is known to be bad, to say where.
#include "document/json_fault.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "document/text_scan.h"
#include "document/tuning.h"

namespace quire::document {

namespace {
constexpr std::size_t kPathBytes = 200;

struct Level {
  bool object;
  bool name_follows;      // the next string is a member's name
  std::size_t index = 0;  // of the element
  std::string_view name;  // of the member, as it is written
};

std::string render(const std::vector<Level>& levels) {
  std::string path;
  for (const Level& level : levels) {
    std::string step = level.object ? std::string(level.name) : "[" + std::to_string(level.index) + "]";
    if (level.object && step.empty() && level.name_follows) break;
    if (level.object && !path.empty()) step.insert(0, ".");
    if (path.size() + step.size() > kPathBytes) return path + "...";
    path += step;
  }
  return path;
}

// A name in the text that is at fault may hold anything.
bool is_presentable(std::string_view name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  return valid_utf8(name) && std::none_of(name.begin(), name.end(), is_control);
}

// How many bytes the UTF-8 sequence at the start of `text` has; 0: it is malformed.
std::size_t sequence_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (valid_utf8(text.substr(0, length))) return length;
  }
  return 0;
}
}  // namespace

std::string path_at(std::string_view text, std::size_t offset) {
  std::vector<Level> levels;
  const char* at = text.data();
  const char* const end = at + offset;
  while (at < end && levels.size() <= kMaxDepth) {
    const char c = *at++;
    if (c == '{' || c == '[') levels.push_back({c == '{', c == '{', 0, {}});
    if (levels.empty()) continue;
    Level& level = levels.back();
    if (c == '}' || c == ']') {
      levels.pop_back();
    } else if (c == ',') {
      level.name_follows = level.object;
      level.name = {};
      ++level.index;
    } else if (c == '"') {
      const char* const begin = at;
      bool escaped = false;
      at = skip_string(at, text.data() + text.size(), escaped);
      if (at == nullptr) break;
      const std::string_view inside(begin, static_cast<std::size_t>(at - begin - 1));
      if (level.name_follows && is_presentable(inside)) level.name = inside;
      level.name_follows = false;
    }
  }
  return render(levels);
}

JsonFault find_lexical_fault(std::string_view text) {
  bool in_string = false;
  std::size_t string_begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80) {
      const std::size_t length = sequence_length(text.substr(at));
      if (length == 0) return {"not UTF-8", at};
      at += length;
      continue;
    }
    if (in_string && c < 0x20) return {"a control character that is not escaped", at};
    if (in_string && c == '\\' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0x80)
      ++at;
    if (c == '"') {
      in_string = !in_string;
      string_begin = at;
    }
    ++at;
  }
  return {"a string that does not end", string_begin};
}

Error to_error(const JsonFault& fault, std::string_view text) {
  std::string message = "JSON: ";
  message += fault.what;
  if (fault.limit != 0) message += " (limit " + std::to_string(fault.limit) + ")";
  message += " at byte " + std::to_string(fault.offset);
  const ErrorCode code = fault.limit != 0 ? ErrorCode::too_large : ErrorCode::invalid;
  return Error(code, std::move(message)).at(path_at(text, fault.offset)).over(fault.limit);
}

}  // namespace quire::document
