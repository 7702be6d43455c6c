#include <array>

#include "api/route.h"

namespace quire::api {

namespace {

constexpr std::array kSchemas{
    Schema{
        "Error", "Why there is no better answer.",
        R"({"type":"object","required":["error","message","id"],"properties":{)"
        R"("error":{"type":"string","description":"the kind of error"},)"
        R"("message":{"type":"string","description":"for a person"},)"
        R"("field":{"type":"string","description":"the part of the request that is at fault"},)"
        R"("limit":{"type":"integer","description":"the limit that was passed"},)"
        R"("violations":{"type":"array","description":"of a document that does not fit its collection's )"
        R"(schema: all places, 20 at most","items":{"type":"object","properties":{"path":{"type":"string"},)"
        R"("rule":{"type":"string"},"message":{"type":"string"}}}},)"
        R"("id":{"type":"string","description":"what the server's log calls it"}}})"},
    Schema{"CouchError", "Why there is no better answer, in the words of CouchDB's protocol.",
           R"({"type":"object","required":["error","reason"],"properties":{"error":{"type":"string"},)"
           R"("reason":{"type":"string"}}})"},
    Schema{"CouchObject", "An object as CouchDB's protocol has it.",
           R"({"type":"object","additionalProperties":true})"},
    Schema{"CouchList", "A list as CouchDB's protocol has it.", R"({"type":"array"})"},
    Schema{"CouchOk", "Done, and on disk.",
           R"({"type":"object","properties":{"ok":{"const":true}},"additionalProperties":true})"},
    Schema{"CouchWritten", "What a write made.",
           R"({"type":"object","properties":{"ok":{"const":true},"id":{"type":"string"},)"
           R"("rev":{"type":"string"}}})"},
    Schema{"CouchDocument", "Any object; members whose names begin with `_` say what it is.",
           R"({"type":"object","properties":{"_id":{"type":"string"},"_rev":{"type":"string"},)"
           R"("_deleted":{"type":"boolean"},"_attachments":{"type":"object"}},"additionalProperties":true})"},
    Schema{"Backup", "A finished backup.", R"({"type":"object","properties":{"name":{"type":"string"}}})"},
    Schema{"Durable", "Done, and on disk.",
           R"({"type":"object","properties":{"durable":{"enum":["memory","os","disk"]}}})"},
    Schema{"Document", "Any object. `_id` and `_rev` say which document and revision it is.",
           R"({"type":"object","properties":{"_id":{"type":"string"},"_rev":{"type":"string"}},)"
           R"("additionalProperties":true})"},
    Schema{"Documents", "One document, or an array of them; with `_deleted` true, one to delete.",
           R"({"oneOf":[{"$ref":"#/components/schemas/Document"},)"
           R"({"type":"array","items":{"$ref":"#/components/schemas/Document"}}]})"},
    Schema{"Patch", "Update operators, a merge patch, or a list of JSON Patch's operations.",
           R"({"oneOf":[{"type":"object"},{"type":"array","items":{"type":"object"}}]})"},
    Schema{"Written", "What a write made, and how safe it is.",
           R"({"type":"object","properties":{"_id":{"type":"string"},"_rev":{"type":"string"},)"
           R"("durable":{"enum":["memory","os","disk"]}}})"},
    Schema{"WrittenMany", "What was written, or a row for each of several: `_id` and `_rev`, or an error.",
           R"({"oneOf":[{"$ref":"#/components/schemas/Written"},{"type":"object","properties":{)"
           R"("results":{"type":"array","items":{"type":"object"}},)"
           R"("durable":{"enum":["memory","os","disk"]}}}]})"},
    Schema{
        "NewCollectionSchema",
        "A JSON Schema of draft 2020-12. `strict`, which is meant where nothing is said, refuses what does "
        "not fit; `warn` takes it, counts it, and writes to the log.",
        R"({"type":"object","required":["schema"],"additionalProperties":false,"properties":{)"
        R"("schema":{"type":["object","boolean"]},"mode":{"enum":["strict","warn"]}}})"},
    Schema{
        "CollectionSchema",
        "A schema, how many writes did not fit it since the database was opened, and how far the documents "
        "that stand there have been looked through: how many do not fit, and the first 100 of them.",
        R"({"type":"object","properties":{"schema":{"type":["object","boolean"]},)"
        R"("mode":{"enum":["strict","warn"]},"refused":{"type":"integer"},"warned":{"type":"integer"},)"
        R"("documents":{"type":"object","properties":{"state":{"enum":["checking","done","failed"]},)"
        R"("checked":{"type":"integer"},"total":{"type":"integer"},"misfits":{"type":"integer"},)"
        R"("first":{"type":"array","items":{"type":"object","properties":{"_id":{"type":"string"},)"
        R"("path":{"type":"string"},"rule":{"type":"string"}}}},"failure":{"type":"string"}}}}})"},
    Schema{
        "UpdateFound",
        "Which documents (`filter`; without one, all; `many` for more than one of them), the operators, and "
        "what `$[name]` means in them. With `upsert` a document is made where none matches, of what the "
        "filter says to be equal.",
        R"({"type":"object","required":["update"],"additionalProperties":false,"properties":{)"
        R"("filter":{"type":"object"},"update":{"type":"object"},"many":{"type":"boolean"},)"
        R"("upsert":{"type":"boolean"},"arrayFilters":{"type":"array","items":{"type":"object"}},)"
        R"("collation":{"type":"object"}}})"},
    Schema{"UpdatedFound",
           "How many documents matched, how many are another now, and the id of one that was made.",
           R"({"type":"object","properties":{"matched":{"type":"integer"},"modified":{"type":"integer"},)"
           R"("upserted":{"type":"string"},"durable":{"enum":["memory","os","disk"]},)"
           R"("stats":{"type":"object"}}})"},
    Schema{"DeleteFound", "Which documents; `many` for more than one of them.",
           R"({"type":"object","required":["filter"],"additionalProperties":false,"properties":{)"
           R"("filter":{"type":"object"},"many":{"type":"boolean"},"collation":{"type":"object"}}})"},
    Schema{"DeletedFound", "How many documents were deleted.",
           R"({"type":"object","properties":{"deleted":{"type":"integer"},)"
           R"("durable":{"enum":["memory","os","disk"]},"stats":{"type":"object"}}})"},
    Schema{
        "FindAndModify",
        "The first document in the order of `sort` that matches: `update` has operators or a document that "
        "takes its place; or `remove`. The answer shows it as it was, or `after` the change.",
        R"({"type":"object","additionalProperties":false,"properties":{"filter":{"type":"object"},)"
        R"("update":{"type":"object"},"remove":{"type":"boolean"},"sort":{"type":"object"},)"
        R"("projection":{"type":"object"},"after":{"type":"boolean"},"upsert":{"type":"boolean"},)"
        R"("arrayFilters":{"type":"array","items":{"type":"object"}},"collation":{"type":"object"}}})"},
    Schema{"FoundAndModified", "The document, or null where none matched; the id of one that was made.",
           R"({"type":"object","properties":{"document":{"oneOf":[{"type":"null"},)"
           R"({"$ref":"#/components/schemas/Document"}]},"upserted":{"type":"string"},)"
           R"("durable":{"enum":["memory","os","disk"]}}})"},
    Schema{
        "Transaction",
        "Operations in order, each an object of one member that says what to do, with `collection` "
        "(`_default` where none is named). `insert` has a document; `update` an `update` of operators; "
        "`replace` a document; `delete` and `check` none. All but `insert` name their document by `id`, or "
        "those that change it by a `filter`: one that matches. `rev` is its revision before the "
        "transaction. `check` says of an `id` its `rev`, whether it `exists`, or a `filter` that it "
        "matches. `collation` says how the filter and the operators compare strings.",
        R"({"type":"object","required":["operations"],"additionalProperties":false,"properties":{)"
        R"("operations":{"type":"array","minItems":1,"maxItems":4096,"items":{"type":"object",)"
        R"("minProperties":1,"maxProperties":1,"additionalProperties":false,"properties":{)"
        R"("insert":{"type":"object","required":["document"]},)"
        R"("update":{"type":"object","required":["update"]},)"
        R"("replace":{"type":"object","required":["document"]},)"
        R"("delete":{"type":"object"},"check":{"type":"object","required":["id"]}}}}}})"},
    Schema{"TransactionDone", "The documents of the operations, at the revisions they are left at.",
           R"({"type":"object","properties":{"results":{"type":"array","items":{"type":"object",)"
           R"("properties":{"_id":{"type":"string"},"_rev":{"type":"string"}}}},)"
           R"("durable":{"enum":["memory","os","disk"]}}})"},
    Schema{"DocumentPage",
           "Documents by id. `next` is what the next page has as `after`, or with descending `before`.",
           R"({"type":"object","properties":{"documents":{"type":"array",)"
           R"("items":{"$ref":"#/components/schemas/Document"}},"next":{"type":"string"}}})"},
    Schema{"Database", "A database.",
           R"({"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"},)"
           R"("owner":{"type":"string"},"created":{"type":"string","format":"date-time"},)"
           R"("historyMs":{"type":"integer"},"historyBytes":{"type":"integer"}}})"},
    Schema{
        "DatabaseSettings",
        "`historyMs`: for how many milliseconds replaced versions and superseded changes stay, 0 for none; "
        "`historyBytes`: how many bytes of these at most, or a 64th of the live ones where that is more. "
        "`public`: what everybody may do. "
        "Those not named stay; for a new database they are a day, 2 MiB and none.",
        R"({"type":"object","properties":{"historyMs":{"type":"integer","minimum":0},)"
        R"("historyBytes":{"type":"integer","minimum":0},)"
        R"("public":{"enum":["none","read","write",true,false]}},"additionalProperties":false})"},
    Schema{"Databases", "Databases by name.",
           R"({"type":"object","properties":{"databases":{"type":"array",)"
           R"("items":{"$ref":"#/components/schemas/Database"}}}})"},
    Schema{"DatabaseFigures", "A database with its figures. Changes can be followed from `oldest` on.",
           R"({"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"},)"
           R"("created":{"type":"string"},"historyMs":{"type":"integer"},)"
           R"("historyBytes":{"type":"integer"},"documents":{"type":"integer"},"deleted":{"type":"integer"},)"
           R"("bytes":{"type":"integer"},"position":{"type":"string"},"oldest":{"type":"string"},)"
           R"("diskBytes":{"type":"integer"},"logBytes":{"type":"integer"},"memoryBytes":{"type":"integer"},)"
           R"("sharing":{"$ref":"#/components/schemas/Grants"},)"
           R"("reservation":{"$ref":"#/components/schemas/Reservation"}}})"},
    Schema{"Collection", "A collection with its figures.",
           R"({"type":"object","properties":{"name":{"type":"string"},"documents":{"type":"integer"},)"
           R"("deleted":{"type":"integer"},"bytes":{"type":"integer"},"revisionLimit":{"type":"integer"},)"
           R"("history":{"type":"boolean"}}})"},
    Schema{"Collections", "Collections by name.",
           R"({"type":"object","properties":{"collections":{"type":"array",)"
           R"("items":{"$ref":"#/components/schemas/Collection"}}}})"},
    Schema{
        "CollectionSettings",
        "How many generations of each document are remembered, and whether what an update replaces is kept "
        "for as "
        "long as the database's history.",
        R"({"type":"object","properties":{"revisionLimit":{"type":"integer","minimum":1},"history":{"type":"boolean"}},)"
        R"("additionalProperties":false})"},
    Schema{"Query", "What documents are asked for by. `limit` is 100 of itself and 1000 at most.",
           R"({"type":"object","properties":{"filter":{"type":"object"},"sort":{"type":"object"},)"
           R"("projection":{"type":"object"},"limit":{"type":"integer","minimum":1},)"
           R"("skip":{"type":"integer","minimum":0},"cursor":{"type":"string"},)"
           R"("collation":{"type":"object"},"hint":{"type":"string"},)"
           R"("scanLimit":{"type":"integer","minimum":0},"explain":{"enum":["plan","run"]}},)"
           R"("additionalProperties":false})"},
    Schema{"QueryAnswer",
           "Documents; `next` is the cursor of the next page, which may turn out empty; `explain` instead of "
           "all of this, where that was asked for.",
           R"({"type":"object","properties":{"documents":{"type":"array",)"
           R"("items":{"$ref":"#/components/schemas/Document"}},"next":{"type":"string"},)"
           R"("stats":{"type":"object","properties":{"returned":{"type":"integer"},)"
           R"("scanned":{"type":"integer"},"entries":{"type":"integer"},"spilledBytes":{"type":"integer"},)"
           R"("us":{"type":"integer"},"index":{"type":"string"},"advice":{"type":"string"}}},)"
           R"("explain":{"type":"string"}}})"},
    Schema{
        "Count", "What is counted.",
        R"({"type":"object","properties":{"filter":{"type":"object"},"limit":{"type":"integer","minimum":1},)"
        R"("skip":{"type":"integer","minimum":0},"collation":{"type":"object"},"hint":{"type":"string"},)"
        R"("scanLimit":{"type":"integer","minimum":0}},"additionalProperties":false})"},
    Schema{"Counted", "How many there are.",
           R"({"type":"object","properties":{"count":{"type":"integer"}}})"},
    Schema{"Distinct", "Whose values are asked for.",
           R"({"type":"object","required":["path"],"properties":{"path":{"type":"string"},)"
           R"("filter":{"type":"object"},"collation":{"type":"object"},"hint":{"type":"string"},)"
           R"("scanLimit":{"type":"integer","minimum":0}},"additionalProperties":false})"},
    Schema{"DistinctValues", "Each once, in the order of values.",
           R"({"type":"object","properties":{"values":{"type":"array"}}})"},
    Schema{"Aggregate", "A pipeline, and what it is run with.",
           R"({"type":"object","required":["pipeline"],"properties":{"pipeline":{"type":"array",)"
           R"("items":{"type":"object"}},"collation":{"type":"object"},"hint":{"type":"string"}},)"
           R"("additionalProperties":false})"},
    Schema{"Aggregated", "The documents that the pipeline makes; without an id where its stages leave none.",
           R"({"type":"object","properties":{"documents":{"type":"array","items":{"type":"object"}},)"
           R"("stats":{"type":"object","properties":{"returned":{"type":"integer"},)"
           R"("scanned":{"type":"integer"},"entries":{"type":"integer"},"spilledBytes":{"type":"integer"},)"
           R"("us":{"type":"integer"},"index":{"type":"string"},"advice":{"type":"string"}}}}})"},
    Schema{"IndexDefinition", "What an index is over.",
           R"({"type":"object","required":["keys"],"properties":{"keys":{"type":"array",)"
           R"("items":{"type":"object"}},"unique":{"type":"boolean"},"sparse":{"type":"boolean"},)"
           R"("partial":{"type":"object"},"expireAfterSeconds":{"type":"integer","minimum":0},)"
           R"("collation":{"type":"object"}},"additionalProperties":false})"},
    Schema{"Index", "An index; `done` and `total` are documents, while it is built.",
           R"({"type":"object","properties":{"name":{"type":"string"},)"
           R"("definition":{"$ref":"#/components/schemas/IndexDefinition"},)"
           R"("state":{"enum":["building","ready","failed"]},"done":{"type":"integer"},)"
           R"("total":{"type":"integer"},"failure":{"type":"string"}}})"},
    Schema{"Indexes", "Indexes by name.",
           R"({"type":"object","properties":{"indexes":{"type":"array",)"
           R"("items":{"$ref":"#/components/schemas/Index"}}}})"},
    Schema{
        "Changes", "Changes in their order; `next` is where to go on, `more` whether there is more already.",
        R"({"type":"object","properties":{"changes":{"type":"array","items":{"type":"object","properties":{)"
        R"("position":{"type":"string"},"time":{"type":"string"},"operation":{"enum":["insert","update",)"
        R"("replace","remove","conflict","create_collection","drop_collection","purge"]},)"
        R"("collection":{"type":"string"},"id":{"type":"string"},"revision":{"type":"string"},)"
        R"("deleted":{"type":"boolean"},"document":{"type":"object"}}}},)"
        R"("next":{"type":"string"},"more":{"type":"boolean"}}})"},
    Schema{"Records", "Documents one after another.",
           R"({"type":"array","items":{"$ref":"#/components/schemas/Document"}})"},
    Schema{"Imported", "How many records were taken; the first of those that were not.",
           R"({"type":"object","properties":{"imported":{"type":"integer"},"existing":{"type":"integer"},)"
           R"("bad":{"type":"integer"},"errors":{"type":"array","items":{"type":"object"}},)"
           R"("durable":{"enum":["memory","os","disk"]}}})"},
    Schema{"Status", "The node.",
           R"({"type":"object","properties":{"version":{"type":"string"},"ready":{"type":"boolean"},)"
           R"("databases":{"type":"integer"},"openDatabases":{"type":"integer"},)"
           R"("memoryBytes":{"type":"integer"},"feeds":{"type":"integer"}}})"},
    Schema{"Me", "Who asks.",
           R"({"type":"object","properties":{"kind":{"enum":["user","admin"]},)"
           R"("may":{"type":"array","items":{"type":"string"}},"user":{"$ref":"#/components/schemas/User"},)"
           R"("credential":{"type":"object"},"databases":{"type":"array","items":{"type":"object"}},)"
           R"("total":{"type":"integer"},"reserved":{"type":"string"}}})"},
    Schema{
        "NewUser", "An account to be. An email address is due where it is no administrator who makes it.",
        R"({"type":"object","required":["username","password"],"properties":{"username":{"type":"string"},)"
        R"("password":{"type":"string","format":"password"},"email":{"type":"string"},)"
        R"("role":{"enum":["user","admin"]}},"additionalProperties":false})"},
    Schema{"User", "An account.",
           R"({"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"},)"
           R"("email":{"type":"string"},"role":{"enum":["user","admin"]},"disabled":{"type":"boolean"},)"
           R"("created":{"type":"string","format":"date-time"}}})"},
    Schema{"Users", "Accounts by name; `next` is what the next page has as `after`.",
           R"({"type":"object","properties":{"users":{"type":"array",)"
           R"("items":{"$ref":"#/components/schemas/User"}},"next":{"type":"string"}}})"},
    Schema{"UserChange",
           "What changes of an account. `oldPassword` is due where it is no administrator who asks.",
           R"({"type":"object","properties":{"password":{"type":"string","format":"password"},)"
           R"("oldPassword":{"type":"string","format":"password"},"disabled":{"type":"boolean"},)"
           R"("role":{"enum":["user","admin"]}},"additionalProperties":false})"},
    Schema{
        "Login", "A name and its password; with `cookie` true the token comes as a cookie, not in the body.",
        R"({"type":"object","required":["username","password"],"properties":{"username":{"type":"string"},)"
        R"("password":{"type":"string","format":"password"},"cookie":{"type":"boolean"}},)"
        R"("additionalProperties":false})"},
    Schema{"Session", "A session: it ends at `expires` at the latest, and sooner where it is not used.",
           R"({"type":"object","properties":{"user":{"type":"string"},"token":{"type":"string"},)"
           R"("expires":{"type":"string","format":"date-time"}}})"},
    Schema{"NewReplication",
           "What is to be moved. A side is a database of this server, or an address: "
           "http://HOST:PORT/v1/databases/NAME of a Quire, http://HOST:PORT/NAME of CouchDB's protocol.",
           R"({"type":"object","properties":{"source":{"type":"string"},"target":{"type":"string"},)"
           R"("continuous":{"type":"boolean"},"ids":{"type":"array","items":{"type":"string"}},)"
           R"("collection":{"type":"string"},"filter":{"type":"object"},"sourceKey":{"type":"string"},)"
           R"("targetKey":{"type":"string"}},"required":["source","target"],"additionalProperties":false})"},
    Schema{"Replication", "A replication and how far it is. Addresses are shown without credentials.",
           R"({"type":"object","properties":{"id":{"type":"string"},"source":{"type":"string"},)"
           R"("target":{"type":"string"},"continuous":{"type":"boolean"},"collection":{"type":"string"},)"
           R"("filter":{"type":"object"},"ids":{"type":"array","items":{"type":"string"}},)"
           R"("created":{"type":"string","format":"date-time"},"progress":{"type":"object","properties":{)"
           R"("state":{"enum":["opening","running","idle","retrying","finished","failed","cancelled"]},)"
           R"("changesRead":{"type":"integer"},"revisionsWritten":{"type":"integer"},)"
           R"("failures":{"type":"integer"},"pending":{"type":"integer"},"lagMs":{"type":"integer"},)"
           R"("failed":{"type":"array","items":{"type":"object"}}}}}})"},
    Schema{"Replications", "A list of them.",
           R"({"type":"object","properties":{"replications":{"type":"array",)"
           R"("items":{"$ref":"#/components/schemas/Replication"}}}})"},
    Schema{
        "NewKey",
        "What a key is to be: `right` and `databases` narrow what its account may do, `life` is in "
        "milliseconds.",
        R"({"type":"object","properties":{"label":{"type":"string"},"right":{"enum":["read","write","owner"]},)"
        R"("databases":{"type":"array","items":{"type":"string"}},"life":{"type":"integer","minimum":1},)"
        R"("user":{"type":"string"}},"additionalProperties":false})"},
    Schema{
        "Key", "An API key. `key`, the key itself, stands in the answer that makes it and nowhere else.",
        R"({"type":"object","properties":{"id":{"type":"string"},"key":{"type":"string"},)"
        R"("user":{"type":"string"},"label":{"type":"string"},"right":{"enum":["read","write","owner"]},)"
        R"("databases":{"type":"array","items":{"type":"string"}},)"
        R"("created":{"type":"string","format":"date-time"},"expires":{"type":"string","format":"date-time"},)"
        R"("lastUsed":{"type":"string","format":"date-time"}}})"},
    Schema{
        "Keys", "The keys of an account.",
        R"({"type":"object","properties":{"keys":{"type":"array","items":{"$ref":"#/components/schemas/Key"}}}})"},
    Schema{"NewGrant", "What the account may do.",
           R"({"type":"object","required":["right"],"properties":{"right":{"enum":["read","write"]}},)"
           R"("additionalProperties":false})"},
    Schema{"Grant", "What an account may do with a database.",
           R"({"type":"object","properties":{"user":{"type":"string"},"name":{"type":"string"},)"
           R"("right":{"enum":["read","write"]}}})"},
    Schema{
        "Grants", "Who may use a database besides its owner: everybody, and accounts.",
        R"({"type":"object","properties":{"public":{"enum":["none","read","write"]},"grants":{"type":"array",)"
        R"("items":{"$ref":"#/components/schemas/Grant"}}}})"},
    Schema{"Reservation",
           "One account has the database for itself, until `expires` where it does not use it. `epoch` only "
           "grows.",
           R"({"type":"object","properties":{"database":{"type":"string"},"holder":{"type":"string"},)"
           R"("expires":{"type":"string","format":"date-time"},"epoch":{"type":"integer"}}})"},
    Schema{"Action", "An action and what it is about.",
           R"({"type":"object","required":["action"],"properties":{"action":{"type":"string"},)"
           R"("payload":{"type":"object"}}})"},
    Schema{"ActionAnswer",
           "`status` is that of HTTP: 200, 400 whatever the caller did wrong, 413 for a body that is too "
           "large, 429 "
           "where a throttle says to wait. `error` is the kind of error.",
           R"({"type":"object","required":["status","message"],"properties":{"status":{"type":"integer"},)"
           R"("message":{},"error":{"type":"string"}}})"},
    Schema{"Health", "All is well.", R"({"type":"object","properties":{"status":{"type":"string"}}})"},
    Schema{"KvError", "The error's word.", R"({"type":"object","properties":{"error":{"type":"string"}}})"},
    Schema{"KvSuccess", "Done; or, of /kv/is, there.",
           R"({"type":"object","properties":{"success":{"type":"boolean"}}})"},
    Schema{"KvValue", "A value.", R"({"type":"string"})"},
    Schema{"KvStrings", "Keys, or values.", R"({"type":"array","items":{"type":"string"}})"},
    Schema{"KvRecords", "Keys with their values.",
           R"({"type":"array","items":{"type":"object","properties":{"k":{"type":"string"},)"
           R"("v":{"type":"string"}}}})"},
    Schema{
        "KvStatus", "The settings of the node.",
        R"({"type":"object","properties":{"version":{"type":"string"},"hostname":{"type":"string"},)"
        R"("port":{"type":"integer"},"maxKeyLength":{"type":"integer"},"maxValueLength":{"type":"integer"},)"
        R"("availableRecords":{"type":"integer"}}})"},
    Schema{"KvNodes", "The nodes of the mesh.",
           R"({"type":"object","properties":{"nodes":{"type":"array","items":{"type":"object","properties":{)"
           R"("host":{"type":"string"},"port":{"type":"integer"},"isDown":{"type":"boolean"}}}}}})"},
};

}  // namespace

std::span<const Schema> schemas() { return kSchemas; }

}  // namespace quire::api
