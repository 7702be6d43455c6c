#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "document/filter.h"

// What the parts of the filter share: parsing, matching, printing.
namespace quire::document {

// "$gt" for FilterOperator::greater.
std::string_view operator_name(FilterOperator op);
std::optional<FilterOperator> operator_named(std::string_view name);

// The bit, or bits, of a name or code of $type ("long", 18, "number"); 0 for types that no document here has;
// nullopt for what is no type.
std::optional<std::uint32_t> type_bits(const TypedValue& name_or_code);
std::uint32_t type_bit_of(const TypedValue& value);

// Parses text that was validated. `query`: a whole filter; else predicates.
Result<FilterNode> parse_filter(bool query, const Value& value, const FilterLimits& limits, Arena& arena);

// A node of a query (combination, negation or predicate with a path), looking at a document.
bool node_matches(const FilterNode& node, const Value& document);
// A predicate, or what combines some on one path, where the first steps of its path, through objects, led to
// `value` (null: to nothing), and `rest` of it is left.
bool predicate_matches(const FilterNode& node, const Value* value, std::span<const PathStep> rest);
// Predicates without a path, looking at the value of a path.
bool predicates_match(const FilterNode& node, const Value& value);

// A node of a query as an object. Of predicates that all have to hold: as one object.
void print_query(const FilterNode& node, std::string& out);
void print_predicates(const std::vector<FilterNode>& predicates, std::string& out);

}  // namespace quire::document
