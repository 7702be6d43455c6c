// Where rows come from, and what all rows keep to.
#include "document/json.h"
#include "document/member_scanner.h"
#include "query/aggregate/stage.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
// "_id" is no member of a stored body.
std::vector<std::string> without_id(const Dependencies& dependencies) {
  std::vector<std::string> names;
  for (const std::string& name : dependencies.names) {
    if (name != "_id") names.push_back(name);
  }
  return names;
}

document::MemberScanner scanner_of(const std::vector<std::string>& names) {
  std::vector<document::Path> paths(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) paths[i].push(document::PathStep(names[i]));
  return document::MemberScanner(paths);
}

class Rows final : public Stage {
 public:
  Rows(std::unique_ptr<RowSource> source, const Dependencies& dependencies, const PipelineContext& context)
      : source_(std::move(source)),
        everything_(dependencies.everything),
        with_id_(dependencies.names.contains("_id")),
        names_(without_id(dependencies)),
        scanner_(scanner_of(names_)),
        found_(names_.size()),
        order_(names_.size()),
        context_(context) {
    for (const std::string& name : names_) name_values_.push_back(Value::string(name_arena_, name));
    id_name_ = Value::string(name_arena_, "_id");
  }

  Result<bool> next(Arena& arena, Value& row) override {
    arena.reset();
    QUIRE_TRY_STATUS(context_.watch.step());
    Row found;
    QUIRE_TRY(const bool more, source_->next(found));
    if (!more) return false;
    if (found.body.size() > kLargeRowBytes) QUIRE_TRY_STATUS(context_.watch.look());
    if (everything_) {
      append_document(found);
      QUIRE_TRY(row, Value::parse(arena, text_));
      return true;
    }
    row = Value::object();
    if (with_id_) row.append_member(arena, Member{id_name_, Value::string(arena, found.id)});
    QUIRE_TRY_STATUS(add_members(arena, found.body, row));
    return true;
  }

 private:
  void append_document(const Row& found) {
    text_ = R"({"_id":)";
    document::append_json_string(text_, found.id);
    if (found.body.size() > 2) text_ += ',';
    text_ += found.body.substr(1);
  }

  // Those that anybody looks at, in the document's order.
  Status add_members(Arena& arena, std::string_view body, Value& row) {
    if (names_.empty()) return ok();
    QUIRE_TRY_STATUS(scanner_.scan(body, found_));
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < found_.size(); ++i) {
      if (!found_[i].is_found()) continue;
      std::size_t at = count++;
      for (; at > 0 && found_[order_[at - 1]].begin > found_[i].begin; --at) order_[at] = order_[at - 1];
      order_[at] = i;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t which = order_[i];
      QUIRE_TRY(const Value value, found_[which].value(arena));
      row.append_member(arena, Member{name_values_[which], value});
    }
    return ok();
  }

  const std::unique_ptr<RowSource> source_;
  const bool everything_;
  const bool with_id_;
  const std::vector<std::string> names_;
  const document::MemberScanner scanner_;
  std::vector<document::ScannedMember> found_;  // in the order of names_
  std::vector<std::uint32_t> order_;
  Arena name_arena_;
  std::vector<Value> name_values_;
  Value id_name_;
  const PipelineContext& context_;
  std::string text_;
};
}  // namespace

StagePointer open_rows(std::unique_ptr<RowSource> source, const Dependencies& dependencies,
                       const PipelineContext& context) {
  return std::make_unique<Rows>(std::move(source), dependencies, context);
}

Status check_row(const PipelineContext& context, const Value& row) {
  const std::uint64_t bytes = row.printed_size(kRowBytes);
  if (bytes > kLargeRowBytes) QUIRE_TRY_STATUS(context.watch.look());
  if (bytes > kRowBytes)
    return Error(ErrorCode::too_large, "a stage makes a document that is larger than one may be")
        .over(kRowBytes);
  if (row.depth() > kRowDepth)
    return Error(ErrorCode::too_large, "a stage makes a document that nests deeper than one may")
        .over(kRowDepth);
  return ok();
}

}  // namespace quire::query
