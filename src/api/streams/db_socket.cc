#include "api/streams/db_socket.h"

#include <utility>
#include <vector>

#include "api/fields.h"
#include "api/json_out.h"
#include "document/extended_json.h"
#include "document/id.h"
#include "document/update_operators.h"
#include "engine/body.h"
#include "engine/change_event.h"
#include "engine/running_query.h"

namespace quire::api::streams {

using document::Value;

namespace {

Error wrong_request(std::string_view field, std::string_view what) {
  return Error(ErrorCode::invalid, std::string(what)).at(std::string(field));
}

// A string, or {"$oid": 24 hexadecimal digits}.
Result<std::string> id_of(const Value& value, const std::string& field) {
  std::string id;
  if (value.is_string()) {
    id = value.to_string();
  } else {
    auto object_id = document::object_id_of(value);
    if (!object_id)
      return wrong_request(field, "an id is a string, or {\"$oid\": \"24 hexadecimal digits\"}");
    id = *std::move(object_id);
  }
  if (auto checked = document::check_id(id); !checked) return Error(checked.error()).at(field);
  return id;
}

Result<std::vector<std::string>> ids_of(const Message& message) {
  const Value* const ids = message.find("ids");
  if (ids == nullptr || !ids->is_array() || ids->size() == 0) return wrong_request("ids", "an array of ids");
  if (ids->size() > tuning::kSocketIds) {
    return Error(ErrorCode::too_large,
                 "a request names at most " + std::to_string(tuning::kSocketIds) + " ids")
        .at("ids")
        .over(tuning::kSocketIds);
  }
  std::vector<std::string> list;
  for (const Value& value : ids->elements()) {
    QUIRE_TRY(std::string id, id_of(value, "ids[" + std::to_string(list.size()) + "]"));
    list.push_back(std::move(id));
  }
  return list;
}

Result<std::string> collection_of(const Message& message) {
  QUIRE_TRY(std::string collection, message.collection());
  if (collection.empty()) collection = "_default";
  return collection;
}

}  // namespace

Status DbSocket::handle(Message& message) {
  if (message.action() == "getByIds") return get_by_ids(message);
  if (message.action() == "upsert") return upsert(message);
  if (message.action() == "insert") return insert(message);
  return wrong_request("action", "an action here is getByIds, upsert, insert or auth");
}

// The documents that are there, each in a message; the last one says that it is, so one is read ahead.
Status DbSocket::get_by_ids(const Message& message) {
  QUIRE_TRY_STATUS(message.allow({"collection", "ids"}));
  struct Reading {
    std::vector<std::string> ids;
    std::string collection;
    std::size_t next = 0;
    std::optional<std::string> ahead;  // "doc":{...} that is not the last as far as is known
    bool found = false;
  };
  auto reading = std::make_shared<Reading>();
  QUIRE_TRY(reading->ids, ids_of(message));
  QUIRE_TRY(reading->collection, collection_of(message));
  const auto read_one = [this, reading]() -> Result<std::optional<std::string>> {
    while (reading->next < reading->ids.size()) {
      const std::string& id = reading->ids[reading->next++];
      const Asker now = asker();
      auto document = engine::wait<engine::Document>([&](auto done) {
        parts().documents.get(now.caller, now.limits,
                              {.database = now.database.address(), .collection = reading->collection}, id, {},
                              std::move(done));
      });
      const bool missing = !document && document.error().code() == ErrorCode::not_found &&
                           (document.error().field() == "missing" || document.error().field() == "deleted");
      if (missing) continue;
      if (!document) return document.error();
      document::Arena scratch;
      std::string text = "\"doc\":";
      QUIRE_TRY_STATUS(engine::print_extended(id, document->body, scratch, text));
      return std::optional(std::move(text));
    }
    return std::optional<std::string>();
  };
  answer_many(message.request_id(),
              [self = shared_from_this(), reading, read_one]() -> Result<std::optional<std::string>> {
                if (!reading->found) {
                  QUIRE_TRY(reading->ahead, read_one());
                  if (!reading->ahead) {
                    return Error(ErrorCode::not_found, "none of these documents is there").at("ids");
                  }
                  reading->found = true;
                }
                if (!reading->ahead) return std::optional<std::string>();
                QUIRE_TRY(auto following, read_one());
                std::string text = std::exchange(reading->ahead, std::move(following)).value();
                text += reading->ahead ? R"(,"hasMore":true)" : R"(,"hasMore":false)";
                return std::optional(std::move(text));
              });
  return ok();
}

Status DbSocket::upsert(const Message& message) {
  QUIRE_TRY_STATUS(message.allow({"collection", "id", "updates"}));
  const Value* const id = message.find("id");
  if (id == nullptr) return wrong_request("id", "the id of the document");
  engine::Change change;
  change.kind = engine::Change::Kind::transform;
  change.condition = engine::Change::Condition::any;
  QUIRE_TRY(change.id, id_of(*id, "id"));
  QUIRE_TRY(change.collection, collection_of(message));
  const std::string updates = message.json("updates");
  if (updates.empty()) return wrong_request("updates", "update operators, such as {\"$set\": {...}}");
  auto parsed = document::Update::parse(updates);
  if (!parsed) return engine::in_member(std::move(parsed).error(), "updates");
  const auto made = std::make_shared<bool>(false);
  change.transform = [update = *std::move(parsed), made, now = parts().clock.wall_ms()](
                         std::string_view text) -> Result<std::optional<engine::Body>> {
    document::Arena arena;
    Value value = Value::object();
    if (!text.empty()) {
      QUIRE_TRY(value, Value::parse(arena, text));
    }
    *made = text.empty();
    QUIRE_TRY_STATUS(update.apply(value, {.now_ms = now, .inserting = *made, .limits = {}}, arena));
    if (*made) value.set(arena, "createdDate", document::make_date(arena, now));
    value.set(arena, "modifiedDate", document::make_date(arena, now));
    std::string changed = value.to_json();
    QUIRE_TRY(auto document, engine::parse_document(changed, {}));
    return std::optional(std::move(document.body));
  };
  const std::string id_text = change.id;
  const Asker now = asker();
  std::vector<engine::Change> changes;
  changes.push_back(std::move(change));
  QUIRE_TRY(const auto written, engine::wait<engine::WriteResult>([&](auto done) {
              parts().documents.write(now.caller, now.limits, now.database.address(), std::move(changes),
                                      {.create_collections = true, .request_id = {}}, std::move(done));
            }));
  QUIRE_TRY_STATUS(written.rows.at(0));
  std::string members = "\"modifiedCount\":";
  members += *made ? "0" : "1";
  members += R"(,"upsertedId":)";
  engine::print_extended_id(id_text, members);
  members += R"(,"hasMore":false)";
  answer(message.request_id(), members);
  return ok();
}

// All or none.
Status DbSocket::insert(const Message& message) {
  QUIRE_TRY_STATUS(message.allow({"collection", "docs"}));
  const Value* const docs = message.find("docs");
  if (docs == nullptr || !docs->is_array() || docs->size() == 0)
    return wrong_request("docs", "an array of documents");
  if (docs->size() > tuning::kSocketDocuments) {
    return Error(ErrorCode::too_large,
                 "a request has at most " + std::to_string(tuning::kSocketDocuments) + " documents")
        .at("docs")
        .over(tuning::kSocketDocuments);
  }
  QUIRE_TRY(const std::string collection, collection_of(message));
  std::vector<engine::Change> changes;
  for (const Value& doc : docs->elements()) {
    const std::string place = "docs[" + std::to_string(changes.size()) + "]";
    QUIRE_TRY_STATUS(document::check_extended_json(doc, place));
    auto parsed = engine::parse_document(doc.to_json(), {});
    if (!parsed) return engine::in_member(std::move(parsed).error(), place);
    if (parsed->revision || parsed->deleted)
      return wrong_request(place, "a new document has no _rev and is not deleted");
    engine::Change change;
    change.condition = engine::Change::Condition::absent;
    change.collection = collection;
    change.id = parsed->id.value_or(std::string());
    change.body = std::move(parsed->body);
    changes.push_back(std::move(change));
  }
  const Asker now = asker();
  const auto written = engine::wait<engine::WriteResult>([&](auto done) {
    parts().documents.write(now.caller, now.limits, now.database.address(), std::move(changes),
                            {.atomic = true, .create_collections = true, .request_id = {}}, std::move(done));
  });
  if (!written) return of_element(written.error(), "docs");
  std::string members = "\"insertedIds\":[";
  Separator separator;
  for (const auto& row : written->rows) {
    separator.before(members);
    engine::print_extended_id(row->id, members);
  }
  members += R"(],"hasMore":false)";
  answer(message.request_id(), members);
  return ok();
}

}  // namespace quire::api::streams
