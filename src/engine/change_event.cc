#include "engine/change_event.h"

#include "database/records.h"
#include "document/extended_json.h"
#include "document/id.h"
#include "document/json.h"
#include "document/path.h"
#include "document/tuning.h"
#include "document/value.h"
#include "engine/position.h"

namespace quire::engine {

using document::Arena;
using document::Value;

namespace {

bool has_description(const FeedRow& row) {
  return row.operation == Operation::update && row.has_body && !row.changes.empty();
}

std::string_view type_of(const FeedRow& row) {
  switch (row.operation) {
    case Operation::insert: return "insert";
    case Operation::update: return has_description(row) ? "update" : "replace";
    case Operation::replace: return "replace";
    case Operation::remove: return "delete";
    case Operation::drop_collection: return "drop";
    case Operation::conflict:
    case Operation::create_collection:
    case Operation::purge: break;
  }
  return {};
}

class EventPrinter {
 public:
  EventPrinter(const FeedRow& row, Arena& scratch, std::string& out)
      : row_(row), scratch_(scratch), out_(out) {}

  void print_head(std::string_view type, std::uint64_t incarnation, std::string_view database) {
    out_ += R"({"_id":{"_data":")";
    out_ += to_string(Position{.incarnation = incarnation, .sequence = row_.sequence});
    out_ += R"("},"operationType":")";
    out_ += type;
    // Seconds, and what orders the changes of one second.
    out_ += R"(","clusterTime":{"$timestamp":{"t":)" + std::to_string(row_.time_ms / 1000);
    out_ += R"(,"i":)" + std::to_string((row_.time_ms % 1000) << 16 | row_.tick);
    out_ += R"(}},"wallTime":)";
    document::print_relaxed(document::make_date(scratch_, row_.time_ms), out_);
    out_ += R"(,"ns":{"db":)";
    document::append_json_string(out_, database);
    out_ += R"(,"coll":)";
    document::append_json_string(out_, row_.collection);
    out_ += '}';
  }

  Status print_document(bool full_document) {
    out_ += R"(,"documentKey":{"_id":)";
    print_extended_id(row_.id, out_);
    out_ += '}';
    if (row_.operation == Operation::remove) return ok();
    if (full_document) {
      out_ += R"(,"fullDocument":)";
      if (!row_.has_body) {
        out_ += "null";
      } else {
        QUIRE_TRY(const Value body, Value::parse(scratch_, row_.body));
        print_with_id(row_.id, body, out_);
      }
    }
    return has_description(row_) ? print_description() : ok();
  }

  static void print_with_id(std::string_view id, const Value& body, std::string& out) {
    out += R"({"_id":)";
    print_extended_id(id, out);
    for (const document::Member& member : body.members()) {
      out += ',';
      member.name.print(out);
      out += ':';
      document::print_relaxed(member.value, out);
    }
    out += '}';
  }

 private:
  Status print_description() {
    QUIRE_TRY(const document::ChangedFields changes, database::decode_changes(row_.changes));
    QUIRE_TRY(const Value body, Value::parse(scratch_, row_.body));
    out_ += R"(,"updateDescription":{"updatedFields":{)";
    bool first = true;
    for (const std::string& path : changes.updated) {
      const Value* const value = at(body, path);
      if (value == nullptr) return Error(ErrorCode::corrupt, "a change names a member that is not there");
      if (!first) out_ += ',';
      first = false;
      document::append_json_string(out_, path);
      out_ += ':';
      document::print_relaxed(*value, out_);
    }
    out_ += R"(},"removedFields":[)";
    first = true;
    for (const std::string& path : changes.removed) {
      if (!first) out_ += ',';
      first = false;
      document::append_json_string(out_, path);
    }
    out_ += "]}";
    return ok();
  }

  static const Value* at(const Value& document, std::string_view text) {
    const auto path = document::Path::parse(text, document::kMaxDepth);
    if (!path) return nullptr;
    const Value* value = &document;
    for (const document::PathStep& step : path->steps()) {
      if (value->is_array()) {
        if (!step.index || *step.index >= value->size()) return nullptr;
        value = &value->elements()[*step.index];
      } else {
        value = value->find(step.name);
      }
      if (value == nullptr) return nullptr;
    }
    return value;
  }

  const FeedRow& row_;
  Arena& scratch_;
  std::string& out_;
};

}  // namespace

void print_extended_id(std::string_view id, std::string& out) {
  if (!document::is_object_id(id)) return document::append_json_string(out, id);
  out += R"({"$oid":")";
  out += id;
  out += "\"}";
}

Status print_extended(std::string_view id, std::string_view body, Arena& scratch, std::string& out) {
  scratch.reset();
  QUIRE_TRY(const Value value, Value::parse(scratch, body));
  EventPrinter::print_with_id(id, value, out);
  return ok();
}

Result<bool> print_change_event(const FeedRow& row, std::uint64_t incarnation, std::string_view database,
                                FullDocument full_document, Arena& scratch, std::string& out) {
  scratch.reset();
  const std::string_view type = type_of(row);
  if (type.empty()) return false;
  const std::size_t begin = out.size();
  EventPrinter printer(row, scratch, out);
  printer.print_head(type, incarnation, database);
  if (!row.id.empty()) {
    const bool shown = full_document == FullDocument::always ||
                       (full_document == FullDocument::unless_update && type != "update");
    if (auto printed = printer.print_document(shown); !printed) {
      out.resize(begin);
      return std::move(printed).error();
    }
  }
  out += '}';
  return true;
}

Result<Position> parse_resume_token(std::string_view json) {
  const auto malformed = [] {
    return Error(ErrorCode::invalid, "a resume token is what the _id of an event says").at("resumeAfter");
  };
  Arena arena;
  std::string minified;
  if (!document::minify(json, {}, minified)) return malformed();
  QUIRE_TRY(const Value value, Value::parse(arena, minified));
  const Value* text = &value;
  if (value.is_object()) text = value.size() == 1 ? value.find("_data") : nullptr;
  if (text == nullptr || !text->is_string()) return malformed();
  auto position = parse_position(text->to_string());
  if (!position) return malformed();
  return position;
}

}  // namespace quire::engine
