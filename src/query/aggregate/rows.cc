// Where rows come from, and what all rows keep to.
#include "document/json.h"
#include "query/aggregate/stage.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
class Rows final : public Stage {
 public:
  Rows(std::unique_ptr<RowSource> source, const Dependencies& dependencies, const PipelineContext& context)
      : source_(std::move(source)),
        everything_(dependencies.everything),
        with_id_(dependencies.names.contains("_id")),
        names_(dependencies.names.begin(), dependencies.names.end()),
        context_(context) {
    views_.assign(names_.begin(), names_.end());
  }

  Result<bool> next(Arena& arena, Value& row) override {
    arena.reset();
    QUIRE_TRY_STATUS(context_.watch.step());
    Row found;
    QUIRE_TRY(const bool more, source_->next(found));
    if (!more) return false;
    if (everything_) {
      append_document(found);
      QUIRE_TRY(row, Value::parse(arena, text_));
      return true;
    }
    if (views_.empty()) {
      row = Value::object();
      return true;
    }
    QUIRE_TRY(row, Value::parse_members(arena, found.body, views_));
    if (with_id_) set_id(arena, found.id, row);
    return true;
  }

 private:
  void append_document(const Row& found) {
    text_ = R"({"_id":)";
    document::append_json_string(text_, found.id);
    if (found.body.size() > 2) text_ += ',';
    text_ += found.body.substr(1);
  }

  static void set_id(Arena& arena, std::string_view id, Value& row) {
    Value with_id = Value::object();
    with_id.append_member(arena, "_id", Value::string(arena, id));
    for (const Member& member : row.members()) with_id.append_member(arena, member);
    row = with_id;
  }

  const std::unique_ptr<RowSource> source_;
  const bool everything_;
  const bool with_id_;
  const std::vector<std::string> names_;
  std::vector<std::string_view> views_;
  const PipelineContext& context_;
  std::string text_;
};
}  // namespace

StagePointer open_rows(std::unique_ptr<RowSource> source, const Dependencies& dependencies,
                       const PipelineContext& context) {
  return std::make_unique<Rows>(std::move(source), dependencies, context);
}

Status check_row(const Value& row) {
  if (row.printed_size(kRowBytes) > kRowBytes)
    return Error(ErrorCode::too_large, "a stage makes a document that is larger than one may be")
        .over(kRowBytes);
  if (row.depth() > kRowDepth)
    return Error(ErrorCode::too_large, "a stage makes a document that nests deeper than one may")
        .over(kRowDepth);
  return ok();
}

}  // namespace quire::query
