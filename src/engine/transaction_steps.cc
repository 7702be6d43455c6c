#include "engine/transaction_steps.h"

#include "database/document_errors.h"
#include "document/arena.h"
#include "document/id.h"
#include "document/json.h"
#include "engine/running_query.h"
#include "engine/update.h"

namespace quire::engine {

using database::Present;
using database::Revised;
using Kind = TransactionStep::Kind;

namespace {

// What an object of conditions makes of an error whose field is a path inside it.
std::string below(std::string_view name, const std::string& path) {
  std::string field(name);
  if (!path.empty()) field.append(path.starts_with('[') ? "" : ".").append(path);
  return field;
}

Status refuse_member(bool given, std::string_view name, std::string_view why) {
  return given ? Status(Error(ErrorCode::invalid, std::string(why)).at(std::string(name))) : ok();
}

// Which document a step is about.
Status check_target(const TransactionStep& step) {
  if (step.kind == Kind::insert) return ok();
  if (step.id.empty() && step.filter.empty()) {
    return Error(ErrorCode::invalid, "an operation names the document, by its id or by a filter").at("id");
  }
  if (step.kind == Kind::check) {
    QUIRE_TRY_STATUS(refuse_member(step.id.empty(), "id", "a check names the document"));
    const int said = (step.filter.empty() ? 0 : 1) + (step.expected ? 1 : 0) + (step.exists ? 1 : 0);
    return refuse_member(said == 0, "check", "a check says what must hold: rev, exists or filter");
  }
  const bool by_filter = step.id.empty();
  QUIRE_TRY_STATUS(refuse_member(!by_filter && !step.filter.empty(), "filter",
                                 "an operation names the document by its id or by a filter, not by both"));
  QUIRE_TRY_STATUS(refuse_member(by_filter && step.expected, "rev", "a revision is that of an id"));
  // That no document matches cannot be seen to stay so, so that two of these could make two documents.
  return refuse_member(by_filter && step.upsert, "upsert", "in a transaction an upsert names the id");
}

}  // namespace

Error at_step(const Error& error, std::size_t step, std::string_view below) {
  std::string field = "operations[" + std::to_string(step) + "]";
  if (!below.empty()) field.append(".").append(below);
  return Error(error.code(), error.message())
      .at(std::move(field))
      .over(error.limit())
      .after(error.retry_after_ms())
      .with_detail_of(error);
}

Result<ParsedStep> parse_step(TransactionStep step, std::size_t number) {
  const auto placed = [&](const Error& error) { return at_step(error, number, error.field()); };
  if (auto target = check_target(step); !target) return placed(target.error());
  if (!step.id.empty()) {
    if (auto id = document::check_id(step.id); !id) return at_step(id.error(), number, "id");
  }
  ParsedStep parsed{.number = number, .step = std::move(step), .filter = {}, .update = {}};
  const auto collation = parse_collation_member(parsed.step.collation);
  if (!collation) return placed(collation.error());
  if (!parsed.step.filter.empty()) {
    auto filter = document::Filter::parse(parsed.step.filter, {}, *collation);
    if (!filter) return at_step(filter.error(), number, below("filter", filter.error().field()));
    parsed.filter = *std::move(filter);
  }
  if (parsed.step.kind == Kind::update) {
    auto update = parse_operators(parsed.step.update, parsed.step.array_filters, {}, *collation);
    if (!update) {
      const std::string path = update.error().field();
      const bool of_filters = path.starts_with("arrayFilters");
      return at_step(update.error(), number, of_filters ? path : below("update", path));
    }
    parsed.update = *std::move(update);
  }
  return parsed;
}

std::vector<std::uint32_t> DocumentSteps::numbers() const {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(steps_.size());
  for (const Added& added : steps_) numbers.push_back(static_cast<std::uint32_t>(added.step->number));
  return numbers;
}

Error DocumentSteps::missing() const {
  return Error(ErrorCode::not_found, "there is no document '" + id_ + "'");
}

Result<Revised> DocumentSteps::revise(const Present& present) {
  refused_.reset();
  auto state = go_through(present);
  auto revised = state ? end(present, *std::move(state)) : Result<Revised>(state.error());
  if (!revised) refused_ = revised.error();
  return revised;
}

void DocumentSteps::look_ahead(const Present& present) {
  Ahead& ahead = ahead_.emplace(Ahead{.revision = present.revision, .body = std::string(present.body)});
  ahead.state = before_all(ahead.body);
}

Result<std::optional<std::string_view>> DocumentSteps::text_after() {
  Ahead& ahead = *ahead_;
  const Present present{.revision = ahead.revision, .body = ahead.body};
  for (; ahead.done < steps_.size(); ++ahead.done)
    QUIRE_TRY_STATUS(take(steps_[ahead.done], present, ahead.state));
  return ahead.state.live ? std::optional(ahead.state.body()) : std::nullopt;
}

Result<DocumentSteps::State> DocumentSteps::go_through(const Present& present) {
  gone_away_ = false;
  State state = before_all(present.body);
  for (const Added& added : steps_) QUIRE_TRY_STATUS(take(added, present, state));
  return state;
}

Result<Revised> DocumentSteps::end(const Present& present, State state) const {
  if (state.done == Revised::Kind::unchanged) return Revised{};
  if (!state.live) {
    // Made and removed again: nothing has happened.
    if (present.body.empty()) return Revised{};
    return Revised{.kind = Revised::Kind::removed};
  }
  const Candidate candidate{.collection = collection_, .id = id_, .body = state.body()};
  if (!rights_.write.holds(candidate)) {
    return at_step(Error(ErrorCode::forbidden, "the caller may not write the document '" + id_ + "'"),
                   steps_.back().step->number, "id");
  }
  if (state.body() == present.body) return Revised{};
  return Revised{.kind = state.done, .body = std::move(*state.text)};
}

Result<bool> DocumentSteps::matches(const document::Filter& filter, std::string_view body) const {
  document::Arena scratch;
  return filter.matches_text(body, id_, scratch);
}

Status DocumentSteps::take(const Added& added, const Present& present, State& state) {
  QUIRE_TRY_STATUS(go_on_());
  const ParsedStep& step = *added.step;
  const auto placed = [&](Status status) -> Status {
    if (status) return ok();
    return at_step(status.error(), step.number);
  };
  if (step.step.kind == Kind::check) return placed(check(step, present, state));
  const bool hidden = !present.body.empty() &&
                      !rights_.write.holds({.collection = collection_, .id = id_, .body = present.body});
  if (hidden) {
    return at_step(Error(ErrorCode::forbidden, "the caller may not write the document '" + id_ + "'"),
                   step.number, "id");
  }
  if (added.found) {
    bool still = state.live;
    if (still) {
      QUIRE_TRY(still, matches(*step.filter, state.body()));
    }
    gone_away_ = !still;
    if (gone_away_) {
      return at_step(Error(ErrorCode::conflict, "the document that the filter found kept moving away"),
                     step.number, "filter");
    }
  }
  if (step.step.expected && present.body.empty())
    return at_step(database::no_revision(id_), step.number, "rev");
  if (step.step.expected && *step.step.expected != present.revision)
    return at_step(database::other_revision(id_), step.number, "rev");
  switch (step.step.kind) {
    case Kind::insert: return placed(insert(step, state));
    case Kind::update: return update(step, state);
    case Kind::replace: return placed(replace(step, state));
    case Kind::remove: return placed(remove(step, state));
    case Kind::check: break;
  }
  return ok();
}

// What the caller may not read is, for a check, not there.
Status DocumentSteps::check(const ParsedStep& step, const Present& present, const State& state) {
  const bool there =
      state.live && rights_.read.holds({.collection = collection_, .id = id_, .body = state.body()});
  if (step.step.exists && *step.step.exists != there) {
    return Error(ErrorCode::conflict,
                 "the document '" + id_ + "' is " + std::string(there ? "there" : "not there"));
  }
  if (step.step.expected && !there) return database::no_revision(id_);
  if (step.step.expected && *step.step.expected != present.revision) return database::other_revision(id_);
  if (!step.filter) return ok();
  bool holds = there;
  if (holds) {
    QUIRE_TRY(holds, matches(*step.filter, state.body()));
  }
  if (holds) return ok();
  return Error(ErrorCode::conflict, "the document '" + id_ + "' does not match the filter");
}

void DocumentSteps::put(State& state, std::string text, Revised::Kind kind) const {
  state.live = true;
  state.text = std::move(text);
  state.done = kind;
}

Status DocumentSteps::insert(const ParsedStep& step, State& state) {
  if (state.live) return Error(ErrorCode::exists, "the document '" + id_ + "' exists already");
  put(state, step.step.body.text(), Revised::Kind::replaced);
  return ok();
}

Status DocumentSteps::replace(const ParsedStep& step, State& state) {
  if (!state.live && !step.step.upsert) return missing();
  put(state, step.step.body.text(), Revised::Kind::replaced);
  return ok();
}

Status DocumentSteps::update(const ParsedStep& step, State& state) {
  if (!state.live && !step.step.upsert) return at_step(missing(), step.number);
  document::UpdateContext context;
  context.now_ms = now_ms_;
  context.inserting = !state.live;
  context.id = step.step.id;
  if (step.filter) context.found_by = &*step.filter;
  auto next = apply_operators(*step.update, state.live ? state.body() : std::string_view("{}"), context);
  if (!next) return at_step(next.error(), step.number, below("update", next.error().field()));
  if (!*next && state.live) return ok();
  const bool whole = state.done == Revised::Kind::replaced;
  put(state, *next ? **std::move(next) : "{}", whole ? Revised::Kind::replaced : Revised::Kind::updated);
  return ok();
}

Status DocumentSteps::remove(const ParsedStep&, State& state) {
  if (!state.live) return missing();
  state.live = false;
  state.done = Revised::Kind::removed;
  return ok();
}

}  // namespace quire::engine
