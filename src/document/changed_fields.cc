// Both texts are walked side by side, one level at a time. What is equal is compared as bytes and not looked
// into: of an object neither the members that both begin with nor those that both end with.
#include "document/changed_fields.h"

#include <algorithm>
#include <unordered_set>

#include "base/common_ends.h"
#include "base/hash.h"
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

// Goes through the members of an object.
class MemberWalk {
 public:
  explicit MemberWalk(std::string_view object, std::size_t offset = 1)
      : begin_(object.data()), at_(begin_ + offset), end_(begin_ + object.size() - 1) {}

  bool at_end() const { return at_ == end_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  // What has not been gone through, with the bracket that ends the object.
  std::size_t bytes_left() const { return static_cast<std::size_t>(end_ - at_) + 1; }

  Result<TextMember> next() {
    bool escaped = false;
    const char* const name_end = *at_ == '"' ? skip_string(at_ + 1, end_, escaped) : nullptr;
    if (name_end == nullptr || name_end == end_ || *name_end != ':') return damaged();
    const char* const value_end = skip_value(name_end + 1, end_);
    if (value_end == nullptr) return damaged();
    const TextMember member{between(at_ + 1, name_end - 1), between(name_end + 1, value_end)};
    at_ = value_end;
    if (at_ != end_ && (*at_ != ',' || ++at_ == end_)) return damaged();
    return member;
  }
  // Passes the members that end, with the comma behind them, within the first `bytes` of the object.
  Status pass(std::size_t bytes) {
    while (!at_end()) {
      const char* const here = at_;
      if (const auto member = next(); !member) return member.error();
      if (!at_end() && offset() <= bytes) continue;
      at_ = here;
      break;
    }
    return ok();
  }

 private:
  const char* begin_;
  const char* at_;
  const char* end_;
};

// Whether members of these names are still to come in a walk, which goes on between the questions: the first
// few times by walking, then with a table. Nobody asks for a name that the walk has passed.
class NamesToCome {
 public:
  Result<bool> contain(std::string_view name, MemberWalk rest) {
    const bool scans = ++questions_ <= kScansBeforeTable;
    if (!scans && taken_in_) return names_.contains(name);
    while (!rest.at_end()) {
      QUIRE_TRY(const TextMember member, rest.next());
      if (!scans) {
        names_.insert(member.name);
      } else if (member.name == name) {
        return true;
      }
    }
    taken_in_ = !scans;
    return names_.contains(name);
  }

 private:
  struct Hasher {
    std::size_t operator()(std::string_view name) const { return table_hash(name); }
  };
  std::size_t questions_ = 0;
  bool taken_in_ = false;
  std::unordered_set<std::string_view, Hasher> names_;
};

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
    if (before.size() < 2 || after.size() < 2) return damaged();
    const std::size_t front = common_front(before, after);
    const std::size_t end = common_end(before, after);
    MemberWalk olds(before);
    QUIRE_TRY_STATUS(olds.pass(front));
    MemberWalk news(after, olds.offset());
    NamesToCome to_come;
    const auto all_equal = [&] { return olds.bytes_left() == news.bytes_left() && olds.bytes_left() <= end; };
    while (!olds.at_end() && !all_equal()) {
      QUIRE_TRY(const TextMember member, olds.next());
      MemberWalk behind = news;
      if (!news.at_end()) {
        QUIRE_TRY(const TextMember other, behind.next());
        if (other.name == member.name) {
          news = behind;
          QUIRE_TRY(const bool said, compare(member, other));
          if (!said || bytes_ > kChangedFieldsBytes) return false;
          continue;
        }
      }
      // Gone, unless it stands elsewhere now.
      QUIRE_TRY(const bool moved, to_come.contain(member.name, news));
      if (moved || !note(fields_.removed, member.name)) return false;
    }
    if (all_equal()) return true;
    while (!news.at_end()) {
      QUIRE_TRY(const TextMember fresh, news.next());
      if (!note(fields_.updated, fresh.name)) return false;
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
