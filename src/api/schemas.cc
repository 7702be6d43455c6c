#include <array>

#include "api/route.h"

namespace quire::api {

namespace {

constexpr std::array kSchemas{
    Schema{"Error", "Why there is no better answer.",
           R"({"type":"object","required":["error","message","id"],"properties":{)"
           R"("error":{"type":"string","description":"the kind of error"},)"
           R"("message":{"type":"string","description":"for a person"},)"
           R"("field":{"type":"string","description":"the part of the request that is at fault"},)"
           R"("limit":{"type":"integer","description":"the limit that was passed"},)"
           R"("id":{"type":"string","description":"what the server's log calls it"}}})"},
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
        "`historyBytes`: how many bytes of these at most, or a 32nd of the live ones where that is more. "
        "Those not named stay; for a new database they are a day and 4 MiB.",
        R"({"type":"object","properties":{"historyMs":{"type":"integer","minimum":0},)"
        R"("historyBytes":{"type":"integer","minimum":0}},"additionalProperties":false})"},
    Schema{"Databases", "Databases by name.",
           R"({"type":"object","properties":{"databases":{"type":"array",)"
           R"("items":{"$ref":"#/components/schemas/Database"}}}})"},
    Schema{
        "DatabaseFigures", "A database with its figures. Changes can be followed from `oldest` on.",
        R"({"type":"object","properties":{"id":{"type":"string"},"name":{"type":"string"},)"
        R"("created":{"type":"string"},"historyMs":{"type":"integer"},)"
        R"("historyBytes":{"type":"integer"},"documents":{"type":"integer"},"deleted":{"type":"integer"},)"
        R"("bytes":{"type":"integer"},"position":{"type":"string"},"oldest":{"type":"string"},)"
        R"("diskBytes":{"type":"integer"},"logBytes":{"type":"integer"},"memoryBytes":{"type":"integer"}}})"},
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
           R"({"type":"object","properties":{"kind":{"enum":["anonymous","admin"]},)"
           R"("may":{"type":"array","items":{"type":"string"}}}})"},
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
