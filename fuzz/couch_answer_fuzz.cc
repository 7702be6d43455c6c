#include <string>
#include <vector>

#include "base/check.h"
#include "document/json.h"
#include "input.h"
#include "replication/checkpoint.h"
#include "replication/couch_answers.h"
#include "replication/couch_text.h"

// What a server of CouchDB's protocol answers: nothing of it may end us, and what is taken from it is whole.

namespace {

using namespace quire;
using namespace quire::replication;

void check_revision(const TravellingRevision& revision) {
  QUIRE_CHECK(!revision.path.empty(), "a revision has a path");
  for (std::size_t i = 1; i < revision.path.size(); ++i) {
    QUIRE_CHECK(revision.path[i].generation + 1 == revision.path[i - 1].generation,
                "generations fall by one");
  }
  std::string minified;
  QUIRE_CHECK(document::minify(revision.body, {}, minified).has_value() && minified == revision.body,
              "a body is minified JSON");
  const auto again = parse_couch_document(couch_document(revision), revision.name);
  // What follows has no length as a stub has; without attachments a document comes back.
  if (!revision.attachments.empty()) return;
  QUIRE_CHECK(again && again->path == revision.path && again->body == revision.body &&
                  again->deleted == revision.deleted,
              "a document that is sent reads as itself");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<RevisionsOf> asked{{{"", "a"}, {*document::Revision::parse("1-a")}}};
  const std::vector<WantedRevisions> wanted{{{"", "a"}, {*document::Revision::parse("1-a")}, {}}};
  if (const auto page = parse_changes(text, 10)) QUIRE_CHECK(page->rows.size() <= 21, "a page is bounded");
  if (const auto missing = parse_revs_diff(text, asked)) {
    for (const auto& of : *missing) QUIRE_CHECK(of.document == 0, "only what was asked for");
  }
  if (const auto fetched = parse_bulk_get(text, wanted, 1)) {
    for (const auto& revision : fetched->revisions) check_revision(revision);
  }
  if (const auto fetched = parse_open_revisions(text, {"", "a"})) {
    for (const auto& revision : fetched->revisions) check_revision(revision);
  }
  (void)says_that_document_is_missing(text);
  if (const auto revision = parse_couch_document(text, {"", "a"})) check_revision(*revision);
  (void)parse_database(text);
  (void)parse_local(text);
  (void)parse_written(text);
  (void)server_id(text);
  (void)parse_bulk_docs(text, {});
  const auto record = Checkpoint::parse(text);
  QUIRE_CHECK(Checkpoint::parse(record.print()).print() == record.print(), "a record reads as itself");
  return 0;
}
