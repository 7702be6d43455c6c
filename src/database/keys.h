#pragma once

#include <string>
#include <string_view>

#include "database/types.h"

// The keys of a shard, as docs/formats/records.md lays them out. Numbers are big-endian, so that byte order
// is number order; an id ends at a NUL, which no id contains.
namespace quire::database::keys {

// documents
std::string head(CollectionId collection, std::string_view id);
void head_to(std::string& out, CollectionId collection, std::string_view id);  // replaces what is in `out`
std::string heads(CollectionId collection);      // the prefix of all heads of a collection
std::string heads_end(CollectionId collection);  // the first key after them
std::string_view head_id(std::string_view key);  // of a head's key, or a tombstone's
std::string revision(CollectionId collection, std::string_view id, const document::Revision& revision);
std::string revisions(CollectionId collection,
                      std::string_view id);  // prefix of all kept texts of a document
std::string ancestors(CollectionId collection, std::string_view id, std::uint64_t oldest_generation);
std::string ancestors_of(CollectionId collection, std::string_view id);  // prefix
std::string checkpoint(std::string_view id);
inline constexpr std::string_view kCheckpoints = "L";  // prefix of all of them
// The ranges of a collection, for dropping it: letter 'D', 'R' or 'A', and 'T' in tombstones.
std::string range_begin(char letter, CollectionId collection);
std::string range_end(char letter, CollectionId collection);

// tombstones
std::string tombstone(CollectionId collection, std::string_view id);
void tombstone_to(std::string& out, CollectionId collection, std::string_view id);

// history
std::string history(Sequence sequence);
std::string superseded(Sequence sequence);
Sequence sequence_of(std::string_view key);  // of either

// index
std::string index_entries(std::uint32_t index);  // prefix

// blobs
std::string blob(std::string_view digest);
std::string blob_chunk(std::uint64_t number, std::uint32_t chunk);
std::string blob_reference(std::string_view digest, CollectionId collection, std::string_view id,
                           const document::Revision& revision);
std::string blob_references(std::string_view digest);  // prefix
std::string upload(std::uint64_t number);

// meta
inline constexpr std::string_view kState = "S";
inline constexpr std::string_view kTrim = "T";
inline constexpr std::string_view kPurges = "G";
inline constexpr std::string_view kCheckpointCounts = "Q";
std::string counts(CollectionId collection);
std::string collection(CollectionId collection);
std::string dropped(CollectionId collection);
std::string index_definition(std::uint32_t index);
std::string rule(CollectionId collection);
std::string index_state(std::uint32_t index);
std::string index_multikey(std::uint32_t index);
std::string request(std::string_view request_id, std::uint32_t item);
std::string requests(std::string_view request_id);  // prefix of all items
std::string request_expiry(std::int64_t time_ms, std::string_view request_id);

// The first key that does not begin with `prefix`; empty if there is none.
std::string after_prefix(std::string_view prefix);

}  // namespace quire::database::keys
