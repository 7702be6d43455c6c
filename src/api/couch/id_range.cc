#include "api/couch/id_range.h"

#include <algorithm>
#include <optional>
#include <utility>

// Ids are UTF-8, in which no byte is 0xFF: "o\xFF" is behind all that begins with "o", and in front of "p".

namespace quire::api::couch {

namespace {

// Some string that is in front of this one and behind all ids that are.
std::string in_front_of(std::string_view id) {
  std::string text(id);
  if (text.empty()) return text;
  if (text.back() == '\0') {
    text.pop_back();
    return text;
  }
  text.back() = static_cast<char>(static_cast<unsigned char>(text.back()) - 1);
  text.push_back('\xFF');
  return text;
}

std::string behind(std::string_view id) {
  std::string text(id);
  text.push_back('\0');
  return text;
}

bool below(const std::string& after, const std::string& before) { return before.empty() || after < before; }

// What of the range stands behind a collection's prefix.
std::optional<IdRange> inside(const IdRange& range, const std::string& prefix) {
  IdRange own;
  if (range.after.starts_with(prefix)) {
    own.after = range.after.substr(prefix.size());
  } else if (range.after > prefix) {
    return std::nullopt;
  }
  if (range.before.starts_with(prefix)) {
    own.before = range.before.substr(prefix.size());
    if (own.before.empty()) return std::nullopt;
  } else if (!range.before.empty() && range.before < prefix) {
    return std::nullopt;
  }
  return own;
}

}  // namespace

void IdRange::from(std::string_view id, bool itself) {
  after = std::max(after, itself ? in_front_of(id) : std::string(id));
}

void IdRange::to(std::string_view id, bool itself) {
  std::string bound = itself ? behind(id) : std::string(id);
  if (bound.empty()) bound = behind("");  // nothing is in front of the empty id
  before = before.empty() ? std::move(bound) : std::min(before, bound);
}

void IdRange::begins_with(std::string_view prefix) {
  from(prefix, true);
  to(std::string(prefix) + '\xFF', false);
}

std::vector<Stretch> stretches(const IdRange& range, const std::set<std::string, std::less<>>& collections,
                               bool descending) {
  std::vector<std::string> prefixes;
  for (const std::string& name : collections) {
    if (name != "_default") prefixes.push_back(name + ":");
  }
  std::sort(prefixes.begin(), prefixes.end());
  std::vector<Stretch> all;
  std::string begun = range.after;
  const auto add_default = [&](const std::string& end) {
    std::string before = end.empty()            ? range.before
                         : range.before.empty() ? end
                                                : std::min(range.before, end);
    if (below(begun, before)) all.push_back({"_default", {begun, std::move(before)}});
  };
  for (const std::string& prefix : prefixes) {
    auto own = inside(range, prefix);
    if (!own) continue;
    add_default(prefix);
    all.push_back({prefix.substr(0, prefix.size() - 1), *std::move(own)});
    begun = std::max(begun, prefix + '\xFF');
  }
  add_default({});
  if (descending) std::reverse(all.begin(), all.end());
  return all;
}

}  // namespace quire::api::couch
