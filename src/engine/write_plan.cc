#include "engine/write_plan.h"

#include <algorithm>

#include "document/id.h"
#include "engine/databases.h"

namespace quire::engine {

using database::Edit;

namespace {

Edit::Kind kind_of(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::put: return Edit::Kind::put;
    case Change::Kind::remove: return Edit::Kind::remove;
    case Change::Kind::transform: return Edit::Kind::transform;
    case Change::Kind::replicate: return Edit::Kind::replicate;
  }
  return Edit::Kind::put;
}

Edit::Precondition precondition_of(Change::Condition condition) {
  switch (condition) {
    case Change::Condition::revision: return Edit::Precondition::revision;
    case Change::Condition::absent: return Edit::Precondition::absent;
    case Change::Condition::any: return Edit::Precondition::any;
  }
  return Edit::Precondition::revision;
}

Error hidden(std::string_view id) {
  return Error(ErrorCode::forbidden, "the caller may not write the document '" + std::string(id) + "'")
      .at("_id");
}

// The transform as the shard wants it.
auto on_text(Transform transform) {
  return [transform = std::move(transform)](std::string_view body) -> Result<std::optional<std::string>> {
    QUIRE_TRY(std::optional<Body> next, transform(body));
    if (!next) return std::optional<std::string>();
    return std::optional<std::string>(std::move(*next).take());
  };
}

// The transform, refused where the text before or after it breaks the rule.
Transform obeying(Transform transform, Predicate rule, std::string collection, std::string id) {
  return [transform = std::move(transform), rule = std::move(rule), collection = std::move(collection),
          id = std::move(id)](std::string_view body) -> Result<std::optional<Body>> {
    if (!body.empty() && !rule.holds({.collection = collection, .id = id, .body = body})) return hidden(id);
    QUIRE_TRY(std::optional<Body> next, transform(body));
    if (next && !rule.holds({.collection = collection, .id = id, .body = next->text()})) return hidden(id);
    return next;
  };
}

// Whether the change can be done where there is no document. One that cannot makes no collection.
bool fits_nothing_there(const Change& change) {
  if (change.kind == Change::Kind::replicate) return true;
  if (change.kind == Change::Kind::remove) return change.condition == Change::Condition::absent;
  if (change.kind == Change::Kind::transform) {
    // A transform may be called any number of times; most have no use for nothing.
    const auto made = change.transform({});
    if (!made || !*made) return false;
  }
  return change.condition != Change::Condition::revision || !change.expected;
}

// The error of one change as that of the whole call; of what is malformed, with the place in it.
Error of_call(Error error, std::size_t index) {
  std::string field = "changes[" + std::to_string(index) + "]";
  if (error.code() == ErrorCode::invalid && !error.field().empty()) field += "." + error.field();
  return std::move(error).at(std::move(field));
}

}  // namespace

Result<const WritePlan::Place*> WritePlan::place(const Change& change) {
  const std::string& collection = change.collection;
  const auto known = std::find_if(places_.begin(), places_.end(),
                                  [&](const auto& place) { return place->name == collection; });
  if (known != places_.end()) return static_cast<const Place*>(known->get());
  const Target target{.database = address_, .collection = collection};
  QUIRE_TRY(Predicate predicate, authority_.decide(caller_, Action::write, target));
  auto found = find_collection(shard_, collection);
  if (!found && options_.create_collections && fits_nothing_there(change)) {
    if (options_.memory_only) return not_in_memory();
    QUIRE_TRY_STATUS(authority_.decide(caller_, Action::manage, target));
    if (!change.id.empty()) QUIRE_TRY_STATUS(document::check_id(change.id));
    auto made = shard_.create_collection(collection, {}, fence_);
    // Somebody else may have made it meanwhile.
    found = made || made.error().code() != ErrorCode::exists ? std::move(made)
                                                             : find_collection(shard_, collection);
  }
  if (!found) return std::move(found).error();
  places_.push_back(
      std::make_unique<Place>(Place{.name = collection, .id = found->id, .predicate = std::move(predicate)}));
  return static_cast<const Place*>(places_.back().get());
}

Status WritePlan::obey(const Place& place, Change& change) {
  if (place.predicate.always()) return ok();
  const auto holds = [&](std::string_view body) {
    return place.predicate.holds({.collection = change.collection, .id = change.id, .body = body});
  };
  if (change.kind == Change::Kind::transform) {
    change.transform = obeying(std::move(change.transform), place.predicate, change.collection, change.id);
    return ok();
  }
  const bool live =
      change.kind == Change::Kind::put || (change.kind == Change::Kind::replicate && !change.deleted);
  if (live && !holds(change.body.text())) return hidden(change.id);
  if (change.id.empty()) return ok();
  database::GetOptions winner;
  winner.memory_only = options_.memory_only;
  auto present = shard_.get(place.id, change.id, winner);
  if (!present) {
    if (present.error().code() != ErrorCode::not_found) return std::move(present).error();
    if (change.condition != Change::Condition::any) return ok();
    // There is nothing to remove; what comes meanwhile has not been looked at.
    if (change.kind == Change::Kind::remove) return std::move(present).error();
    change.condition = Change::Condition::absent;
    return ok();
  }
  if (!holds(present->body)) return hidden(change.id);
  // What was looked at must be what is replaced.
  if (change.kind != Change::Kind::replicate && change.condition == Change::Condition::any) {
    change.condition = Change::Condition::revision;
    change.expected = present->revision;
  }
  return ok();
}

Result<Edit> WritePlan::make_edit(Change&& change) {
  QUIRE_TRY(const Place* const target, place(change));
  QUIRE_TRY_STATUS(obey(*target, change));
  Edit edit;
  edit.collection = target->id;
  edit.id = std::move(change.id);
  edit.kind = kind_of(change.kind);
  edit.precondition = precondition_of(change.condition);
  if (change.expected) edit.expected = *std::move(change.expected);
  edit.body = std::move(change.body).take();
  edit.deleted = change.deleted;
  edit.path = std::move(change.path);
  edit.attachments = std::move(change.attachments);
  edit.carried = std::move(change.stubs);
  if (change.transform) edit.transform = on_text(std::move(change.transform));
  return edit;
}

// Where one change fails all do, and then none makes a collection for itself.
Status WritePlan::refuse_together(const std::vector<Change>& changes) {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (fits_nothing_there(change) || find_collection(shard_, change.collection)) continue;
    const auto target = place(change);
    if (!target) return of_call(target.error(), i);
  }
  return ok();
}

Result<std::vector<Edit>> WritePlan::make(std::vector<Change> changes) {
  if (options_.atomic) QUIRE_TRY_STATUS(refuse_together(changes));
  std::vector<Edit> edits;
  edits.reserve(changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto edit = make_edit(std::move(changes[i]));
    if (edit) {
      edits.push_back(*std::move(edit));
      continue;
    }
    Error error = std::move(edit).error();
    if (options_.atomic) return of_call(std::move(error), i);
    // Without an identity nothing can be done, in any row.
    if (error.code() == ErrorCode::unauthenticated) return error;
    refused_.emplace_back(i, std::move(error));
  }
  return edits;
}

WriteResult merge_rows(RefusedRows refused, WriteResult done) {
  if (refused.empty()) return done;
  WriteResult all{.rows = {}, .durable = done.durable};
  all.rows.reserve(done.rows.size() + refused.size());
  auto next_refused = refused.begin();
  auto row = done.rows.begin();
  while (next_refused != refused.end() || row != done.rows.end()) {
    if (next_refused != refused.end() && next_refused->first == all.rows.size()) {
      all.rows.emplace_back(std::move((next_refused++)->second));
    } else {
      all.rows.push_back(std::move(*row++));
    }
  }
  return all;
}

}  // namespace quire::engine
