#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "database/types.h"
#include "storage/store.h"

namespace quire::database {

// Where in the table of documents that moved lately a document is looked for.
std::uint64_t slot_of(CollectionId collection, std::string_view id);

// A change of one document, worked out on its caller's thread against what it read: all that is left for the
// committer is to see that the document has not moved, to give the sequence, and to put the pieces in its
// batch.
struct PreparedChange {
  struct Put {
    storage::Family family;
    std::string key;
    std::string value;
  };
  struct Erase {
    storage::Family family;
    std::string key;
  };
  struct UniqueKey {
    std::uint32_t index = 0;
    std::string prefix;  // the index entry's key without the id
  };

  // Of replicated revisions of one document that came together: what becomes of each, in their order.
  struct Joined {
    document::Revision revision;
    bool written = false;  // false: it was known
    std::optional<Error> refused{};
  };

  EditResult result;           // its sequence is the committer's to fill in
  std::vector<Joined> joined;  // empty where it is one edit alone
  bool nothing = false;        // there is nothing to write: the result stands as it is
  bool pinned = false;         // of nothing: if the document has not moved

  CollectionId collection = 0;
  Sequence base = 0;       // the head's sequence that this builds on; 0: there was no head
  Sequence seen = 0;       // every change up to here was visible when the head was read
  std::uint64_t slot = 0;  // hash of collection and id
  std::uint64_t collections_version = 0;
  std::uint64_t indexes_version = 0;
  std::uint64_t rules_version = 0;

  bool purge = false;          // it is counted as one
  std::string head_record;     // as readers get it; its sequence is patched in. Empty: the document goes
  std::string tombstone;       // what is stored of it, where it can lie as one (tombstone.h); else empty
  std::string head_key;        // where it is stored, among the documents or the tombstones
  std::string history_record;  // its time is patched in
  // The hash of the change that this one supersedes, where that one's entry may have left it to the
  // tombstone.
  std::optional<document::RevisionHash> superseded;
  std::vector<Put> puts;
  std::vector<Erase> erases;
  std::vector<UniqueKey> unique_keys;
  std::vector<std::string> freed;                            // entries of unique indexes that go
  std::vector<std::shared_ptr<std::atomic<bool>>> multikey;  // to be set, of indexes; the marks are in `puts`
  std::vector<std::string> blobs;                            // digests that must exist

  bool keep_history = true;         // false: the superseded entry goes at once
  std::uint64_t kept_bytes = 0;     // of the replaced text that stays for a while
  std::uint64_t garbage_bytes = 0;  // of records overwritten or erased
  std::int64_t documents = 0;       // what the counts grow by
  std::int64_t deleted = 0;
  std::int64_t bytes = 0;

  std::size_t size() const { return head_record.size() + history_record.size() + 64; }
};

}  // namespace quire::database
