#include "api/rest/describe.h"

#include "api/json_out.h"
#include "document/extended_json.h"
#include "engine/position.h"

namespace quire::api::rest {

namespace {

void name_database(const engine::DatabaseDescription& database, ObjectOut& object) {
  object.text("id", database.id);
  object.text("name", database.name);
  if (!database.owner.empty()) object.text("owner", database.owner);
  object.text("created", document::iso_date(database.created_ms).value_or(""));
  object.number("historyMs", database.history_ms);
  object.number("historyBytes", database.history_bytes);
}

void count(const engine::Counts& counts, ObjectOut& object) {
  object.number("documents", counts.documents);
  object.number("deleted", counts.deleted);
  object.number("bytes", counts.bytes);
}

}  // namespace

void print_database(const engine::DatabaseDescription& database, std::string& out) {
  ObjectOut object(out);
  name_database(database, object);
  object.end();
}

void print_database(const engine::DatabaseStatistics& figures, std::string& out) {
  ObjectOut object(out);
  name_database(figures.database, object);
  count(figures.counts, object);
  object.text("position", engine::to_string(figures.position));
  object.text("oldest", engine::to_string({figures.position.incarnation, figures.history_edge}));
  object.number("diskBytes", figures.disk_bytes);
  object.number("logBytes", figures.log_bytes);
  object.number("memoryBytes", figures.memory_bytes);
  object.end();
}

void print_collection(const engine::CollectionDescription& collection, std::string& out) {
  ObjectOut object(out);
  object.text("name", collection.name);
  count(collection.counts, object);
  object.number("revisionLimit", collection.settings.revision_limit);
  object.flag("history", collection.settings.history);
  object.end();
}

}  // namespace quire::api::rest
