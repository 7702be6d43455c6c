#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/couch/couch_call.h"
#include "api/couch/names.h"
#include "engine/documents.h"

// How documents read in answers.
namespace quire::api::couch {

// What is said of a document beside its members.
struct DocumentMembers {
  bool revisions = false;          // _revisions
  bool revisions_info = false;     // _revs_info
  bool conflicts = false;          // _conflicts
  bool deleted_conflicts = false;  // _deleted_conflicts
  bool local_sequence = false;     // _local_seq
  // The bytes of attachments, not only what they are: of all, or of those that are newer than every one of
  // `since`.
  bool attachments = false;
  std::vector<document::Revision> since{};
  bool follow = false;  // the bytes come behind the document, and it says so

  // Errors: query_parse_error.
  static Result<DocumentMembers> parse(const CouchCall& call);
  // What the engine is to read for it.
  void ask(engine::GetOptions& options) const;
  bool simple() const {
    return !revisions && !revisions_info && !conflicts && !deleted_conflicts && !attachments;
  }
};

// The revisions that a parameter lists, as JSON; none where it is not given. Errors: bad_request.
Result<std::vector<document::Revision>> revision_list(const CouchCall& call, std::string_view name);

// Where an answer is written to; `step` is called now and then, and sends on what has gathered.
struct Out {
  std::string& text;
  std::function<Status()> step = nullptr;
  Status go_on() const { return step ? step() : ok(); }
};

// Whether the bytes of this attachment are asked for.
bool is_wanted(const DocumentMembers& members, const engine::Attachment& attachment);

// Appends the document as an object. With bytes of attachments, on a thread that may block. Errors: corrupt,
// and those of reading attachments.
Status print_document(const CouchCall& call, const Place& place, std::string_view id,
                      const engine::Document& document, const DocumentMembers& members, const Out& out);

}  // namespace quire::api::couch
