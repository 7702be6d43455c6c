#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/extended_json.h"
#include "document/schema_node.h"

namespace quire::document {

// A value on its way through a schema: what it is, and where in the document it stands.
class Instance {
 public:
  explicit Instance(const Value& document) : Instance(document, nullptr, nullptr, 0) {}
  static Instance member(const Instance& parent, const Member& member) {
    return {member.value, &parent, &member.name, 0};
  }
  static Instance element(const Instance& parent, std::size_t index) {
    return {parent.value_.elements()[index], &parent, nullptr, index};
  }
  // The name of a member, as a value.
  static Instance name(const Instance& parent, const Member& member) {
    return {member.name, &parent, &member.name, 0, true};
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const Value& value() const { return value_; }
  Type type() const { return type_; }
  bool is_name() const { return is_name_; }
  const TypedValue& typed() const {
    if (!typed_) typed_.emplace(value_);
    return *typed_;
  }
  // The bits of schema_type that hold for it.
  std::uint8_t schema_types() const;

  std::string path() const;
  std::string pointer() const;
  // How many steps lead here.
  std::size_t depth() const;

 private:
  Instance(const Value& value, const Instance* parent, const Value* name, std::size_t index, bool is_name = false);
  std::vector<const Instance*> way() const;

  const Value& value_;
  const Instance* parent_;
  const Value* name_;  // null: the element at `index_`, or the document
  std::size_t index_;
  Type type_;
  bool is_name_;
  mutable std::optional<TypedValue> typed_;
};

// Which members or elements of one value have been looked at so far, for unevaluatedProperties and
// unevaluatedItems. What an alternative has marked that does not hold is taken back.
class Evaluated {
 public:
  struct Mark {
    std::size_t count;
    bool all;
  };

  explicit Evaluated(std::size_t size) : size_(size) {}
  void add(std::size_t index) {
    if (all_) return;
    if (seen_.empty()) seen_.resize(size_);
    if (seen_[index]) return;
    seen_[index] = true;
    order_.push_back(static_cast<std::uint32_t>(index));
  }
  void add_all() { all_ = true; }
  bool has(std::size_t index) const { return all_ || (!seen_.empty() && seen_[index]); }
  Mark mark() const { return {order_.size(), all_}; }
  void take_back(const Mark& mark) {
    for (; order_.size() > mark.count; order_.pop_back()) seen_[order_.back()] = false;
    all_ = mark.all;
  }
  void add_to(Evaluated& other) const {
    if (all_) other.add_all();
    for (const std::uint32_t index : order_) other.add(index);
  }

 private:
  std::size_t size_;
  bool all_ = false;
  std::vector<bool> seen_;
  std::vector<std::uint32_t> order_;
};

// One validation of one document. Where violations are wanted, all rules are looked at; inside alternatives
// only whether they hold, up to the first that does not.
class SchemaRun {
 public:
  SchemaRun(const Schema::State& schema, const ValidateOptions& options)
      : schema_(schema), most_(options.most_violations), steps_left_(options.steps) {}
  Result<Violations> run(const Value& document);

 private:
  // The resources that led here, the last one first.
  struct Scope {
    std::uint32_t resource;
    const Scope* outer;
  };
  // What is done in silence finds out whether a schema holds, and reports nothing.
  class Silence {
   public:
    explicit Silence(SchemaRun& run) : run_(run) { ++run_.silent_; }
    ~Silence() { --run_.silent_; }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

   private:
    SchemaRun& run_;
  };

  // schema_run.cc. Each is true where its rules hold; none is to be believed once the run has stopped.
  bool holds(const SchemaNode* node, const Instance& instance, Evaluated* seen);
  bool rules_hold(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool with_unevaluated(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool own_rules(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool unevaluated(const SchemaNode& node, const Instance& instance, Evaluated& seen);
  bool combinations(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool any_of(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool one_of(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool condition(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  // In silence; what it marked counts only where it holds.
  bool alternative(const SchemaNode* node, const Instance& instance, Evaluated* seen);
  const SchemaNode* dynamic_target(const DynamicReference& reference) const;

  // schema_rules.cc
  bool types(const SchemaNode& node, const Instance& instance);
  bool values(const SchemaNode& node, const Instance& instance);
  bool numbers(const SchemaNode& node, const Instance& instance);
  bool strings(const SchemaNode& node, const Instance& instance);

  // schema_containers.cc
  bool arrays(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool items(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool contains(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool objects(const SchemaNode& node, const Instance& instance, Evaluated* seen);
  bool member(const SchemaNode& node, const Instance& instance, std::size_t index,
              std::vector<bool>& present, Evaluated* seen);
  bool dependents(const SchemaNode& node, const Instance& instance, const std::vector<bool>& present,
                  Evaluated* seen);
  bool is_found(const Regex& pattern, std::string_view text);

  // schema_report.cc. Always false, so that a rule can return it. `say` gives the message, and is called only
  // where it is wanted.
  template <class Say>
  bool fail(const SchemaNode& node, std::string_view rule, const Instance& instance, Say say) {
    if (silent_ == 0 && !stopped()) report(node, rule, instance, say());
    return false;
  }
  bool fail_never(const SchemaNode& node, const Instance& instance);
  void report(const SchemaNode& node, std::string_view rule, const Instance& instance, std::string message);
  // Why the alternative that fits best does not fit; empty where that would take too long to find out.
  std::string nearest(const std::vector<const SchemaNode*>& alternatives, const Instance& instance,
                      std::uint64_t steps_taken);

  // Takes steps; false where they do not suffice.
  bool spend(std::uint64_t steps) {
    if (steps_left_ < steps) {
      steps_left_ = 0;
      exhausted_ = true;
      return false;
    }
    steps_left_ -= steps;
    return !stopped();
  }
  bool stopped() const { return exhausted_ || too_deep_ || violations_.more; }
  // Whether the next rule is worth a look after one that gave `holds`.
  bool go_on(bool holds) const { return holds || (silent_ == 0 && !stopped()); }

  const Schema::State& schema_;
  std::size_t most_;
  std::uint64_t steps_left_;
  std::uint32_t depth_ = 0;
  std::uint32_t silent_ = 0;
  bool brief_ = false;  // finding the nearest alternative, which is not done inside itself
  std::size_t reported_depth_ = 0;
  bool exhausted_ = false;
  bool too_deep_ = false;
  const Scope* scope_ = nullptr;
  Violations violations_;
};

// What a value is, in short, for a person. Strings and numbers are cut where they are long.
std::string described(const Instance& instance);
// A value of the schema, in short.
std::string shown(const Value& value);

}  // namespace quire::document
