#include "document/schema_run.h"

#include <algorithm>

namespace quire::document {

Result<Violations> SchemaRun::run(const Value& document) {
  const Instance instance(document);
  holds(schema_.root, instance, nullptr);
  if (too_deep_) {
    return Error(ErrorCode::exhausted, "schemas lead too deep into each other in this document")
        .over(kSchemaNesting);
  }
  if (exhausted_) return Error(ErrorCode::exhausted, "validating this document by its schema takes too long");
  return std::move(violations_);
}

bool SchemaRun::holds(const SchemaNode* node, const Instance& instance, Evaluated* seen) {
  if (!spend(1)) return false;
  if (node->kind == SchemaNode::Kind::always) return true;
  if (node->kind == SchemaNode::Kind::never) return fail_never(*node, instance);
  if (depth_ == kSchemaNesting) {
    too_deep_ = true;
    return false;
  }
  ++depth_;
  const Scope scope{node->resource, scope_};
  const Scope* const outer = scope_;
  if (outer == nullptr || outer->resource != node->resource) scope_ = &scope;
  const bool held = rules_hold(*node, instance, seen);
  scope_ = outer;
  --depth_;
  return held;
}

bool SchemaRun::rules_hold(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  if (!types(node, instance)) return false;
  const bool tracked = (node.unevaluated_items != nullptr && instance.type() == Type::array) ||
                       (node.unevaluated_properties != nullptr && instance.type() == Type::object);
  return tracked ? with_unevaluated(node, instance, seen) : own_rules(node, instance, seen);
}

// What stands beside an unevaluated keyword and below, and only that, has looked at members on its behalf.
bool SchemaRun::with_unevaluated(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  Evaluated own(instance.value().size());
  bool held = own_rules(node, instance, &own);
  if (go_on(held)) held &= unevaluated(node, instance, own);
  if (seen != nullptr) own.add_to(*seen);
  return held;
}

bool SchemaRun::own_rules(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  bool held = true;
  if (node.values) held = values(node, instance);
  switch (instance.type()) {
    case Type::number:
      if (node.numbers && go_on(held)) held &= numbers(node, instance);
      break;
    case Type::string:
      if (node.strings && go_on(held)) held &= strings(node, instance);
      break;
    case Type::array:
      if (node.arrays && go_on(held)) held &= arrays(node, instance, seen);
      break;
    case Type::object:
      if (node.objects && go_on(held)) held &= objects(node, instance, seen);
      break;
    default: break;
  }
  if (node.combinations && go_on(held)) held &= combinations(node, instance, seen);
  return held;
}

bool SchemaRun::unevaluated(const SchemaNode& node, const Instance& instance, Evaluated& seen) {
  bool held = true;
  const bool array = instance.type() == Type::array;
  const SchemaNode* const rest = array ? node.unevaluated_items : node.unevaluated_properties;
  for (std::size_t i = 0; i < instance.value().size() && go_on(held); ++i) {
    if (!spend(1)) return false;
    if (seen.has(i)) continue;
    if (array) {
      held &= holds(rest, Instance::element(instance, i), nullptr);
    } else {
      held &= holds(rest, Instance::member(instance, instance.value().members()[i]), nullptr);
    }
  }
  seen.add_all();
  return held;
}

bool SchemaRun::combinations(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  const Combinations& parts = *node.combinations;
  bool held = true;
  if (parts.reference != nullptr) held = holds(parts.reference, instance, seen);
  if (parts.dynamic_reference && go_on(held)) {
    held &= holds(dynamic_target(*parts.dynamic_reference), instance, seen);
  }
  for (std::size_t i = 0; i < parts.all_of.size() && go_on(held); ++i) {
    held &= holds(parts.all_of[i], instance, seen);
  }
  if (!parts.any_of.empty() && go_on(held)) held &= any_of(node, instance, seen);
  if (!parts.one_of.empty() && go_on(held)) held &= one_of(node, instance, seen);
  if (parts.negated != nullptr && go_on(held) && alternative(parts.negated, instance, nullptr)) {
    held = fail(node, "not", instance, [] { return "must not be what \"not\" describes"; });
  }
  if (parts.condition != nullptr && go_on(held)) held &= condition(node, instance, seen);
  return held;
}

bool SchemaRun::any_of(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  const auto& alternatives = node.combinations->any_of;
  const std::uint64_t steps_before = steps_left_;
  bool held = false;
  for (const SchemaNode* const one : alternatives) {
    held |= alternative(one, instance, seen);
    if ((held && seen == nullptr) || stopped()) break;
  }
  if (held) return true;
  return fail(node, "anyOf", instance, [&] {
    return "fits none of the alternatives" + nearest(alternatives, instance, steps_before - steps_left_);
  });
}

bool SchemaRun::one_of(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  const auto& alternatives = node.combinations->one_of;
  const std::uint64_t steps_before = steps_left_;
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < alternatives.size() && !stopped(); ++i) {
    if (!alternative(alternatives[i], instance, seen)) continue;
    if (first) {
      return fail(node, "oneOf", instance, [&] {
        return "must fit one alternative only, and fits number " + std::to_string(*first) + " and number " +
               std::to_string(i);
      });
    }
    first = i;
  }
  if (first) return true;
  return fail(node, "oneOf", instance, [&] {
    return "fits none of the alternatives" + nearest(alternatives, instance, steps_before - steps_left_);
  });
}

bool SchemaRun::condition(const SchemaNode& node, const Instance& instance, Evaluated* seen) {
  const Combinations& parts = *node.combinations;
  if (parts.consequence == nullptr && parts.alternative == nullptr && seen == nullptr) return true;
  const bool met = alternative(parts.condition, instance, seen);
  const SchemaNode* const next = met ? parts.consequence : parts.alternative;
  return next == nullptr || holds(next, instance, seen);
}

bool SchemaRun::alternative(const SchemaNode* node, const Instance& instance, Evaluated* seen) {
  const Silence silence(*this);
  if (seen == nullptr) return holds(node, instance, nullptr);
  const Evaluated::Mark mark = seen->mark();
  const bool held = holds(node, instance, seen);
  if (!held) seen->take_back(mark);
  return held;
}

// The outermost resource that has the anchor decides.
const SchemaNode* SchemaRun::dynamic_target(const DynamicReference& reference) const {
  const SchemaNode* target = reference.initial;
  if (reference.anchor == 0) return target;
  for (const Scope* scope = scope_; scope != nullptr; scope = scope->outer) {
    const SchemaNode* const there = schema_.resources[scope->resource].find_dynamic(reference.anchor);
    if (there != nullptr) target = there;
  }
  return target;
}

}  // namespace quire::document
