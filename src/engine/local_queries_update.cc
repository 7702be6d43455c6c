#include <memory>
#include <optional>

#include "document/arena.h"
#include "document/id.h"
#include "document/json.h"
#include "engine/candidate_source.h"
#include "engine/filter_edits.h"
#include "engine/local_documents.h"
#include "engine/local_queries.h"
#include "engine/running_query.h"
#include "engine/tuning.h"
#include "engine/update.h"
#include "engine/upsert.h"
#include "query/projection.h"
#include "query/sort.h"

// Candidates come from one state of the shard, in which no change of this call is to be seen: a document that
// an update moves behind the place where the search stands is not met again. Each is changed by an edit that
// asks the filter again, on the text that is there by then.

namespace quire::engine {

using database::Revised;

namespace {

Result<document::Update> parse_update_of(std::string_view operators, std::string_view array_filters,
                                         std::string_view collation) {
  QUIRE_TRY(auto by, parse_collation_member(collation));
  auto update = parse_operators(operators, array_filters, {}, std::move(by));
  if (update) return update;
  if (update.error().field().starts_with("arrayFilters")) return update;
  return in_member(update.error(), "update");
}

document::UpdateContext context_of(const Clock& clock, bool inserting) {
  document::UpdateContext context;
  context.now_ms = clock.wall_ms();
  context.inserting = inserting;
  return context;
}

FilterChange by_operators(document::Update update, document::Filter filter,
                          const document::UpdateContext& context) {
  return [update = std::move(update), filter = std::move(filter), context](
             std::string_view, std::string_view body) -> Result<Revised> {
    document::UpdateContext of_document = context;
    of_document.found_by = &filter;
    auto next = apply_operators(update, body, of_document);
    if (!next) return in_member(next.error(), "update");
    if (!*next) return Revised{};
    return Revised{.kind = Revised::Kind::updated, .body = **std::move(next)};
  };
}

FilterChange by_removal() {
  return [](std::string_view, std::string_view) -> Result<Revised> {
    return Revised{.kind = Revised::Kind::removed};
  };
}

Error another_id(std::string_view field) {
  return Error(ErrorCode::invalid, "a document keeps its id, and this is another one").at(std::string(field));
}

// `named`: the id that the text came with, which has to be the document's.
FilterChange by_document(std::string text, std::optional<std::string> named) {
  return [text = std::move(text), named = std::move(named)](std::string_view id,
                                                            std::string_view body) -> Result<Revised> {
    if (named && *named != id) return another_id("update._id");
    if (body == text) return Revised{};
    return Revised{.kind = Revised::Kind::replaced, .body = text};
  };
}

// What an upsert makes.
struct Making {
  // Its text, made of what the filter says.
  std::function<Result<std::string>(const std::string& id, const std::string& base)> body;
  // What the update says that its id is; the filter may say the same.
  std::optional<std::string> id{};
  std::string_view id_field = "update._id";
};

Making made_by_operators(const document::Update& update, const document::UpdateContext& context) {
  const auto body = [update, context](const std::string& id, const std::string& base) -> Result<std::string> {
    document::UpdateContext of_document = context;
    of_document.id = id;
    auto next = apply_operators(update, base, of_document);
    if (!next) return in_member(next.error(), "update");
    return *next ? **std::move(next) : base;
  };
  return {.body = body, .id = update.made_id(), .id_field = "update.$setOnInsert._id"};
}

}  // namespace

// What the parts of one call share.
struct LocalQueries::Changing {
  const Clock& clock;
  const Authority& authority;
  CallLimits limits;
  std::string database;
  std::string owner;
  std::shared_ptr<database::Shard> shard;
  database::CollectionInfo collection;
  database::WriteOptions options;
  query::Run run;
  query::Sort sort{};  // of whichever one document is changed
  // Its change is filled in by the call.
  std::shared_ptr<FilterEdit> edit = std::make_shared<FilterEdit>();
  std::optional<Making> make{};  // of an upsert
  QueryStats stats{};            // of the last search for one
  std::optional<Error> met{};    // what an upsert met the last time

  // One document's change, and who it was.
  struct One {
    std::string id;
    bool modified = false;
    FilterOutcome outcome;
    Durability durable = Durability::disk;
  };

  // Changes the first document that matches; nullopt where none does. Errors also: conflict, where each that
  // was found moved away, many times.
  Result<std::optional<One>> change_one() {
    for (int tries = 0; tries < tuning::kFilterTries; ++tries) {
      bool lost = false;
      QUIRE_TRY(auto changed, try_candidates(lost));
      if (changed || !lost) return changed;
    }
    return Error(ErrorCode::conflict, "the document that the filter found kept moving away").at("filter");
  }

  // Makes the document of an upsert; nullopt where somebody else has made one meanwhile.
  Result<std::optional<One>> insert() {
    QUIRE_TRY_STATUS(limits.check(clock));
    auto base = upsert_base(edit->filter, {});
    if (!base) return in_member(base.error(), "filter");
    if (base->id && make->id && *base->id != *make->id) return another_id(make->id_field);
    database::Edit put;
    put.collection = collection.id;
    put.id = base->id ? *base->id : make->id.value_or("");
    QUIRE_TRY(std::string text, make->body(put.id, base->body));
    put.precondition = database::Edit::Precondition::absent;
    put.body = text;
    if (!edit->writable.always()) {
      if (!edit->writable.holds({.collection = collection.name, .id = put.id, .body = text}))
        return Error(ErrorCode::forbidden, "the caller may not write the document").at("_id");
    }
    QUIRE_TRY_STATUS(check_room(authority, *shard, {.name = database, .owner = owner}));
    std::vector<database::Edit> edits;
    edits.push_back(std::move(put));
    QUIRE_TRY(auto written, write(std::move(edits)));
    auto& row = written.rows.front();
    if (row) {
      One one{.id = row->id, .modified = true, .outcome = {}, .durable = written.durable};
      one.outcome.after = std::move(text);
      return std::optional(std::move(one));
    }
    const bool there = row.error().code() == ErrorCode::exists ||
                       (row.error().code() == ErrorCode::conflict && row.error().field() == "unique");
    if (!there) return std::move(row).error();
    met = std::move(row).error();
    return std::optional<One>();
  }

  // One that matches is changed, or where none does one is made.
  struct Done {
    std::optional<One> changed;
    std::optional<One> made;
  };
  Result<Done> change_or_make() {
    for (int tries = 0; tries < tuning::kUpsertTries; ++tries) {
      Done done;
      QUIRE_TRY(done.changed, change_one());
      if (done.changed || !make) return done;
      QUIRE_TRY(done.made, insert());
      if (done.made) return done;
    }
    // It stands in the way, and does not match.
    return *met;
  }

  Result<std::unique_ptr<CandidateSource>> candidates() {
    run.scanned = run.entries = run.spilled = 0;
    query::Visible visible;
    if (!edit->readable.always() || !edit->writable.always()) {
      visible = [edit = edit](std::string_view id, std::string_view body) {
        const Candidate candidate{.collection = edit->collection_name, .id = id, .body = body};
        return edit->readable.holds(candidate) && edit->writable.holds(candidate);
      };
    }
    return CandidateSource::open(*shard, collection, edit->filter, sort, std::move(visible), run);
  }

  Result<WriteResult> write(std::vector<database::Edit> edits) const {
    return wait<WriteResult>(
        [&](auto done) { shard->write_async(std::move(edits), options, {}, std::move(done)); });
  }

 private:
  Result<std::optional<One>> try_candidates(bool& lost) {
    QUIRE_TRY(const auto source, candidates());
    source->add_to(stats);
    query::Row row;
    while (true) {
      QUIRE_TRY_STATUS(limits.check(clock));
      QUIRE_TRY(const bool there, source->next(row));
      if (!there) return std::optional<One>();
      One one{.id = std::string(row.id), .modified = false, .outcome = {}, .durable = options.durability};
      const auto outcome = std::make_shared<FilterOutcome>();
      std::vector<database::Edit> edits;
      edits.push_back(edit_of(edit, one.id, outcome));
      QUIRE_TRY(auto written, write(std::move(edits)));
      if (!written.rows.front()) return std::move(written.rows.front()).error();
      if (outcome->matched) {
        one.modified = written.rows.front()->sequence != 0;
        one.outcome = std::move(*outcome);
        one.durable = written.durable;
        return std::optional(std::move(one));
      }
      lost = true;
    }
  }
};

Result<LocalQueries::Changing> LocalQueries::begin_changing(const Caller& caller, const CallLimits& limits,
                                                            const CollectionAddress& address,
                                                            std::string_view filter,
                                                            std::string_view collation, Durability durability,
                                                            bool may_make) {
  QUIRE_TRY_STATUS(limits.check(clock_));
  auto fence = authority_.fence(address.database);  // before anything is decided
  const Target target{.database = address.database, .collection = address.collection};
  QUIRE_TRY(Predicate writable, authority_.decide(caller, Action::write, target));
  // How many match tells what they hold.
  QUIRE_TRY(Predicate readable, authority_.decide(caller, Action::read, target));
  QUIRE_TRY(auto by, parse_collation_member(collation));
  QUIRE_TRY(document::Filter parsed, parse_filter_member(filter, "filter", std::move(by)));
  QUIRE_TRY(auto shard, databases_.use(address.database));
  auto collection = find_collection(*shard, address.collection);
  if (!collection && may_make) {
    QUIRE_TRY_STATUS(authority_.decide(caller, Action::manage, target));
    collection = shard->create_collection(address.collection, {}, fence);
    if (!collection && collection.error().code() == ErrorCode::exists)
      collection = find_collection(*shard, address.collection);
  }
  if (!collection) return std::move(collection).error();
  Changing changing{.clock = clock_,
                    .authority = authority_,
                    .limits = limits,
                    .database = std::string(address.database.name),
                    .owner = std::string(address.database.owner),
                    .shard = std::move(shard),
                    .collection = *std::move(collection),
                    .options = {.durability = durability, .fence = std::move(fence)},
                    .run = run_of(limits)};
  changing.run.budget.time = std::chrono::hours(tuning::kUpdateHours);
  changing.edit->collection = changing.collection.id;
  changing.edit->collection_name = changing.collection.name;
  changing.edit->filter = std::move(parsed);
  changing.edit->readable = std::move(readable);
  changing.edit->writable = std::move(writable);
  return changing;
}

// --- update, remove

namespace {

void take_figures(const query::Run& run, QueryStats& stats) {
  stats.scanned = run.scanned;
  stats.entries = run.entries;
  stats.time = std::chrono::duration_cast<std::chrono::microseconds>(run.clock.steady() - run.started);
}

}  // namespace

Result<UpdateResult> LocalQueries::change_many(Changing& changing) {
  QUIRE_TRY(const auto source, changing.candidates());
  FilterBatches batches(*changing.shard, changing.edit, changing.options, changing.limits, clock_);
  QUIRE_TRY(const FilterCounts counts, batches.run(*source));
  UpdateResult result{.matched = counts.matched,
                      .modified = counts.modified,
                      .upserted_id = {},
                      .durable = counts.durable,
                      .stats = {}};
  source->add_to(result.stats);
  take_figures(changing.run, result.stats);
  result.stats.returned = result.matched;
  return result;
}

Result<UpdateResult> LocalQueries::change_as_asked(Changing& changing, bool many) {
  UpdateResult result;
  if (many) {
    QUIRE_TRY(result, change_many(changing));
  }
  if (!many || (result.matched == 0 && changing.make)) {
    QUIRE_TRY(const auto done, changing.change_or_make());
    const auto& one = done.changed ? done.changed : done.made;
    result.durable = one ? one->durable : changing.options.durability;
    if (done.changed) {
      result.matched = 1;
      result.modified = done.changed->modified ? 1 : 0;
    }
    if (done.made) result.upserted_id = done.made->id;
    result.stats = changing.stats;
    take_figures(changing.run, result.stats);
    result.stats.returned = result.matched;
  }
  return result;
}

Result<UpdateResult> LocalQueries::update_found(const Caller& caller, const CallLimits& limits,
                                                const CollectionAddress& address,
                                                const UpdateRequest& request, Durability durability) {
  QUIRE_TRY(document::Update update,
            parse_update_of(request.update, request.array_filters, request.collation));
  QUIRE_TRY(Changing changing, begin_changing(caller, limits, address, request.filter, request.collation,
                                              durability, request.upsert));
  changing.edit->change = by_operators(update, changing.edit->filter, context_of(clock_, false));
  if (request.upsert) changing.make = made_by_operators(update, context_of(clock_, true));
  QUIRE_TRY_STATUS(check_room(authority_, *changing.shard, address.database));
  return change_as_asked(changing, request.many);
}

Result<UpdateResult> LocalQueries::remove_found(const Caller& caller, const CallLimits& limits,
                                                const CollectionAddress& address,
                                                const UpdateRequest& request, Durability durability) {
  QUIRE_TRY(Changing changing,
            begin_changing(caller, limits, address, request.filter, request.collation, durability, false));
  changing.edit->change = by_removal();
  return change_as_asked(changing, request.many);
}

// --- find and modify

Result<FindAndModifyResult> LocalQueries::find_and_modify_one(const Caller& caller, const CallLimits& limits,
                                                              const CollectionAddress& address,
                                                              const FindAndModifyRequest& request,
                                                              Durability durability) {
  if (request.remove && (request.upsert || !request.update.empty() || request.after))
    return Error(ErrorCode::invalid, "what is removed is neither changed nor made nor there afterwards")
        .at("remove");
  QUIRE_TRY(auto by, parse_collation_member(request.collation));
  auto projection = query::Projection::parse(request.projection, std::move(by));
  if (!projection) return in_member(projection.error(), "projection");
  auto sort = query::Sort::parse(request.sort);
  if (!sort) return in_member(sort.error(), "sort");
  bool operators = false;
  if (!request.remove) {
    std::string update;
    if (auto minified = document::minify(request.update, {}, update); !minified)
      return in_member(minified.error(), "update");
    auto held = holds_operators(update);
    if (!held) return in_member(held.error(), "update");
    operators = *held;
  }
  FilterChange change;
  std::optional<document::Update> update;
  std::optional<Making> make;
  if (request.remove) {
    change = by_removal();
  } else if (operators) {
    QUIRE_TRY(update, parse_update_of(request.update, request.array_filters, request.collation));
    if (request.upsert) make = made_by_operators(*update, context_of(clock_, true));
  } else {
    auto parsed = parse_document(request.update, {});
    if (!parsed) return in_member(parsed.error(), "update");
    if (parsed->revision || parsed->deleted || !request.array_filters.empty())
      return Error(ErrorCode::invalid, "a document that replaces another has members of its own alone")
          .at("update");
    const std::string text = parsed->body.text();
    change = by_document(text, parsed->id);
    if (request.upsert) {
      const auto body = [text](const std::string&, const std::string&) -> Result<std::string> {
        return text;
      };
      make = Making{.body = body, .id = parsed->id};
    }
  }
  QUIRE_TRY(Changing changing, begin_changing(caller, limits, address, request.filter, request.collation,
                                              durability, request.upsert));
  if (update) change = by_operators(*std::move(update), changing.edit->filter, context_of(clock_, false));
  changing.edit->change = std::move(change);
  changing.edit->images = true;
  changing.sort = *std::move(sort);
  changing.make = std::move(make);
  if (!request.remove) QUIRE_TRY_STATUS(check_room(authority_, *changing.shard, address.database));
  QUIRE_TRY(const auto done, changing.change_or_make());

  FindAndModifyResult result;
  result.durable = durability;
  const auto& one = done.changed ? done.changed : done.made;
  if (!one) return result;
  result.durable = one->durable;
  if (done.made) result.upserted_id = done.made->id;
  const std::string& image = request.after ? one->outcome.after : one->outcome.before;
  if (image.empty()) return result;
  document::Arena scratch;
  std::string answer;
  QUIRE_TRY_STATUS(projection->append(one->id, image, scratch, answer));
  result.document = std::move(answer);
  return result;
}

// --- the interface

void LocalQueries::update(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                          const UpdateRequest& request, Durability durability,
                          Completion<UpdateResult> done) {
  done(update_found(caller, limits, address, request, durability));
}
void LocalQueries::remove(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                          const UpdateRequest& request, Durability durability,
                          Completion<UpdateResult> done) {
  done(remove_found(caller, limits, address, request, durability));
}
void LocalQueries::find_and_modify(const Caller& caller, const CallLimits& limits,
                                   const CollectionAddress& address, const FindAndModifyRequest& request,
                                   Durability durability, Completion<FindAndModifyResult> done) {
  done(find_and_modify_one(caller, limits, address, request, durability));
}

}  // namespace quire::engine
