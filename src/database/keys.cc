#include "database/keys.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace quire::database::keys {

namespace {
std::string with_collection(char letter, CollectionId collection, std::size_t more) {
  std::string key;
  key.reserve(5 + more);
  key.push_back(letter);
  put_u32(key, collection);
  return key;
}

std::string document_prefix(char letter, CollectionId collection, std::string_view id, std::size_t more) {
  std::string key = with_collection(letter, collection, id.size() + 1 + more);
  key.append(id);
  key.push_back('\0');
  return key;
}

std::string numbered(char letter, std::uint64_t number) {
  std::string key;
  key.reserve(9);
  key.push_back(letter);
  put_u64(key, number);
  return key;
}

std::string short_numbered(char letter, std::uint32_t number) { return with_collection(letter, number, 0); }
}  // namespace

std::string head(CollectionId collection, std::string_view id) {
  std::string key = with_collection('D', collection, id.size());
  return key.append(id);
}
void head_to(std::string& out, CollectionId collection, std::string_view id) {
  out.assign(1, 'D');
  put_u32(out, collection);
  out.append(id);
}
std::string tombstone(CollectionId collection, std::string_view id) {
  std::string key = with_collection('T', collection, id.size());
  return key.append(id);
}
void tombstone_to(std::string& out, CollectionId collection, std::string_view id) {
  head_to(out, collection, id);
  out.front() = 'T';
}
std::string heads(CollectionId collection) { return range_begin('D', collection); }
std::string heads_end(CollectionId collection) { return range_end('D', collection); }
std::string_view head_id(std::string_view key) { return key.substr(5); }

std::string revision(CollectionId collection, std::string_view id, const document::Revision& revision) {
  std::string key = document_prefix('R', collection, id, 20);
  revision.encode(key);
  return key;
}
std::string revisions(CollectionId collection, std::string_view id) {
  return document_prefix('R', collection, id, 0);
}
std::string ancestors(CollectionId collection, std::string_view id, std::uint64_t oldest_generation) {
  std::string key = document_prefix('A', collection, id, 8);
  put_u64(key, oldest_generation);
  return key;
}
std::string ancestors_of(CollectionId collection, std::string_view id) {
  return document_prefix('A', collection, id, 0);
}
std::string checkpoint(std::string_view id) { return std::string(kCheckpoints).append(id); }
std::string range_begin(char letter, CollectionId collection) {
  return with_collection(letter, collection, 0);
}
std::string range_end(char letter, CollectionId collection) {
  return after_prefix(range_begin(letter, collection));
}

std::string history(Sequence sequence) { return numbered('H', sequence); }
std::string superseded(Sequence sequence) { return numbered('S', sequence); }
Sequence sequence_of(std::string_view key) {
  QUIRE_CHECK(key.size() == 9, "a history key of another length");
  return load_u64(key.data() + 1);
}

std::string index_entries(std::uint32_t index) { return short_numbered('I', index); }

std::string blob(std::string_view digest) { return std::string("N").append(digest); }
std::string blob_chunk(std::uint64_t number, std::uint32_t chunk) {
  std::string key = numbered('B', number);
  put_u32(key, chunk);
  return key;
}
std::string blob_references(std::string_view digest) { return std::string("F").append(digest); }
std::string blob_reference(std::string_view digest, CollectionId collection, std::string_view id,
                           const document::Revision& revision) {
  std::string key = blob_references(digest);
  put_u32(key, collection);
  key.append(id);
  key.push_back('\0');
  revision.encode(key);
  return key;
}

std::string upload(std::uint64_t number) { return numbered('U', number); }

std::string counts(CollectionId collection) { return short_numbered('C', collection); }
std::string collection(CollectionId collection) { return short_numbered('L', collection); }
std::string dropped(CollectionId collection) { return short_numbered('P', collection); }
std::string index_definition(std::uint32_t index) { return short_numbered('X', index); }
std::string rule(CollectionId collection) { return short_numbered('V', collection); }
std::string index_state(std::uint32_t index) { return short_numbered('Y', index); }
std::string index_multikey(std::uint32_t index) { return short_numbered('Z', index); }
std::string requests(std::string_view request_id) {
  std::string key = "K";
  put_string(key, request_id);
  return key;
}
std::string request(std::string_view request_id, std::uint32_t item) {
  std::string key = requests(request_id);
  put_u32(key, item);
  return key;
}
std::string request_expiry(std::int64_t time_ms, std::string_view request_id) {
  std::string key = numbered('k', static_cast<std::uint64_t>(std::max<std::int64_t>(time_ms, 0)));
  return key.append(request_id);
}

std::string after_prefix(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty() && next.back() == '\xFF') next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(next.back() + 1);
  return next;
}

}  // namespace quire::database::keys
