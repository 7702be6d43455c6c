#include "api/couch/replicator_changes.h"

#include <utility>

#include "api/couch/replication_in.h"
#include "api/couch/replicator_document.h"
#include "api/json_out.h"
#include "document/value.h"

namespace quire::api::couch {

namespace {

// A change as it is shown.
struct Shown {
  std::string revision;
  std::string text;
};

Shown show(const engine::ReplicationChange& change) {
  const ReplicatorDocument document = replicator_document(change.status);
  Shown shown;
  if (!change.removed) {
    shown.revision = document.revision;
    print_replicator_document(document, shown.text);
    return shown;
  }
  shown.revision = revision_of_deletion(document);
  ObjectOut object(shown.text);
  object.text("_id", document.status.id);
  object.text("_rev", shown.revision);
  object.flag("_deleted", true);
  object.end();
  return shown;
}

Result<bool> is_selected(const ChangesRequest& request, const Shown& shown, document::Arena& scratch) {
  if (!request.selector) return true;
  scratch.reset();
  QUIRE_TRY(const document::Value value, document::Value::parse(scratch, shown.text));
  return request.selector->matches(value);
}

}  // namespace

Result<engine::FeedPage> read_replicator_page(const CouchCall& call, const ChangesRequest& request,
                                              const engine::Position& since, std::uint32_t limit) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  QUIRE_TRY(const auto changes, engine::wait<engine::ReplicationChanges>([&](auto done) {
              replications->changes(call.call.caller, call.call.limits(), since, limit, request.descending,
                                    std::move(done));
            }));
  engine::FeedPage page;
  document::Arena scratch;
  for (const engine::ReplicationChange& change : changes.rows) {
    const Shown shown = show(change);
    QUIRE_TRY(const bool selected, is_selected(request, shown, scratch));
    if (!selected) continue;
    engine::FeedRow& row = page.rows.emplace_back();
    row = {};
    row.sequence = change.sequence;
    row.deleted = change.removed;
    row.has_body = true;
    row.collection = "_default";
    row.id = page.arena().copy(change.status.id);
    row.body = page.arena().copy(shown.text);
    QUIRE_TRY(row.revision, document::Revision::parse(shown.revision));
  }
  page.next = changes.next;
  page.at_end = changes.at_end;
  return page;
}

Result<engine::Position> replicator_position(const CouchCall& call) {
  QUIRE_TRY(engine::Replications* const replications, replications_of(call));
  return engine::wait<engine::Position>(
      [&](auto done) { replications->position(call.call.caller, call.call.limits(), std::move(done)); });
}

void wait_for_replicator(const CouchCall& call, const CallLimits& limits, const engine::Position& since,
                         engine::Completion<engine::Position> done) {
  const auto replications = replications_of(call);
  if (!replications) return done(replications.error());
  (*replications)->wait_for_change(call.call.caller, limits, since, std::move(done));
}

}  // namespace quire::api::couch
