// Building a Value from minified text: one walk from left to right. Values that are complete wait on one
// stack; when a container closes, what it holds is moved from the stack's top into one array in the arena. A
// member is two values beside each other, its name and its value, which is why one stack does for arrays and
// objects.
#include <algorithm>
#include <memory>
#include <vector>

#include "document/number_scan.h"
#include "document/text_scan.h"
#include "document/tuning.h"
#include "document/value.h"

namespace quire::document {

static_assert(sizeof(Member) == 2 * sizeof(Value));

namespace {
struct OpenContainer {
  const char* begin;        // of its text
  std::size_t first_value;  // where its values begin on the stack
  bool object;
};

// Kept by a thread between calls, for speed only.
struct Scratch {
  std::vector<Value> values;
  std::vector<OpenContainer> open;
};

Scratch& scratch_of_thread() {
  thread_local Scratch scratch;
  scratch.values.clear();
  scratch.open.clear();
  return scratch;
}
}  // namespace

class ValueBuilder {
 public:
  ValueBuilder(Arena& arena, std::string_view text)
      : arena_(arena), at_(text.data()), end_(at_ + text.size()), scratch_(scratch_of_thread()) {}
  // What a huge text made larger is given back.
  ~ValueBuilder() {
    if (scratch_.values.capacity() * sizeof(Value) > kScratchBytesKept) scratch_ = {};
  }
  ValueBuilder(const ValueBuilder&) = delete;
  ValueBuilder& operator=(const ValueBuilder&) = delete;

  Result<Value> build() {
    do {
      while (begin_value()) {
      }
    } while (end_value());
    if (failed_ || at_ != end_) return damaged();
    return scratch_.values.back();
  }

  static Result<Value> build_members(Arena& arena, std::string_view text,
                                     std::span<const std::string_view> names);

 private:
  static Error damaged() { return {ErrorCode::corrupt, "a stored text is not minified JSON"}; }

  bool fail() {
    failed_ = true;
    return false;
  }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  // Takes a scalar, an empty container, or the opening of a container; true where another value must follow.
  bool begin_value() {
    if (at_ == end_) return fail();
    const char c = *at_;
    if (c == '{' || c == '[') return open_container(c == '{');
    if (c == '"') return take_string();
    return take_plain();
  }

  bool open_container(bool object) {
    const char* const begin = at_++;
    if (take(object ? '}' : ']')) {
      push(Value(object ? Value::Kind::object : Value::Kind::array, {begin, 2}));
      return false;
    }
    if (scratch_.open.size() >= kMaxDepth) return fail();
    scratch_.open.push_back({begin, scratch_.values.size(), object});
    return !object || take_name();
  }

  bool take_name() {
    if (at_ == end_ || *at_ != '"') return fail();
    take_string();
    return !failed_ && (take(':') || fail());
  }

  // Returns false: no value has to follow.
  bool take_string() {
    const char* const begin = at_;
    bool escaped = false;
    at_ = skip_string(begin + 1, end_, escaped);
    if (at_ == nullptr) return fail();
    Value value(Value::Kind::string, {begin, static_cast<std::size_t>(at_ - begin)});
    value.flag_ = escaped;
    push(value);
    return false;
  }

  bool take_plain() {
    if (*at_ == 'n') return take_literal("null", Value());
    if (*at_ == 't') return take_literal("true", Value::boolean(true));
    if (*at_ == 'f') return take_literal("false", Value::boolean(false));
    const char* end = end_;
    if (scan_number(at_, end) != NumberFault::none) return fail();
    push(Value::number({at_, static_cast<std::size_t>(end - at_)}));
    at_ = end;
    return false;
  }

  bool take_literal(std::string_view literal, const Value& value) {
    if (static_cast<std::size_t>(end_ - at_) < literal.size() ||
        std::string_view(at_, literal.size()) != literal) {
      return fail();
    }
    push(value);
    at_ += literal.size();
    return false;
  }

  // After a value: closes the containers that end here; true where a comma asks for another value.
  bool end_value() {
    if (failed_) return false;
    while (!scratch_.open.empty()) {
      const bool object = scratch_.open.back().object;
      if (take(',')) return !object || take_name();
      if (!take(object ? '}' : ']')) return fail();
      close_container();
    }
    return false;
  }

  void close_container() {
    const OpenContainer open = scratch_.open.back();
    scratch_.open.pop_back();
    const auto first = scratch_.values.begin() + static_cast<std::ptrdiff_t>(open.first_value);
    const auto count = static_cast<std::size_t>(scratch_.values.end() - first);
    Value container(open.object ? Value::Kind::object : Value::Kind::array,
                    {open.begin, static_cast<std::size_t>(at_ - open.begin)});
    container.items_ = make_items(arena_, &*first, count, open.object ? count / 2 : count);
    scratch_.values.erase(first, scratch_.values.end());
    push(container);
  }

  static Value::Items* make_items(Arena& arena, const Value* values, std::size_t count, std::size_t items) {
    static_assert(sizeof(Value::Items) == 8 && alignof(Value) == 8);
    char* const memory = static_cast<char*>(arena.allocate(sizeof(Value::Items) + count * sizeof(Value), 8));
    const auto size = static_cast<std::uint32_t>(items);
    std::uninitialized_copy_n(values, count, reinterpret_cast<Value*>(memory + sizeof(Value::Items)));
    return new (memory) Value::Items{size, size};
  }

  void push(const Value& value) { scratch_.values.push_back(value); }

  Arena& arena_;
  const char* at_;
  const char* const end_;
  Scratch& scratch_;
  bool failed_ = false;
};

Result<Value> ValueBuilder::build_members(Arena& arena, std::string_view text,
                                          std::span<const std::string_view> names) {
  Value object = Value::object();
  const char* at = text.data();
  const char* const end = at + text.size();
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return damaged();
  if (text.size() == 2) return object;
  std::vector<Value> wanted;
  do {
    Value name(Value::Kind::string, {});
    const char* const name_begin = ++at;  // behind the brace or the comma
    if (at == end || *at != '"') return damaged();
    at = skip_string(at + 1, end, name.flag_);
    if (at == nullptr || at == end || *at != ':') return damaged();
    name.text_ = name_begin;
    name.size_ = static_cast<std::uint32_t>(at - name_begin);
    const char* const value_begin = ++at;
    at = skip_value(at, end);
    if (at == nullptr || at == end) return damaged();
    const auto names_it = [&](std::string_view one) { return name.is_string_equal_to(one); };
    if (std::any_of(names.begin(), names.end(), names_it)) {
      ValueBuilder builder(arena, {value_begin, static_cast<std::size_t>(at - value_begin)});
      QUIRE_TRY(const Value value, builder.build());
      wanted.push_back(name);
      wanted.push_back(value);
    }
  } while (*at == ',');
  if (*at != '}' || at + 1 != end) return damaged();
  object.items_ = make_items(arena, wanted.data(), wanted.size(), wanted.size() / 2);
  return object;
}

Result<Value> Value::parse(Arena& arena, std::string_view minified) {
  return ValueBuilder(arena, minified).build();
}

Result<Value> Value::parse_members(Arena& arena, std::string_view minified,
                                   std::span<const std::string_view> names) {
  return ValueBuilder::build_members(arena, minified, names);
}

}  // namespace quire::document
