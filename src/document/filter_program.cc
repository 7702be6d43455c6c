#include "document/filter_program.h"

#include <algorithm>

#include "document/filter_node.h"
#include "document/regex.h"
#include "document/text_scan.h"

namespace quire::document {

namespace {
// What a look at a text says of a predicate; unsure: a tree has to be asked.
enum class Verdict : std::uint8_t { no, yes, unsure };

Verdict verdict(bool holds) { return holds ? Verdict::yes : Verdict::no; }

bool is_negated(FilterOperator op) { return op == FilterOperator::not_equal || op == FilterOperator::not_in; }

// Whether the text of an object may be that of a special type: it has a name that begins with "$", perhaps
// written as an escape.
bool may_be_special(std::string_view object) {
  return object.size() > 2 && (object[2] == '$' || object[2] == '\\');
}

bool in_order(FilterOperator op, std::weak_ordering order) {
  switch (op) {
    case FilterOperator::greater: return order > 0;
    case FilterOperator::greater_equal: return order >= 0;
    case FilterOperator::less: return order < 0;
    case FilterOperator::less_equal: return order <= 0;
    default: return order == 0;
  }
}
}  // namespace

FilterProgram::FilterProgram(const FilterNode& root) {
  Slots slots;
  add(root, nullptr, slots);
  std::vector<Path> scanned;
  for (std::uint32_t slot = 0; slot < paths_.size(); ++slot) {
    if (paths_[slot].steps()[0].name == "_id") {
      reads_id_ = true;
      continue;
    }
    scanned.push_back(paths_[slot]);
    slots_.push_back(slot);
  }
  scanner_ = MemberScanner(scanned);
}

// `path`: of the predicate that this one is inside of.
void FilterProgram::add(const FilterNode& node, const Path* path, Slots& slots) {
  if (path == nullptr && !node.path.empty()) path = &node.path;
  switch (node.op) {
    case FilterOperator::all_of: return combine(Code::all_of, node, path, slots);
    case FilterOperator::any_of: return combine(Code::any_of, node, path, slots);
    case FilterOperator::none_of: return combine(Code::none_of, node, path, slots);
    case FilterOperator::negation: return combine(Code::not_all, node, path, slots);
    // $all of nothing holds nowhere.
    case FilterOperator::all:
      return combine(node.children.empty() ? Code::any_of : Code::all_of, node, path, slots);
    default: return add_predicate(node, *path, slots);
  }
}

void FilterProgram::combine(Code code, const FilterNode& node, const Path* path, Slots& slots) {
  const std::size_t at = instructions_.size();
  instructions_.emplace_back().code = code;
  for (const FilterNode& child : node.children) add(child, path, slots);
  instructions_[at].end = static_cast<std::uint32_t>(instructions_.size());
}

void FilterProgram::add_predicate(const FilterNode& node, const Path& path, Slots& slots) {
  Instruction one;
  one.node = &node;
  one.path = &path;
  one.slot = slot_of(path, slots);
  one.negated = is_negated(node.op);
  one.when_missing = predicate_matches(node, nullptr, {});
  one.end = static_cast<std::uint32_t>(instructions_.size() + 1);
  one.operands_begin = static_cast<std::uint32_t>(operands_.size());
  switch (node.op) {
    case FilterOperator::exists: one.code = Code::exists; break;
    case FilterOperator::regex: one.code = Code::regex; break;
    case FilterOperator::in:
    case FilterOperator::not_in: one.code = Code::in; break;
    case FilterOperator::equal:
    case FilterOperator::not_equal:
    case FilterOperator::greater:
    case FilterOperator::greater_equal:
    case FilterOperator::less:
    case FilterOperator::less_equal: one.code = Code::compare; break;
    default: one.code = Code::tree; break;
  }
  if (one.code == Code::in || one.code == Code::compare) {
    for (const auto& operand : node.operands) {
      operands_.push_back(JsonScalar::of(*operand));
      one.of_containers |= operand->type() == Type::array || operand->type() == Type::object;
    }
  }
  one.operands_end = static_cast<std::uint32_t>(operands_.size());
  instructions_.push_back(one);
}

std::uint32_t FilterProgram::slot_of(const Path& path, Slots& slots) {
  const auto [found, is_new] = slots.try_emplace(path, static_cast<std::uint32_t>(paths_.size()));
  if (is_new) paths_.push_back(path);
  return found->second;
}

// One document.
class FilterRun {
 public:
  using Code = FilterProgram::Code;
  using Instruction = FilterProgram::Instruction;

  FilterRun(const FilterProgram& program, Arena& arena) : program_(program), arena_(arena) {}

  Result<bool> run(std::string_view text, std::string_view id) {
    const std::size_t count = program_.paths_.size();
    members_ = arena_.allocate_array<ScannedMember>(count);
    const std::size_t scanned = program_.slots_.size();
    QUIRE_TRY_STATUS(program_.scanner_.scan(text, {members_, scanned}));
    if (program_.reads_id_) add_id(id);
    const bool holds = is_true(0);
    if (error_) return *error_;
    return holds;
  }

 private:
  // The scanner's members stand in front; this moves them to their slots, between those of the id.
  void add_id(std::string_view id) {
    std::size_t scanned = program_.slots_.size();
    for (std::size_t slot = program_.paths_.size(); slot-- > 0;) {
      const Path& path = program_.paths_[slot];
      if (path.steps()[0].name != "_id") {
        members_[slot] = members_[--scanned];
      } else {
        members_[slot] = path.steps().size() == 1 ? id_member(id) : ScannedMember();
      }
    }
  }

  ScannedMember id_member(std::string_view id) {
    const Value value = Value::string(arena_, id);
    const std::string_view raw = value.raw_string();
    return {.state = ScannedMember::State::found,
            .escaped = raw.size() != id.size(),
            .steps = 1,
            .size = static_cast<std::uint32_t>(raw.size() + 2),
            .begin = raw.data() - 1};
  }

  bool is_true(std::uint32_t at) {
    const Instruction& one = program_.instructions_[at];
    switch (one.code) {
      case Code::all_of: return !has_child(at, false);
      case Code::any_of: return has_child(at, true);
      case Code::none_of: return !has_child(at, true);
      case Code::not_all: return has_child(at, false);
      default: return holds(one, members_[one.slot]);
    }
  }

  bool has_child(std::uint32_t at, bool wanted) {
    const auto& instructions = program_.instructions_;
    const std::uint32_t end = instructions[at].end;
    for (std::uint32_t child = at + 1; child < end; child = instructions[child].end) {
      if (is_true(child) == wanted) return true;
    }
    return false;
  }

  bool holds(const Instruction& one, const ScannedMember& member) {
    if (member.state == ScannedMember::State::missing) return one.when_missing;
    if (member.is_open() || one.code == Code::tree) return ask_tree(one, member);
    if (one.code == Code::exists) return one.node->wanted;
    const Verdict found =
        member.first() == '[' ? look_into(one, member.text()) : look(one, member.text(), member.escaped);
    if (found == Verdict::unsure) return ask_tree(one, member);
    return (found == Verdict::yes) != one.negated;
  }

  // An array at the end of a path: its elements, then itself.
  Verdict look_into(const Instruction& one, std::string_view array) const {
    const char* at = array.data() + 1;
    const char* const end = array.data() + array.size();
    while (end - at > 1) {
      bool escaped = false;
      const char* const behind = *at == '"' ? skip_string(at + 1, end, escaped) : skip_value(at, end);
      if (behind == nullptr || behind == at || behind == end) return Verdict::unsure;
      const Verdict element = look(one, {at, static_cast<std::size_t>(behind - at)}, escaped);
      if (element != Verdict::no) return element;
      at = behind + 1;
    }
    return look(one, array, false);
  }

  // One value, which is not looked into.
  Verdict look(const Instruction& one, std::string_view text, bool escaped) const {
    const char first = text[0];
    if (first == '{' && may_be_special(text)) return Verdict::unsure;
    if (first == '{' || first == '[') return one.of_containers ? Verdict::unsure : Verdict::no;
    if (one.code == Code::regex) {
      if (first != '"') return Verdict::no;
      return escaped ? Verdict::unsure
                     : verdict(one.node->pattern->found_in(text.substr(1, text.size() - 2)));
    }
    const JsonScalar value = JsonScalar::read(text, escaped);
    return one.code == Code::in ? look_up(one, value) : compare_with(one, value);
  }

  Verdict compare_with(const Instruction& one, const JsonScalar& value) const {
    const JsonScalar& operand = program_.operands_[one.operands_begin];
    if (value.type != operand.type) return Verdict::no;
    if (!value.simple || !operand.simple) return Verdict::unsure;
    return verdict(in_order(one.node->op, compare(value, operand)));
  }

  Verdict look_up(const Instruction& one, const JsonScalar& value) const {
    auto from = program_.operands_.begin() + one.operands_begin;
    auto left = one.operands_end - one.operands_begin;
    // The operands ascend.
    while (left > 0) {
      const auto half = left / 2;
      const JsonScalar& operand = from[half];
      if (value.type == operand.type && (!value.simple || !operand.simple)) return Verdict::unsure;
      const auto order = compare(value, operand);
      if (order == 0) return Verdict::yes;
      if (order < 0) {
        left = half;
      } else {
        from += half + 1;
        left -= half + 1;
      }
    }
    return Verdict::no;
  }

  bool ask_tree(const Instruction& one, const ScannedMember& member) {
    const auto value = member.value(arena_);
    if (!value) {
      error_ = value.error();
      return false;
    }
    const std::span<const PathStep> steps = one.path->steps();
    return predicate_matches(*one.node, &*value, steps.subspan(member.steps));
  }

  const FilterProgram& program_;
  Arena& arena_;
  ScannedMember* members_ = nullptr;
  std::optional<Error> error_;
};

Result<bool> FilterProgram::matches(std::string_view minified, std::string_view id, Arena& scratch) const {
  scratch.reset();
  return FilterRun(*this, scratch).run(minified, id);
}

}  // namespace quire::document
