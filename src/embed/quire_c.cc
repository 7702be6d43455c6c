#include "quire/quire_c.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "quire/quire.h"

// Texts are handed out by malloc(), so that quire_free() is free() whatever the program's own allocator is.

using quire::v1::Result;

struct quire_handle {
  quire::v1::Quire quire;
};

namespace {

char* copy(std::string_view text) {
  auto* const bytes = static_cast<char*>(std::malloc(text.size() + 1));
  if (bytes == nullptr) std::abort();
  std::memcpy(bytes, text.data(), text.size());
  bytes[text.size()] = '\0';
  return bytes;
}

void hand_out(std::string_view text, char** out) {
  if (out != nullptr) *out = copy(text);
}

int fail(const quire::v1::Error& given, char** error) {
  hand_out(given.to_string(), error);
  return static_cast<int>(given.code()) + 1;
}

quire::v1::Database database_of(quire_handle* handle, const char* database) {
  return handle->quire.database(database == nullptr ? "main" : database);
}

quire::v1::Collection collection_of(quire_handle* handle, const char* database, const char* collection) {
  return database_of(handle, database).collection(collection == nullptr ? "_default" : collection);
}

quire::v1::WriteOptions at(const char* revision) {
  quire::v1::WriteOptions options;
  if (revision != nullptr) options.revision = revision;
  return options;
}

int hand_out(const Result<quire::v1::Written>& written, char** new_id, char** new_revision, char** error) {
  if (!written) return fail(written.error(), error);
  hand_out(written->id, new_id);
  hand_out(written->revision, new_revision);
  return QUIRE_OK;
}

// The views of a change end in no NUL of their own.
struct Texts {
  std::string collection;
  std::string id;
  std::string revision;
  std::string body;

  quire_change fill(const quire::v1::Change& change) {
    collection = change.collection;
    id = change.id;
    revision = change.revision;
    body = change.body;
    return {change.sequence,
            change.time_ms,
            name(change.operation).data(),
            change.deleted ? 1 : 0,
            collection.c_str(),
            id.c_str(),
            revision.c_str(),
            change.has_body ? body.c_str() : nullptr,
            body.size()};
  }
};

}  // namespace

int quire_open(const char* directory, uint64_t memory_bytes, quire_handle** handle, char** error) {
  quire::v1::Options options;
  if (memory_bytes != 0) options.memory_bytes = memory_bytes;
  auto opened = quire::v1::open(directory, options);
  if (!opened) return fail(opened.error(), error);
  *handle = new quire_handle{*std::move(opened)};
  return QUIRE_OK;
}

void quire_close(quire_handle* handle) { delete handle; }

void quire_free(char* text) { std::free(text); }

int quire_put(quire_handle* handle, const char* database, const char* collection, const char* id,
              const char* json, size_t json_bytes, const char* revision, char** new_id, char** new_revision,
              char** error) {
  auto documents = collection_of(handle, database, collection);
  const std::string_view text(json, json_bytes);
  const auto written =
      id == nullptr ? documents.put(text, at(revision)) : documents.put(id, text, at(revision));
  return hand_out(written, new_id, new_revision, error);
}

int quire_get(quire_handle* handle, const char* database, const char* collection, const char* id, char** json,
              size_t* json_bytes, char** error) {
  const auto document = collection_of(handle, database, collection).get(id);
  if (!document) return fail(document.error(), error);
  const std::string text = document->json();
  *json = copy(text);
  if (json_bytes != nullptr) *json_bytes = text.size();
  return QUIRE_OK;
}

int quire_remove(quire_handle* handle, const char* database, const char* collection, const char* id,
                 const char* revision, char** new_revision, char** error) {
  const auto written = collection_of(handle, database, collection).remove(id, at(revision));
  return hand_out(written, nullptr, new_revision, error);
}

int quire_changes(quire_handle* handle, const char* database, const char* since, uint32_t wait_ms,
                  int (*visit)(void* context, const quire_change* change), void* context, char** position,
                  char** error) {
  quire::v1::ChangesOptions options;
  if (since != nullptr) options.since = since;
  options.bodies = true;
  options.live = wait_ms > 0;
  options.timeout = std::chrono::milliseconds(wait_ms);
  auto changes = database_of(handle, database).changes(options);
  if (!changes) return fail(changes.error(), error);
  Texts texts;
  for (;;) {
    const auto change = changes->next();
    if (!change) return fail(change.error(), error);
    if (*change == nullptr) break;
    const quire_change shown = texts.fill(**change);
    if (visit(context, &shown) != 0) break;
  }
  *position = copy(changes->position());
  return QUIRE_OK;
}
