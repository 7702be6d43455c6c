#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "document/schema_node.h"

namespace quire::document {

// Makes nodes of a schema's JSON, once. Everything that the JSON holds is walked first; references are
// resolved afterwards, and what one leads to that was no schema so far is walked then.
class SchemaCompiler {
 public:
  SchemaCompiler(const SchemaOptions& options, Schema::State& state) : options_(options), state_(state) {}
  Status compile();

 private:
  using List = std::vector<const SchemaNode*>;

  // A node that is being made, and the keyword that is read.
  struct Draft {
    SchemaNode& node;
    const Value& json;
    std::string_view keyword;
  };
  using Handler = Status (SchemaCompiler::*)(Draft& draft, const Value& value);
  struct Keyword {
    std::string_view name;
    Handler handler;
  };
  static const Keyword* find_keyword(std::string_view name);

  // What is known of a resource while it is made.
  struct Resource {
    std::string uri;
    const Value* json = nullptr;
    std::map<std::string, SchemaNode*, std::less<>> anchors;
    std::map<std::string, SchemaNode*, std::less<>> dynamic_anchors;
  };
  struct PendingReference {
    SchemaNode* node;
    std::string text;
    bool dynamic;
    std::string anchor = {};  // of a dynamic reference that leads to one, once it is resolved
  };
  struct Target {
    SchemaNode* node = nullptr;
    std::string dynamic_anchor = {};  // where the reference named one
  };

  // schema_compile.cc
  Result<SchemaNode*> schema(const Value& json, const SchemaNode* parent, std::string step,
                             std::uint32_t resource);
  Status keywords(SchemaNode& node, const Value& json);
  Status identify(Draft& draft);
  Status begin_resource(Draft& draft, std::string uri);
  Result<const SchemaNode*> child(Draft& draft, const Value& json);
  Result<List> children(Draft& draft, const Value& json);
  Error invalid(const Draft& draft, std::string message) const;
  std::string_view kept_text(const Value& string);
  Result<std::shared_ptr<const Regex>> pattern(const Draft& draft, std::string_view text);

  // schema_references.cc
  Status resolve_references();
  Result<Target> target(const PendingReference& pending);
  Result<SchemaNode*> at_pointer(const PendingReference& pending, std::uint32_t resource,
                                 std::string_view pointer);
  void number_dynamic_anchors();
  Status refuse_endless_references() const;
  Error unresolved(const PendingReference& pending, std::string message) const;

  // schema_keywords.cc: one for each kind of value that a keyword may have.
  Status nothing(Draft& draft, const Value& value);
  Status text(Draft& draft, const Value& value);
  Status flag(Draft& draft, const Value& value);
  Status array(Draft& draft, const Value& value);
  Status declared_draft(Draft& draft, const Value& value);
  Status vocabulary(Draft& draft, const Value& value);
  Status reference(Draft& draft, const Value& value);
  Status definitions(Draft& draft, const Value& value);
  Status unused_schema(Draft& draft, const Value& value);
  Status combined(Draft& draft, const Value& value);
  Status single(Draft& draft, const Value& value);
  Status type(Draft& draft, const Value& value);
  Status bson_type(Draft& draft, const Value& value);
  Status constant(Draft& draft, const Value& value);
  Status enumeration(Draft& draft, const Value& value);
  Status bound(Draft& draft, const Value& value);
  Status count(Draft& draft, const Value& value);
  Status string_pattern(Draft& draft, const Value& value);
  Status format(Draft& draft, const Value& value);
  Status unique_items(Draft& draft, const Value& value);
  Status prefix_items(Draft& draft, const Value& value);
  Status properties(Draft& draft, const Value& value);
  Status pattern_properties(Draft& draft, const Value& value);
  Status required(Draft& draft, const Value& value);
  Status dependent_required(Draft& draft, const Value& value);
  Status dependent_schemas(Draft& draft, const Value& value);

  // The part of a rule for objects that `name` has.
  std::uint32_t name_number(SchemaNode& node, const Value& name);
  DependentRule& dependent(SchemaNode& node, const Value& trigger);
  Result<std::vector<std::uint32_t>> name_list(Draft& draft, const Value& value, const std::string& where);
  ValueRules::Allowed allowed(const Value& value);

  const SchemaOptions& options_;
  Schema::State& state_;
  std::vector<Resource> resources_;
  std::unordered_map<std::string, std::uint32_t> resource_of_uri_;
  std::unordered_map<const Value*, SchemaNode*> node_of_;
  std::vector<PendingReference> pending_;
  std::map<std::string, std::shared_ptr<const Regex>, std::less<>> patterns_;
  std::uint64_t steps_ = 0;
};

}  // namespace quire::document
