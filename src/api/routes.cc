#include <array>

#include "api/actions/handlers.h"
#include "api/couch/table.h"
#include "api/kv/handlers.h"
#include "api/node/health.h"
#include "api/rest/handlers.h"
#include "api/route.h"
#include "api/streams/handlers.h"

namespace quire::api {

namespace {

using engine::Action;
using net::Method;
using Kind = Parameter::Kind;

// --- parameters

constexpr Parameter kDurability{"durability", Kind::text, "memory, os or disk (the default): when to answer"};
constexpr Parameter kRevision{"rev", Kind::text, "this revision instead of the winner"};
constexpr Parameter kCollection{"collection", Kind::text, "the collection; _default where none is named"};
constexpr Parameter kInferTypes{"inferTypes", Kind::flag,
                                "CSV: fields that look like numbers, true, false or null are those"};

constexpr std::array<Parameter, 0> kNone{};
constexpr std::array kWrite{kDurability};
constexpr std::array kRemoval{kDurability, kRevision};
constexpr std::array kOneRevision{kRevision};
constexpr std::array kGetDocument{
    kRevision, Parameter{"conflicts", Kind::flag, "the revisions that lost, as _conflicts"},
    Parameter{"revs", Kind::flag, "the revision and its ancestors, newest first, as _revisions"},
    Parameter{"attachments", Kind::flag, "what is attached, as _attachments"}};
constexpr std::array kPostDocuments{
    kDurability, Parameter{"atomic", Kind::flag, "all documents or none"},
    Parameter{"existing", Kind::text,
              "of several documents, those that are there: error or replace; else by _rev"}};
constexpr std::array kListDocuments{
    Parameter{"after", Kind::text, "ids behind this one; with descending, down to it"},
    Parameter{"before", Kind::text, "ids in front of this one; with descending, from it"},
    Parameter{"prefix", Kind::text, "ids that begin so"},
    Parameter{"limit", Kind::number, "so many at most; a page has 100 of itself and 1000 at most"},
    Parameter{"descending", Kind::flag, "ids fall"}};
constexpr std::array kChanges{
    Parameter{"since", Kind::text,
              "the position behind which to begin, as an answer said it; now: only what comes"},
    Parameter{"collection", Kind::text, "changes of this collection; without it, of all"},
    Parameter{"filter", Kind::text,
              "a filter as JSON: of documents, only those it matches, and all removals"},
    Parameter{"documents", Kind::flag, "the documents too, as far as they are kept"},
    Parameter{"current", Kind::flag, "only the last change of each document"},
    Parameter{"feed", Kind::text, "normal (the default), longpoll or events"},
    Parameter{"limit", Kind::number, "changes of one answer, 1000 at most"},
    Parameter{"timeout", Kind::number, "longpoll: milliseconds until an empty answer, 55000 at most"},
    Parameter{"heartbeat", Kind::number, "events: milliseconds without a sign of life, 15000 at most"}};
constexpr std::array kImport{
    kDurability,
    kCollection,
    Parameter{"existing", Kind::text, "documents that are there: error (the default), skip or replace"},
    Parameter{"skipBad", Kind::flag, "records that cannot be taken are counted, and do not end the import"},
    Parameter{"idField", Kind::text, "the member whose value becomes the id"},
    kInferTypes,
    Parameter{"separator", Kind::text, "CSV: what stands between fields"}};
constexpr std::array kExport{
    kCollection, Parameter{"format", Kind::text, "ndjson (the default), json or csv"},
    Parameter{"revs", Kind::flag, "_rev too"}, kInferTypes,
    Parameter{"columns", Kind::text, "CSV: the members to write, with commas between"}};
// The key-value surface reads its parameters itself, and looks at no others.
constexpr std::array kKey{Parameter{"k", Kind::text, "the key"}};
constexpr std::array kKeyAndValue{Parameter{"k", Kind::text, "the key"},
                                  Parameter{"v", Kind::text, "the value; may be empty"}};
constexpr std::array kUsers{
    Parameter{"after", Kind::text, "names behind this one"},
    Parameter{"limit", Kind::number, "so many at most; 100 of itself and 1000 at most"}};
constexpr std::array kUser{Parameter{"user", Kind::text, "of administrators: whose; one's own of itself"}};
constexpr std::array kDatabase{
    Parameter{"database", Kind::text, "the database, as its name stands in paths; main where none is named"}};
constexpr std::array kNodes{
    Parameter{"nodes", Kind::text, "the nodes that the caller knows, host:port|host:port"}};

// --- rows

#define DB "/v1/databases/{database}"
#define COLLECTION DB "/collections/{collection}"
#define DOCUMENT COLLECTION "/documents/{id}"
#define ATTACHMENT DOCUMENT "/attachments/{name}"
#define USER "/v1/users/{user}"

constexpr auto kBody = &Options::body_bytes;
constexpr std::uint64_t Options::*kNoBody = nullptr;
constexpr auto kRest = Surface::rest;
constexpr auto kSafe = Csrf::safe;
constexpr auto kUnsafe = Csrf::unsafe;

constexpr Route read_row(std::string_view name, std::string_view pattern, Action action,
                         std::span<const Parameter> parameters, std::string_view answer,
                         std::string_view summary, Handler handler, Method method = Method::get) {
  return {name,    method,     pattern, kRest,  action, Who::granted, kSafe,  Body::none,
          kNoBody, parameters, "",      answer, 200,    summary,      handler};
}

// The same for whoever shows an identity alone, or an administrator's.
constexpr Route known(Route row) {
  row.who = Who::known;
  return row;
}
constexpr Route for_admins(Route row) {
  row.who = Who::admin;
  return row;
}

// Of accounts: what decides is not what may be done with a database.
constexpr Route account_row(std::string_view name, Method method, std::string_view pattern, Who who,
                            Body body, std::span<const Parameter> parameters, std::string_view request,
                            std::string_view answer, unsigned success, std::string_view summary,
                            Handler handler) {
  const Csrf csrf = method == Method::get ? kSafe : kUnsafe;
  return {name,       method,       pattern,
          kRest,      std::nullopt, who,
          csrf,       body,         body == Body::none ? kNoBody : kBody,
          parameters, request,      answer,
          success,    summary,      handler};
}

constexpr Route write_row(std::string_view name, Method method, std::string_view pattern, Action action,
                          Body body, std::span<const Parameter> parameters, std::string_view request,
                          std::string_view answer, unsigned success, std::string_view summary,
                          Handler handler) {
  return {name,
          method,
          pattern,
          kRest,
          action,
          Who::granted,
          kUnsafe,
          body,
          body == Body::none      ? kNoBody
          : body == Body::bytes   ? &Options::attachment_bytes
          : body == Body::records ? &Options::import_bytes
                                  : kBody,
          parameters,
          request,
          answer,
          success,
          summary,
          handler};
}

// A WebSocket: an identity may also come in its first message, so that the door lets everybody in and the
// engine decides on each message.
constexpr Route socket_row(std::string_view name, std::string_view pattern, Action action,
                           std::string_view summary, Handler handler) {
  return {name,    Method::get, pattern, Surface::streams, action, Who::granted, kUnsafe, Body::none,
          kNoBody, kDatabase,   "",      "websocket",      101,    summary,      handler};
}

// A question whose body says what is asked; it changes nothing.
constexpr Route query_row(std::string_view name, std::string_view pattern, std::string_view request,
                          std::string_view answer, std::string_view summary, Handler handler) {
  return {name,  Method::post, pattern, kRest,  Action::read, Who::granted, kSafe,  Body::json,
          kBody, kNone,        request, answer, 200,          summary,      handler};
}

constexpr Route later_row(std::string_view name, Method method, std::string_view pattern, Action action,
                          Body body, Csrf csrf, std::string_view summary) {
  return {name,  method,  pattern,
          kRest, action,  Who::known,
          csrf,  body,    body == Body::none ? kNoBody : kBody,
          kNone, "",      "Error",
          501,   summary, rest::not_implemented};
}

constexpr Route kv_row(std::string_view name, std::string_view pattern, Action action, Csrf csrf,
                       std::span<const Parameter> parameters, std::string_view answer,
                       std::string_view summary, Handler handler) {
  return {name,    Method::get, pattern, Surface::kv, action, Who::granted, csrf,   Body::none,
          kNoBody, parameters,  "",      answer,      200,    summary,      handler};
}

constexpr Route node_row(std::string_view name, std::string_view pattern, std::optional<Action> action,
                         Who who, std::string_view answer, std::string_view summary, Handler handler) {
  return {name,    Method::get, pattern, Surface::node, action, who,     kSafe,  Body::none,
          kNoBody, kNone,       "",      answer,        200,    summary, handler};
}

constexpr std::array kOwnRoutes{
    // The first row is the one that is asked for most.
    kv_row("kv.get", "/kv/get", Action::read, kSafe, kKey, "KvValue", "The value of a key.", kv::get),
    kv_row("kv.set", "/kv/set", Action::write, kUnsafe, kKeyAndValue, "KvSuccess",
           "Sets a key's value; answered when it is on disk.", kv::set),
    kv_row("kv.is", "/kv/is", Action::read, kSafe, kKey, "KvSuccess", "Whether a key has a value.", kv::is),
    kv_row("kv.rm", "/kv/rm", Action::write, kUnsafe, kKey, "KvSuccess", "Removes a key.", kv::rm),
    kv_row("kv.clear", "/kv/clear", Action::manage, kUnsafe, kNone, "KvSuccess", "Removes all keys.",
           kv::clear),
    kv_row("kv.getKeys", "/kv/getKeys", Action::read, kSafe, kNone, "KvStrings", "All keys, streamed.",
           kv::get_keys),
    kv_row("kv.getValues", "/kv/getValues", Action::read, kSafe, kNone, "KvStrings", "All values, streamed.",
           kv::get_values),
    kv_row("kv.getAll", "/kv/getAll", Action::read, kSafe, kNone, "KvRecords",
           "All keys and values, streamed.", kv::get_all),
    kv_row("kv.status", "/kv/status", Action::read, kSafe, kNone, "KvStatus", "The settings of the node.",
           kv::status),
    known(kv_row("kv.ping", "/kv/ping", Action::describe, kSafe, kNodes, "KvNodes",
                 "The nodes of the mesh: this one.", kv::ping)),
    Route{"kv.healthcheck", Method::get, "/kv/healthcheck", Surface::kv, std::nullopt, Who::anybody, kSafe,
          Body::none, kNoBody, kNone, "", "Health", 200, "Whether the node is ready; 503 where it is not.",
          kv::healthcheck},

    read_row("rest.documents.get", DOCUMENT, Action::read, kGetDocument, "Document",
             "A document; its ETag is its revision in quotes, which If-None-Match takes.",
             rest::get_document),
    read_row("rest.documents.head", DOCUMENT, Action::read, kGetDocument, "Document",
             "As GET, without the document.", rest::get_document, Method::head),
    write_row("rest.documents.put", Method::put, DOCUMENT, Action::write, Body::json, kWrite, "Document",
              "Written", 200,
              "Puts a document, new or in place of what is there. With If-Match: \"REV\" or _rev only where "
              "that is "
              "the revision, with If-None-Match: * only where there is none.",
              rest::put_document),
    write_row("rest.documents.patch", Method::patch, DOCUMENT, Action::write, Body::patch, kWrite, "Patch",
              "Written", 200,
              "Changes a document: update operators (application/json), a merge patch "
              "(application/merge-patch+json) or a JSON Patch (application/json-patch+json).",
              rest::patch_document),
    write_row("rest.documents.delete", Method::remove, DOCUMENT, Action::write, Body::none, kRemoval, "",
              "Written", 200, "Deletes a document; with If-Match or rev only at that revision.",
              rest::delete_document),
    write_row("rest.documents.post", Method::post, COLLECTION "/documents", Action::write,
              Body::json_or_lines, kPostDocuments, "Documents", "WrittenMany", 201,
              "Adds a document, an array of them, or lines (application/x-ndjson). One answers as PUT does; "
              "several "
              "answer 200 and a row each.",
              rest::post_documents),
    read_row("rest.documents.list", COLLECTION "/documents", Action::read, kListDocuments, "DocumentPage",
             "Documents by id, a page with `next`; asked for application/x-ndjson, all of them, streamed.",
             rest::list_documents),

    write_row("rest.exchange", Method::post, DB "/exchange", Action::read, Body::bytes, kNone, "",
              "application/x-quire-exchange", 200,
              "A question of another Quire that replicates with this database; docs/formats/replication.md.",
              stream<rest::exchange>),
    read_row("rest.attachments.get", ATTACHMENT, Action::read, kOneRevision, "bytes",
             "The bytes of an attachment, or a Range of them; its ETag is its digest.",
             stream<rest::get_attachment>),
    read_row("rest.attachments.head", ATTACHMENT, Action::read, kOneRevision, "bytes",
             "As GET, without the bytes.", stream<rest::head_attachment>, Method::head),
    write_row("rest.attachments.put", Method::put, ATTACHMENT, Action::write, Body::bytes, kWrite, "bytes",
              "Written", 201, "Attaches bytes to a document; If-Match names its revision.",
              stream<rest::put_attachment>),
    write_row("rest.attachments.delete", Method::remove, ATTACHMENT, Action::write, Body::none, kWrite, "",
              "Written", 200, "Takes an attachment away; If-Match names the document's revision.",
              worker<rest::delete_attachment>),

    known(read_row("rest.databases.list", "/v1/databases", Action::describe, kNone, "Databases",
                   "The databases that the caller may see.", worker<rest::list_databases>)),
    read_row("rest.databases.get", DB, Action::describe, kNone, "DatabaseFigures",
             "A database with its figures; for its owner with its grants, and with its reservation.",
             worker<rest::get_database>),
    known(write_row("rest.databases.put", Method::put, DB, Action::administer, Body::optional_json, kNone,
                    "DatabaseSettings", "Database", 201, "Makes a database.", worker<rest::put_database>)),
    known(write_row("rest.databases.patch", Method::patch, DB, Action::administer, Body::json, kNone,
                    "DatabaseSettings", "Database", 200,
                    "Changes settings of a database; those not named stay.", worker<rest::patch_database>)),
    known(write_row("rest.databases.delete", Method::remove, DB, Action::administer, Body::none, kNone, "",
                    "Durable", 200, "Deletes a database with all that is in it.",
                    worker<rest::delete_database>)),

    read_row("rest.collections.list", DB "/collections", Action::describe, kNone, "Collections",
             "The collections of a database.", worker<rest::list_collections>),
    read_row("rest.collections.get", COLLECTION, Action::describe, kNone, "Collection",
             "A collection with its figures.", worker<rest::get_collection>),
    write_row("rest.collections.put", Method::put, COLLECTION, Action::manage, Body::optional_json, kNone,
              "CollectionSettings", "Collection", 201, "Makes a collection.", worker<rest::put_collection>),
    write_row("rest.collections.delete", Method::remove, COLLECTION, Action::manage, Body::none, kNone, "",
              "Durable", 200, "Drops a collection with all that is in it.", worker<rest::delete_collection>),

    read_row("rest.schema.get", COLLECTION "/schema", Action::describe, kNone, "CollectionSchema",
             "The schema of a collection, and how the documents that stand there fit it.",
             worker<rest::get_schema>),
    write_row("rest.schema.put", Method::put, COLLECTION "/schema", Action::manage, Body::json, kNone,
              "NewCollectionSchema", "CollectionSchema", 200,
              "Sets the schema of a collection, which every new text of a document is held against from now "
              "on; what stands there is looked through behind the answer.",
              worker<rest::put_schema>),
    write_row("rest.schema.delete", Method::remove, COLLECTION "/schema", Action::manage, Body::none, kNone,
              "", "Durable", 200, "Removes the schema of a collection.", worker<rest::delete_schema>),

    read_row(
        "rest.changes", DB "/changes", Action::follow, kChanges, "Changes",
        "The changes of a database in their order: once, waiting for the first (longpoll), or followed as "
        "Server-Sent Events, whose ids are positions to go on from.",
        rest::get_changes),
    write_row(
        "rest.update", Method::post, COLLECTION "/update", Action::write, Body::json, kWrite, "UpdateFound",
        "UpdatedFound", 200,
        "Changes one document that a filter finds, or all of them: each atomically, if it matches still "
        "at that moment.",
        worker<rest::post_update>),
    write_row("rest.delete", Method::post, COLLECTION "/delete", Action::write, Body::json, kWrite,
              "DeleteFound", "DeletedFound", 200, "Deletes one document that a filter finds, or all of them.",
              worker<rest::post_delete>),
    write_row("rest.findAndModify", Method::post, COLLECTION "/find-and-modify", Action::write, Body::json,
              kWrite, "FindAndModify", "FoundAndModified", 200,
              "Changes one document that a filter finds, the first in an order, and answers it as it was or "
              "is.",
              worker<rest::post_find_and_modify>),
    write_row("rest.transactions", Method::post, DB "/transactions", Action::write, Body::json, kWrite,
              "Transaction", "TransactionDone", 200,
              "Does several operations on documents of a database, in order and all or none; what checks and "
              "operations found is still so when all is done. With an Idempotency-Key a retry gets the first "
              "answer.",
              rest::post_transaction),
    write_row("rest.import", Method::post, DB "/import", Action::write, Body::records, kImport, "Records",
              "Imported", 200, "Takes documents as NDJSON, a JSON array or CSV, streamed.",
              stream<rest::import_documents>),
    read_row("rest.export", DB "/export", Action::read, kExport, "Records",
             "All documents of a collection as NDJSON, a JSON array or CSV, streamed.",
             stream<rest::export_documents>),
    for_admins(
        write_row("rest.backups.put", Method::put, "/v1/backups/{name}", Action::administer, Body::none,
                  kNone, "", "Backup", 201,
                  "Copies everything, as of one moment for each database and while work goes on, into a new "
                  "folder below "
                  "the server's folder of backups.",
                  worker<rest::put_backup>)),
    for_admins(read_row("rest.status", "/v1/status", Action::administer, kNone, "Status", "The node.",
                        worker<rest::get_status>)),
    known(read_row("rest.me", "/v1/me", Action::describe, kNone, "Me",
                   "Who asks, what they may, and what they hold.", rest::get_me)),

    account_row("rest.users.post", Method::post, "/v1/users", Who::anybody, Body::json, kNone, "NewUser",
                "User", 201,
                "Makes an account: of anybody, where that is open, or of administrators, with a role.",
                password<rest::post_user>),
    account_row("rest.users.list", Method::get, "/v1/users", Who::admin, Body::none, kUsers, "", "Users", 200,
                "The accounts by name, for administrators.", worker<rest::list_users>),
    account_row("rest.users.get", Method::get, USER, Who::known, Body::none, kNone, "", "User", 200,
                "An account: one's own, or for administrators any.", worker<rest::get_user>),
    account_row(
        "rest.users.patch", Method::patch, USER, Who::known, Body::json, kNone, "UserChange", "User", 200,
        "Sets a password, which ends the account's sessions and keys; for administrators, its role and "
        "whether it is disabled.",
        password<rest::patch_user>),
    account_row("rest.users.delete", Method::remove, USER, Who::admin, Body::none, kNone, "", "Durable", 200,
                "Removes an account with its databases, for administrators.", worker<rest::delete_user>),
    account_row("rest.sessions.post", Method::post, "/v1/sessions", Who::anybody, Body::json, kNone, "Login",
                "Session", 201,
                "Begins a session. Its token is good wherever a key is; with `cookie` a browser keeps it.",
                password<rest::post_session>),
    account_row("rest.sessions.delete", Method::remove, "/v1/sessions/current", Who::known, Body::none, kNone,
                "", "Durable", 200, "Ends the session that the request shows.", worker<rest::delete_session>),
    account_row("rest.keys.list", Method::get, "/v1/keys", Who::known, Body::none, kUser, "", "Keys", 200,
                "The keys of an account, without what is secret of them.", worker<rest::list_keys>),
    account_row("rest.keys.post", Method::post, "/v1/keys", Who::known, Body::optional_json, kNone, "NewKey",
                "Key", 201, "Makes a key, which is shown this once.", worker<rest::post_key>),
    account_row("rest.keys.delete", Method::remove, "/v1/keys/{id}", Who::known, Body::none, kUser, "",
                "Durable", 200, "Ends a key.", worker<rest::delete_key>),
    account_row("rest.replications.post", Method::post, "/v1/replications", Who::admin, Body::json, kNone,
                "NewReplication", "Replication", 201,
                "Begins a replication, which goes on over restarts until it is done or taken away.",
                worker<rest::post_replication>),
    account_row("rest.replications.list", Method::get, "/v1/replications", Who::admin, Body::none, kNone, "",
                "Replications", 200, "The replications of this node.", worker<rest::list_replications>),
    account_row("rest.replications.get", Method::get, "/v1/replications/{id}", Who::admin, Body::none, kNone,
                "", "Replication", 200, "How far a replication is.", worker<rest::get_replication>),
    account_row("rest.replications.delete", Method::remove, "/v1/replications/{id}", Who::admin, Body::none,
                kNone, "", "Durable", 200, "Ends a replication; what was moved stays.",
                worker<rest::delete_replication>),
    account_row("rest.grants.list", Method::get, DB "/grants", Who::known, Body::none, kNone, "", "Grants",
                200, "Who may use a database, for its owner.", worker<rest::get_grants>),
    account_row("rest.grants.put", Method::put, DB "/grants/{user}", Who::known, Body::json, kNone,
                "NewGrant", "Grant", 200, "Lets an account use a database.", worker<rest::put_grant>),
    account_row("rest.grants.delete", Method::remove, DB "/grants/{user}", Who::known, Body::none, kNone, "",
                "Durable", 200, "Ends that.", worker<rest::delete_grant>),
    account_row("rest.reservation.get", Method::get, DB "/reservation", Who::known, Body::none, kNone, "",
                "Reservation", 200, "Who has the database for himself; 404 where nobody does.",
                worker<rest::get_reservation>),
    account_row(
        "rest.reservation.put", Method::put, DB "/reservation", Who::known, Body::none, kNone, "",
        "Reservation", 200,
        "Takes the database for the caller alone, or renews that: everybody else gets 423 until it is given "
        "back, or has not been used for a time.",
        worker<rest::put_reservation>),
    account_row("rest.reservation.delete", Method::remove, DB "/reservation", Who::known, Body::none, kNone,
                "", "Durable", 200, "Gives it back.", worker<rest::delete_reservation>),

    Route{"actions", Method::post, "/api", Surface::actions, std::nullopt, Who::anybody, kUnsafe, Body::json,
          kBody, kNone, "Action", "ActionAnswer", 200,
          "Does what `action` names; the actions stand below. A key may stand in `payload.apiKey`.",
          actions::handle},

    socket_row("streams.db", "/db", Action::read, "Reads documents by id, inserts and changes them.",
               streams::open_db),
    socket_row("streams.search", "/search", Action::read,
               "Searches; not there yet: each request is answered so.", streams::open_search),
    socket_row("streams.changes", "/changes", Action::follow,
               "Gives each change of a database or collection as an event.", streams::open_changes),

    query_row("rest.query", COLLECTION "/query", "Query", "QueryAnswer",
              "Finds documents by a filter: a page with `next`, or how that is done; asked for "
              "application/x-ndjson, all of them, streamed.",
              rest::query),
    query_row("rest.count", COLLECTION "/count", "Count", "Counted", "Counts them.", worker<rest::count>),
    query_row("rest.distinct", COLLECTION "/distinct", "Distinct", "DistinctValues",
              "The values that a path has in them, in order and each once.", worker<rest::distinct>),
    query_row("rest.aggregate", COLLECTION "/aggregate", "Aggregate", "Aggregated",
              "Sends documents through a pipeline, and answers what it makes of them; asked for "
              "application/x-ndjson, streamed.",
              rest::aggregate),
    read_row("rest.indexes.list", COLLECTION "/indexes", Action::describe, kNone, "Indexes",
             "The indexes of a collection.", worker<rest::list_indexes>),
    read_row("rest.indexes.get", COLLECTION "/indexes/{name}", Action::describe, kNone, "Index",
             "An index, and how far its building has come.", worker<rest::get_index>),
    write_row("rest.indexes.put", Method::put, COLLECTION "/indexes/{name}", Action::manage, Body::json,
              kNone, "IndexDefinition", "Index", 201,
              "Makes an index, which is built while work goes on and used when it is ready.",
              worker<rest::put_index>),
    write_row("rest.indexes.delete", Method::remove, COLLECTION "/indexes/{name}", Action::manage, Body::none,
              kNone, "", "Durable", 200, "Drops an index.", worker<rest::delete_index>),

    node_row("node.health", "/healthz", std::nullopt, Who::anybody, "Health", "Whether the process answers.",
             node::healthz),
    node_row("node.ready", "/readyz", std::nullopt, Who::anybody, "Health",
             "Whether the node is ready; 503 where it is not.", node::readyz),
    node_row("node.metrics", "/metrics", Action::administer, Who::admin, "text/plain",
             "Figures for Prometheus.", node::metrics),
};

#undef DB
#undef COLLECTION
#undef DOCUMENT
#undef ATTACHMENT
#undef USER

template <std::size_t kFirst, std::size_t kSecond>
constexpr std::array<Route, kFirst + kSecond> joined(const std::array<Route, kFirst>& first,
                                                     const std::array<Route, kSecond>& second) {
  std::array<Route, kFirst + kSecond> all{};
  for (std::size_t i = 0; i < kFirst; ++i) all[i] = first[i];
  for (std::size_t i = 0; i < kSecond; ++i) all[kFirst + i] = second[i];
  return all;
}
constexpr auto kRoutes = joined(kOwnRoutes, couch::kRoutes);

// Each row says all that a row has to say. (That it has a handler is Router's to see: to GCC's undefined
// behaviour sanitizer the address of a function is no constant.)
constexpr bool is_complete(const Route& route) {
  const bool named = !route.name.empty() && route.pattern.starts_with('/') && !route.summary.empty();
  const bool answers = !route.answer.empty() && route.success != 0;
  const bool limited = (route.body == Body::none) == (route.body_limit == nullptr);
  // What needs no identity asks for no right, and what the engine grants says for which.
  const bool decided = route.who == Who::anybody   ? !route.action.has_value()
                       : route.who == Who::granted ? route.action.has_value()
                                                   : true;
  const bool changes = route.action && (*route.action == Action::write || *route.action == Action::manage ||
                                        (*route.action == Action::administer && route.method != Method::get));
  const bool guarded =
      route.csrf == Csrf::unsafe ||
      (!changes && (route.action.has_value() || route.method == Method::get || route.method == Method::head));
  return named && answers && limited && decided && guarded;
}
constexpr bool all_complete() {
  for (const Route& route : kRoutes) {
    if (!is_complete(route)) return false;
  }
  return true;
}
static_assert(all_complete(), "a row of the table of routes is incomplete");

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace quire::api
