#include "document/json_patch.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "document/tuning.h"
#include "document/value_order.h"

namespace quire::document {

namespace {

enum class Op : std::uint8_t { add, remove, replace, move, copy, test };
constexpr std::pair<std::string_view, Op> kOps[] = {{"add", Op::add},   {"remove", Op::remove},
                                                    {"move", Op::move}, {"replace", Op::replace},
                                                    {"copy", Op::copy}, {"test", Op::test}};

// The segments of a JSON Pointer (RFC 6901), unescaped.
using Pointer = std::vector<std::string>;

Result<Pointer> parse_pointer(std::string_view text) {
  const Error malformed(ErrorCode::invalid, "this is not a JSON Pointer");
  Pointer pointer;
  if (text.empty()) return pointer;
  if (text.front() != '/') return malformed;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      if (pointer.size() == kMaxDepth)
        return Error(ErrorCode::too_large, "the path is too long").over(kMaxDepth);
      pointer.emplace_back();
    } else if (text[i] != '~') {
      pointer.back().push_back(text[i]);
    } else if (++i < text.size() && (text[i] == '0' || text[i] == '1')) {
      pointer.back().push_back(text[i] == '0' ? '~' : '/');
    } else {
      return malformed;
    }
  }
  return pointer;
}

// An element's place: digits without a leading zero.
std::optional<std::size_t> parse_index(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return index;
}

std::vector<const Member*> by_name(const Value& object) {
  std::vector<const Member*> members;
  for (const Member& member : object.members()) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const Member* left, const Member* right) {
    return compare_values(left->name, right->name) < 0;
  });
  return members;
}

bool same(const Value& left, const Value& right) {
  if (left.kind() != right.kind() || left.size() != right.size()) return false;
  if (left.is_array()) {
    return std::equal(left.elements().begin(), left.elements().end(), right.elements().begin(), same);
  }
  if (!left.is_object()) return equal_values(left, right);
  const auto lefts = by_name(left);
  const auto rights = by_name(right);
  return std::equal(lefts.begin(), lefts.end(), rights.begin(), [](const Member* one, const Member* other) {
    return equal_values(one->name, other->name) && same(one->value, other->value);
  });
}

struct Operation {
  Op op = Op::test;
  Pointer path;
  Pointer from;
  Value value;
};

// Does operations to one target.
class Patcher {
 public:
  Patcher(Value& target, const JsonLimits& limits, Arena& arena)
      : target_(target), limits_(limits), arena_(arena), bytes_left_(limits.document_bytes) {}

  Status apply(const Operation& operation) {
    switch (operation.op) {
      case Op::add: return add(operation.path, operation.value.copy(arena_));
      case Op::remove: return take(operation.path);
      case Op::replace: return replace(operation.path, operation.value.copy(arena_));
      case Op::move: return move(operation);
      case Op::copy: return copy(operation);
      case Op::test: return test(operation);
    }
    return ok();
  }

 private:
  static Error not_there() { return Error(ErrorCode::precondition, "the document has no such place"); }

  static Value* child(Value& value, const std::string& segment) {
    if (value.is_object()) return value.find_mutable(segment);
    if (!value.is_array()) return nullptr;
    const auto index = parse_index(segment);
    return index && *index < value.size() ? &value.mutable_elements()[*index] : nullptr;
  }

  Value* find(const Pointer& path, std::size_t steps) {
    Value* value = &target_;
    for (std::size_t i = 0; i < steps && value != nullptr; ++i) value = child(*value, path[i]);
    return value;
  }
  Value* find(const Pointer& path) { return find(path, path.size()); }

  Status check_depth(const Pointer& path, const Value& value) const {
    if (path.size() + value.depth() <= limits_.depth) return ok();
    return Error(ErrorCode::too_large, "the document would nest too deep").over(limits_.depth);
  }

  Status add(const Pointer& path, const Value& value) {
    QUIRE_TRY_STATUS(check_depth(path, value));
    if (path.empty()) {
      target_ = value;
      return ok();
    }
    Value* const parent = find(path, path.size() - 1);
    if (parent == nullptr) return not_there();
    if (parent->is_object()) {
      parent->set(arena_, path.back(), value);
      return ok();
    }
    if (!parent->is_array()) return not_there();
    const auto index = path.back() == "-" ? parent->size() : parse_index(path.back());
    if (!index || *index > parent->size()) return not_there();
    parent->insert(arena_, *index, value);
    return ok();
  }

  Status take(const Pointer& path) {
    if (path.empty()) return Error(ErrorCode::invalid, "the document as a whole cannot be removed");
    Value* const parent = find(path, path.size() - 1);
    if (parent == nullptr || child(*parent, path.back()) == nullptr) return not_there();
    if (parent->is_object()) {
      parent->erase(path.back());
    } else {
      parent->erase_element(*parse_index(path.back()));
    }
    return ok();
  }

  Status replace(const Pointer& path, const Value& value) {
    QUIRE_TRY_STATUS(check_depth(path, value));
    Value* const place = find(path);
    if (place == nullptr) return not_there();
    if (path.empty()) {
      target_ = value;
      return ok();
    }
    Value* const parent = find(path, path.size() - 1);
    if (parent->is_object()) {
      parent->set(arena_, path.back(), value);
    } else {
      *place = value;
    }
    return ok();
  }

  Status move(const Operation& operation) {
    const Pointer& from = operation.from;
    if (from == operation.path) return find(from) == nullptr ? Status(not_there()) : ok();
    const bool into_itself =
        from.size() < operation.path.size() && std::equal(from.begin(), from.end(), operation.path.begin());
    if (into_itself) return Error(ErrorCode::invalid, "a value cannot be moved into itself");
    const Value* const found = find(from);
    if (found == nullptr) return not_there();
    const Value value = *found;
    QUIRE_TRY_STATUS(take(from));
    return add(operation.path, value);
  }

  // Copies of copies double with every operation, so that all of them together are bounded.
  Status copy(const Operation& operation) {
    const Value* const found = find(operation.from);
    if (found == nullptr) return not_there();
    const std::size_t bytes = found->to_json().size();
    if (bytes > bytes_left_) {
      return Error(ErrorCode::too_large, "the patch copies too much").over(limits_.document_bytes);
    }
    bytes_left_ -= bytes;
    return add(operation.path, found->clone(arena_));
  }

  Status test(const Operation& operation) {
    const Value* const found = find(operation.path);
    if (found == nullptr) return not_there();
    if (same(*found, operation.value)) return ok();
    return Error(ErrorCode::precondition, "the document has another value there");
  }

  Value& target_;
  const JsonLimits& limits_;
  Arena& arena_;
  std::uint64_t bytes_left_;
};

std::string place(std::size_t index) { return "[" + std::to_string(index) + "]"; }

// The operation as it stands in the list; `field` becomes the member at fault.
Result<Operation> parse_operation(const Value& value, std::string& field) {
  if (!value.is_object()) return Error(ErrorCode::invalid, "an operation is an object");
  Operation operation;
  const auto pointer = [&](const char* name) -> Result<Pointer> {
    field = std::string(".") + name;
    const Value* const text = value.find(name);
    if (text == nullptr || !text->is_string())
      return Error(ErrorCode::invalid, "the operation needs a path here");
    return parse_pointer(text->to_string());
  };
  field = ".op";
  const Value* const op = value.find("op");
  const auto known = std::find_if(std::begin(kOps), std::end(kOps), [&](const auto& one) {
    return op != nullptr && op->is_string_equal_to(one.first);
  });
  if (known == std::end(kOps)) return Error(ErrorCode::invalid, "there is no such operation");
  operation.op = known->second;
  QUIRE_TRY(operation.path, pointer("path"));
  if (operation.op == Op::move || operation.op == Op::copy) {
    QUIRE_TRY(operation.from, pointer("from"));
  }
  if (operation.op == Op::add || operation.op == Op::replace || operation.op == Op::test) {
    field = ".value";
    const Value* const given = value.find("value");
    if (given == nullptr) return Error(ErrorCode::invalid, "the operation needs a value");
    operation.value = *given;
  }
  return operation;
}

}  // namespace

struct JsonPatch::State {
  std::string text;  // which the values point into
  Arena arena;
  std::vector<Operation> operations;
};

Result<JsonPatch> JsonPatch::parse(std::string_view minified) {
  auto state = std::make_shared<State>();
  state->text = minified;
  QUIRE_TRY(const Value list, Value::parse(state->arena, state->text));
  if (!list.is_array()) return Error(ErrorCode::invalid, "a JSON Patch is an array of operations");
  if (list.size() > kPatchOperations) {
    return Error(ErrorCode::too_large, "the patch has too many operations").over(kPatchOperations);
  }
  for (const Value& value : list.elements()) {
    std::string field;
    auto operation = parse_operation(value, field);
    if (!operation) return std::move(operation).error().at(place(state->operations.size()) + field);
    state->operations.push_back(*std::move(operation));
  }
  return JsonPatch(std::move(state));
}

Status JsonPatch::apply(Value& target, const JsonLimits& limits, Arena& arena) const {
  Patcher patcher(target, limits, arena);
  for (std::size_t i = 0; i < state_->operations.size(); ++i) {
    if (auto done = patcher.apply(state_->operations[i]); !done) {
      return std::move(done).error().at(place(i));
    }
  }
  return ok();
}

}  // namespace quire::document
