#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/arena.h"
#include "engine/feeds.h"

namespace quire::engine {

// Which events carry the document.
enum class FullDocument : std::uint8_t {
  always,  // every change but a removal: the document as the change left it
  unless_update,
  never,
};

// Appends a change as MongoDB's change streams show it, one JSON object in relaxed Extended JSON:
//
//   {"_id": {"_data": "7-1"}, "operationType": "update", "clusterTime": {"$timestamp": {"t": ..., "i": ...}},
//    "wallTime": {"$date": ...}, "ns": {"db": ..., "coll": ...}, "documentKey": {"_id": ...},
//    "fullDocument": {...}, "updateDescription": {"updatedFields": {...}, "removedFields": [...]}}
//
// `_id` is where to resume behind it. An update that paths cannot say is shown as a replace; a document that
// is no longer kept as null. False, and nothing is written, for what is no event: a losing revision, a new
// collection. `row` was read with bodies. `scratch` is reset. Errors: corrupt.
Result<bool> print_change_event(const FeedRow& row, std::uint64_t incarnation, std::string_view database,
                                FullDocument full_document, document::Arena& scratch, std::string& out);

// What a client that resumes says: the text of a position, or the object {"_data": TEXT}, as JSON. Errors:
// invalid (field "resumeAfter").
Result<Position> parse_resume_token(std::string_view json);

// A document as relaxed Extended JSON, with its id as the first member: 24 hexadecimal digits as {"$oid": h}.
Status print_extended(std::string_view id, std::string_view body, document::Arena& scratch, std::string& out);
void print_extended_id(std::string_view id, std::string& out);

}  // namespace quire::engine
