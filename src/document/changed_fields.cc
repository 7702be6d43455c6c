// Both texts are walked side by side, one level at a time: what is equal is compared as bytes and not looked
// into, so a walk costs as much as its changes are deep.
#include "document/changed_fields.h"

#include <algorithm>

#include "document/text_scan.h"
#include "document/tuning.h"
#include "document/value.h"

namespace quire::document {

namespace {

struct TextMember {
  std::string_view name;  // between its quotes, escapes as they stand
  std::string_view value;
};

Error damaged() { return {ErrorCode::corrupt, "a stored text is not minified JSON"}; }

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// The parts of a container, between its brackets.
template <class Take>
Status split(std::string_view container, const Take& take) {
  if (container.size() < 2) return damaged();
  const char* at = container.data() + 1;
  const char* const end = container.data() + container.size() - 1;
  while (at != end) {
    QUIRE_TRY(at, take(at, end));
    if (at == end) break;
    if (*at != ',' || ++at == end) return damaged();
  }
  return ok();
}

Result<std::vector<TextMember>> members_of(std::string_view object) {
  std::vector<TextMember> members;
  QUIRE_TRY_STATUS(split(object, [&](const char* at, const char* end) -> Result<const char*> {
    bool escaped = false;
    const char* const name_end = *at == '"' ? skip_string(at + 1, end, escaped) : nullptr;
    if (name_end == nullptr || name_end == end || *name_end != ':') return damaged();
    const char* const value_end = skip_value(name_end + 1, end);
    if (value_end == nullptr) return damaged();
    members.push_back({between(at + 1, name_end - 1), between(name_end + 1, value_end)});
    return value_end;
  }));
  return members;
}

Result<std::vector<std::string_view>> elements_of(std::string_view array) {
  std::vector<std::string_view> elements;
  QUIRE_TRY_STATUS(split(array, [&](const char* at, const char* end) -> Result<const char*> {
    const char* const value_end = skip_value(at, end);
    if (value_end == nullptr) return damaged();
    elements.push_back(between(at, value_end));
    return value_end;
  }));
  return elements;
}

// Names by which a path can lead.
bool can_be_step(std::string_view name) {
  return !name.empty() && name.front() != '$' && name.find('.') == std::string_view::npos;
}

bool is_array(std::string_view text) { return text.starts_with('['); }
// Not an object of a special type.
bool is_object(std::string_view text) { return text.starts_with('{') && !text.starts_with("{\"$"); }

class Comparison {
 public:
  // False where the changes of this object cannot be said; what was noted for it is then to be forgotten.
  Result<bool> compare_objects(std::string_view before, std::string_view after) {
    QUIRE_TRY(const std::vector<TextMember> old_members, members_of(before));
    QUIRE_TRY(const std::vector<TextMember> new_members, members_of(after));
    std::size_t at = 0;
    for (const TextMember& member : old_members) {
      if (at < new_members.size() && new_members[at].name == member.name) {
        QUIRE_TRY(const bool said, compare(member, new_members[at++]));
        if (!said || bytes_ > kChangedFieldsBytes) return false;
        continue;
      }
      // Gone, unless it stands elsewhere now.
      const bool moved = std::any_of(new_members.begin(), new_members.end(),
                                     [&](const TextMember& other) { return other.name == member.name; });
      if (moved || !note(fields_.removed, member.name)) return false;
    }
    for (; at < new_members.size(); ++at) {
      if (!note(fields_.updated, new_members[at].name)) return false;
    }
    return true;
  }

  ChangedFields take() { return std::move(fields_); }

 private:
  Result<bool> compare(const TextMember& before, const TextMember& after) {
    if (before.value == after.value) return true;
    const std::size_t length = path_.size();
    const bool can = push(before.name);
    if (can) QUIRE_TRY_STATUS(compare_values(before.value, after.value));
    path_.resize(length);
    return can;
  }

  // At path_; what cannot be said of the parts is said of the whole.
  Status compare_values(std::string_view before, std::string_view after) {
    if (before == after) return ok();
    const std::size_t updated = fields_.updated.size();
    const std::size_t removed = fields_.removed.size();
    const std::size_t bytes = bytes_;
    bool said = false;
    if (depth_ < kMaxDepth) {
      ++depth_;
      if (is_object(before) && is_object(after)) {
        QUIRE_TRY(said, compare_objects(before, after));
      } else if (is_array(before) && is_array(after)) {
        QUIRE_TRY(said, compare_arrays(before, after));
      }
      --depth_;
    }
    if (said) return ok();
    fields_.updated.resize(updated);
    fields_.removed.resize(removed);
    bytes_ = bytes;
    add(fields_.updated);
    return ok();
  }

  Result<bool> compare_arrays(std::string_view before, std::string_view after) {
    QUIRE_TRY(const std::vector<std::string_view> old_elements, elements_of(before));
    QUIRE_TRY(const std::vector<std::string_view> new_elements, elements_of(after));
    if (old_elements.size() != new_elements.size()) return false;
    const std::size_t length = path_.size();
    for (std::size_t i = 0; i < old_elements.size(); ++i) {
      path_ += '.';
      path_ += std::to_string(i);
      QUIRE_TRY_STATUS(compare_values(old_elements[i], new_elements[i]));
      path_.resize(length);
      if (bytes_ > kChangedFieldsBytes) return false;
    }
    return true;
  }

  void add(std::vector<std::string>& list) {
    list.push_back(path_);
    bytes_ += path_.size() + 1;
  }

  bool push(std::string_view raw_name) {
    if (!path_.empty()) path_ += '.';
    const std::size_t begin = path_.size();
    unescape(raw_name, path_);
    return can_be_step(std::string_view(path_).substr(begin));
  }

  bool note(std::vector<std::string>& list, std::string_view raw_name) {
    const std::size_t length = path_.size();
    const bool can = push(raw_name);
    if (can) add(list);
    path_.resize(length);
    return can && bytes_ <= kChangedFieldsBytes;
  }

  std::string path_;
  std::uint32_t depth_ = 0;
  std::size_t bytes_ = 0;  // of the paths noted
  ChangedFields fields_;
};

}  // namespace

Result<std::optional<ChangedFields>> difference(std::string_view before, std::string_view after) {
  Comparison comparison;
  QUIRE_TRY(const bool said, comparison.compare_objects(before, after));
  if (!said) return std::optional<ChangedFields>();
  return std::optional<ChangedFields>(comparison.take());
}

}  // namespace quire::document
