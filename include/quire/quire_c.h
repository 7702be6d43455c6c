#ifndef QUIRE_QUIRE_C_H
#define QUIRE_QUIRE_C_H

/* The small C interface: enough to open a directory and put, get, remove and follow documents. quire.h has
 * all.
 *
 * Every function answers QUIRE_OK or one of the other codes. Where it is not QUIRE_OK and `error` is not
 * null, *error is a line of text that says why; nothing else is set then. Everything that is handed out
 * through a pointer is the caller's, who gives texts back with quire_free() and the handle with
 * quire_close(). Texts are UTF-8 and end in a NUL. A null `database` means "main", a null `collection` means
 * "_default". A handle may be used by any number of threads at the same time, but not after quire_close()
 * began. */

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define QUIRE_C_API __attribute__((visibility("default")))
#else
#define QUIRE_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct quire_handle quire_handle;

/* As quire::ErrorCode, one higher, in its order. */
enum {
  QUIRE_OK = 0,
  QUIRE_NOT_FOUND,
  QUIRE_CONFLICT,
  QUIRE_EXISTS,
  QUIRE_PRECONDITION,
  QUIRE_INVALID,
  QUIRE_UNAUTHENTICATED,
  QUIRE_FORBIDDEN,
  QUIRE_LOCKED,
  QUIRE_TOO_LARGE,
  QUIRE_EXHAUSTED,
  QUIRE_UNAVAILABLE,
  QUIRE_DEADLINE,
  QUIRE_CANCELLED,
  QUIRE_HISTORY_LOST,
  QUIRE_CORRUPT,
  QUIRE_READ_ONLY,
  QUIRE_IO,
  QUIRE_NOT_IMPLEMENTED,
  QUIRE_INTERNAL
};

/* Opens a directory, or makes one. `memory_bytes` 0: 256 MiB. */
QUIRE_C_API int quire_open(const char* directory, uint64_t memory_bytes, quire_handle** handle, char** error);
/* Null is allowed. */
QUIRE_C_API void quire_close(quire_handle* handle);
/* Gives back a text. Null is allowed. */
QUIRE_C_API void quire_free(char* text);

/* Writes a document. `id` null: its `_id`, or one is made. `revision` null: the document must not be there.
 * `new_id` and `new_revision` may be null. */
QUIRE_C_API int quire_put(quire_handle* handle, const char* database, const char* collection, const char* id,
                          const char* json, size_t json_bytes, const char* revision, char** new_id,
                          char** new_revision, char** error);
/* Reads a document, with `_id` and `_rev`. `json_bytes`, its length without the NUL, may be null. */
QUIRE_C_API int quire_get(quire_handle* handle, const char* database, const char* collection, const char* id,
                          char** json, size_t* json_bytes, char** error);
/* `revision` null: whatever is there. `new_revision` may be null. */
QUIRE_C_API int quire_remove(quire_handle* handle, const char* database, const char* collection,
                             const char* id, const char* revision, char** new_revision, char** error);

/* A change; its texts are valid during the call that shows it. `body` is null where it is no longer kept. */
typedef struct quire_change {
  uint64_t sequence;
  int64_t time_ms;
  const char* operation; /* "insert", "update", "replace", "remove", "conflict", ... */
  int deleted;
  const char* collection;
  const char* id;
  const char* revision;
  const char* body;
  size_t body_bytes;
} quire_change;

/* Shows the changes behind `since` (null: from the oldest that is kept), with their documents, until there is
 * none left and, with `wait_ms` above 0, none came for that long; or until `visit` answers other than 0.
 * *position, which may not be null, is then where to go on. */
QUIRE_C_API int quire_changes(quire_handle* handle, const char* database, const char* since, uint32_t wait_ms,
                              int (*visit)(void* context, const quire_change* change), void* context,
                              char** position, char** error);

#ifdef __cplusplus
}
#endif

#endif
