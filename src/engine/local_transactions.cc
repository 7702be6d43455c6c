#include "engine/local_transactions.h"

#include <map>
#include <memory>
#include <set>

#include "base/bytes.h"
#include "base/hash.h"
#include "database/shard.h"
#include "engine/candidate_source.h"
#include "engine/local_documents.h"
#include "engine/transaction_steps.h"
#include "engine/tuning.h"
#include "query/watch.h"

// The steps of a transaction are sorted by document, and those of one document become one edit, which does
// them in order on what it finds (DocumentSteps). The shard writes all edits in one batch, if none of their
// documents has moved since it was looked at; that holds for those that were only checked, too. So all that a
// transaction found is so at the moment it is committed, which makes it serializable.
//
// A filter says which document a step is about before the edits are made: of those that the steps before have
// changed by what they make of them, of all others by what stands there. That this one still matches is
// looked at again by the edit; that others match or not is nothing that a step tells anybody.

namespace quire::engine {

namespace {

using Kind = TransactionStep::Kind;

// Sixteen bytes over what the transaction asks for.
std::string fingerprint_of(const std::vector<TransactionStep>& steps) {
  std::string bytes;
  for (const TransactionStep& step : steps) {
    put_u8(bytes, static_cast<std::uint8_t>(step.kind));
    for (const auto* text :
         {&step.collection, &step.id, &step.filter, &step.body.text(), &step.update, &step.array_filters}) {
      put_string(bytes, *text);
    }
    put_u8(bytes, static_cast<std::uint8_t>((step.upsert ? 1 : 0) + (step.exists ? 2 : 0) +
                                            (step.exists.value_or(false) ? 4 : 0) + (step.expected ? 8 : 0)));
    if (step.expected) step.expected->encode(bytes);
  }
  Blake2b hash(16);
  hash.update(bytes);
  std::string digest(16, '\0');
  hash.finish(digest.data());
  return digest;
}

// Whether a step can be done where there is no collection.
bool can_make(const TransactionStep& step) { return step.kind == Kind::insert || step.upsert; }

// One transaction under way.
class TransactionCall : public std::enable_shared_from_this<TransactionCall> {
 public:
  struct Parts {
    const Clock& clock;
    Executor& executor;
    const Authority& authority;
    const query::Budget& budget;
  };
  TransactionCall(const Parts& parts, const Caller& caller, CallLimits limits, const DatabaseAddress& address,
                  WriteOptions options, Completion<WriteResult> done)
      : parts_(parts),
        caller_(caller),
        run_{.clock = parts.clock, .limits = std::move(limits), .budget = parts.budget},
        database_(address.name),
        owner_(address.owner),
        options_(std::move(options)),
        done_(std::move(done)) {}

  void start(Databases& databases, std::vector<TransactionStep> steps) {
    if (auto prepared = prepare(databases, std::move(steps)); !prepared) {
      return done_(std::move(prepared).error());
    }
    attempt();
  }

 private:
  struct Place {
    database::CollectionId id = 0;
    StepRights rights;
  };

  DatabaseAddress address() const { return {.name = database_, .owner = owner_}; }

  Status prepare(Databases& databases, std::vector<TransactionStep> steps) {
    QUIRE_TRY_STATUS(watch_.look());
    fence_ = parts_.authority.fence(address());  // before anything is decided
    // Who may not write at all gets to know nothing about the database.
    QUIRE_TRY_STATUS(parts_.authority.decide(caller_, Action::write, {.database = address()}));
    if (steps.empty()) return Error(ErrorCode::invalid, "a transaction has operations").at("operations");
    if (steps.size() > tuning::kTransactionSteps) {
      return Error(ErrorCode::too_large, "a transaction has at most 4096 operations")
          .at("operations")
          .over(tuning::kTransactionSteps);
    }
    QUIRE_TRY(shard_, databases.use(address()));
    if (!options_.request_id.empty()) fingerprint_ = fingerprint_of(steps);
    bool adds = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      QUIRE_TRY(ParsedStep parsed, parse_step(std::move(steps[i]), i));
      adds = adds || (parsed.step.kind != Kind::check && parsed.step.kind != Kind::remove);
      steps_.push_back(std::move(parsed));
    }
    if (adds) QUIRE_TRY_STATUS(check_room(parts_.authority, *shard_, address()));
    return find_places();
  }

  // Where one step cannot be done none is, and then none makes a collection for itself.
  Status find_places() {
    collections_ = shard_->collections().version();
    std::set<std::string_view> made_before;
    for (const ParsedStep& step : steps_) {
      if (can_make(step.step)) made_before.insert(step.step.collection);
      if (made_before.contains(step.step.collection)) continue;
      if (shard_->collections().find(step.step.collection)) continue;
      QUIRE_TRY_STATUS(decide(step));
      if (step.step.kind == Kind::check) continue;
      return at_step(find_collection(*shard_, step.step.collection).error(), step.number, "collection");
    }
    made_any_ = false;
    for (const ParsedStep& step : steps_) {
      if (auto found = find_place(step); !found) return std::move(found).error();
    }
    // What was made here changed the version; it is there now, and all are looked up again.
    return made_any_ ? find_places_again() : ok();
  }

  Result<StepRights> decide(const ParsedStep& step) const {
    const Target target{.database = address(), .collection = step.step.collection};
    StepRights rights;
    // A filter and a check tell what a document holds.
    if (step.filter || step.step.kind == Kind::check) {
      QUIRE_TRY(rights.read, parts_.authority.decide(caller_, Action::read, target));
    }
    if (step.step.kind != Kind::check) {
      QUIRE_TRY(rights.write, parts_.authority.decide(caller_, Action::write, target));
    }
    return rights;
  }

  // Again where collections were made or dropped meanwhile.
  Status find_places_again() {
    places_.clear();
    return find_places();
  }

  // In `places_` rights are those for all steps on a collection together.
  Status find_place(const ParsedStep& step) {
    QUIRE_TRY(StepRights rights, decide(step));
    auto [known, fresh] = places_.try_emplace(step.step.collection);
    Place& place = known->second;
    if (!rights.read.always()) place.rights.read = std::move(rights.read);
    if (!rights.write.always()) place.rights.write = std::move(rights.write);
    if (place.id != 0) return ok();
    auto found = find_collection(*shard_, step.step.collection);
    if (!found && can_make(step.step) && options_.create_collections) found = make_collection(step);
    if (found) {
      place.id = found->id;
      return ok();
    }
    // A check of what is in no collection finds nothing there.
    if (step.step.kind == Kind::check) return ok();
    return at_step(found.error(), step.number, "collection");
  }

  Result<database::CollectionInfo> make_collection(const ParsedStep& step) {
    const std::string& name = step.step.collection;
    QUIRE_TRY_STATUS(
        parts_.authority.decide(caller_, Action::manage, {.database = address(), .collection = name}));
    auto made = shard_->create_collection(name, {}, fence_);
    // Somebody else may have made it meanwhile.
    if (!made && made.error().code() == ErrorCode::exists) made = find_collection(*shard_, name);
    made_any_ = made_any_ || made.has_value();
    return made;
  }

  DocumentSteps::GoOn go_on() {
    return [this] { return watch_.look(); };
  }

  // --- one try

  void attempt() {
    auto answer = answered_before();
    if (!answer) return done_(std::move(answer).error());
    if (*answer) return done_(**std::move(answer));
    nowhere_.reset();
    auto edits = make_edits();
    if (!edits) return fail(std::move(edits).error());
    if (edits->empty()) {
      // Checks alone, of what is nowhere: it was so when they were looked at.
      WriteResult nothing{.rows = {}, .durable = options_.durability};
      nothing.rows.resize(steps_.size(), EditResult{});
      return done_(std::move(nothing));
    }
    const database::WriteOptions options{.durability = options_.durability,
                                         .atomic = true,
                                         .request_id = options_.request_id,
                                         .fence = fence_,
                                         .collections = nowhere_};
    shard_->write_async(
        *std::move(edits), options, run_.limits,
        [self = shared_from_this()](Result<WriteResult> result) { self->take(std::move(result)); });
  }

  // What a retry of the same transaction is answered, whatever its filters would find by now.
  Result<std::optional<WriteResult>> answered_before() const {
    if (options_.request_id.empty()) return std::optional<WriteResult>();
    QUIRE_TRY(auto answers, shard_->answered(options_.request_id));
    if (answers.empty()) return std::optional<WriteResult>();
    WriteResult result{.rows = {}, .durable = options_.durability};
    for (database::AnsweredItem& answer : answers) {
      if (answer.fingerprint == fingerprint_ && answer.item == result.rows.size())
        result.rows.emplace_back(std::move(answer.result));
    }
    if (result.rows.size() != answers.size() || result.rows.size() != steps_.size()) {
      return database::request_id_reused();
    }
    return std::optional(std::move(result));
  }

  Result<std::vector<database::Edit>> make_edits() {
    documents_.clear();
    known_.clear();
    const WallMs now = parts_.clock.wall_ms();
    for (const ParsedStep& step : steps_) {
      const Place& place = places_.at(step.step.collection);
      const bool finds = step.step.id.empty() && step.step.kind != Kind::insert;
      Found about{.id = step.step.id, .steps = nullptr};
      if (finds) {
        QUIRE_TRY(about, find(step, place));
      }
      if (place.id == 0) {
        QUIRE_TRY_STATUS(check_nothing(step, place, now));
        nowhere_ = collections_;
        continue;
      }
      DocumentSteps* steps = about.steps;
      if (steps == nullptr && !about.id.empty()) steps = steps_of(step, about.id);
      if (steps == nullptr) {
        documents_.push_back(
            std::make_shared<DocumentSteps>(step.step.collection, about.id, place.rights, now, go_on()));
        steps = documents_.back().get();
        if (!about.id.empty()) known_[{step.step.collection, about.id}] = steps;
      }
      steps->add(step, finds);
    }
    std::vector<database::Edit> edits;
    edits.reserve(documents_.size());
    for (const auto& steps : documents_) edits.push_back(edit_of(steps));
    return edits;
  }

  database::Edit edit_of(const std::shared_ptr<DocumentSteps>& steps) const {
    database::Edit edit;
    edit.collection = places_.at(steps->collection()).id;
    edit.id = steps->id();
    edit.kind = database::Edit::Kind::revise;
    edit.precondition = database::Edit::Precondition::any;
    edit.revise = [steps](const database::Present& present) { return steps->revise(present); };
    if (!options_.request_id.empty()) {
      edit.items = steps->numbers();
      edit.fingerprint = fingerprint_;
    }
    return edit;
  }

  // The document that a filter found, and the steps before that are about it. A new one may have no id yet.
  struct Found {
    std::string id;
    DocumentSteps* steps = nullptr;
  };

  DocumentSteps* steps_of(const ParsedStep& step, std::string_view id) const {
    const auto found = known_.find({step.step.collection, std::string(id)});
    return found == known_.end() ? nullptr : found->second;
  }

  // The first by its id where several match, as far as the ids tell.
  Result<Found> find(const ParsedStep& step, const Place& place) {
    const auto placed = [&](const Error& error) { return at_step(error, step.number, "filter"); };
    QUIRE_TRY_STATUS(watch_.look());
    QUIRE_TRY(const std::optional<Found> changed, find_changed(step, place));
    auto other = find_other(step, place);
    if (!other) return placed(other.error());
    if (changed && (!*other || changed->id < (*other)->id)) return *changed;
    if (*other) return **std::move(other);
    return placed(Error(ErrorCode::not_found, "no document matches"));
  }

  // Among those that the steps before this one are about.
  Result<std::optional<Found>> find_changed(const ParsedStep& step, const Place& place) const {
    std::optional<Found> first;
    document::Arena scratch;
    for (const auto& steps : documents_) {
      if (steps->collection() != step.step.collection || (first && first->id <= steps->id())) continue;
      if (!steps->looks_ahead()) QUIRE_TRY_STATUS(look_ahead(*steps, place));
      QUIRE_TRY(const auto text, steps->text_after());
      if (!text || !is_visible(step, place, steps->id(), *text)) continue;
      scratch.reset();
      auto matches = step.filter->matches_text(*text, steps->id(), scratch);
      if (!matches) return at_step(matches.error(), step.number, "filter");
      if (*matches) first = {.id = steps->id(), .steps = steps.get()};
    }
    return first;
  }

  Status look_ahead(DocumentSteps& steps, const Place& place) const {
    std::optional<database::StoredDocument> head;
    if (!steps.id().empty()) {
      QUIRE_TRY(head, shard_->head(place.id, steps.id()));
    }
    database::Present present;
    if (head) present.revision = head->revision;
    if (head && !head->deleted) present.body = head->body;
    steps.look_ahead(present);
    return ok();
  }

  // Among all others.
  Result<std::optional<Found>> find_other(const ParsedStep& step, const Place& place) {
    const auto visible = [&](std::string_view id, std::string_view body) {
      return steps_of(step, id) == nullptr && is_visible(step, place, id, body);
    };
    const auto collection = shard_->collections().find(place.id);
    if (!collection) return find_collection(*shard_, step.step.collection).error();
    run_.scanned = 0;  // each filter may look at as many as a query
    QUIRE_TRY(const auto source,
              CandidateSource::open(*shard_, *collection, *step.filter, {}, visible, run_));
    query::Row row;
    QUIRE_TRY(const bool found, source->next(row));
    return found ? std::optional(Found{.id = std::string(row.id), .steps = nullptr}) : std::nullopt;
  }

  static bool is_visible(const ParsedStep& step, const Place& place, std::string_view id,
                         std::string_view body) {
    const Candidate candidate{.collection = step.step.collection, .id = id, .body = body};
    return place.rights.read.holds(candidate) && place.rights.write.holds(candidate);
  }

  // A check on a collection that is not there.
  Status check_nothing(const ParsedStep& step, const Place& place, WallMs now) {
    DocumentSteps steps(step.step.collection, step.step.id, place.rights, now, go_on());
    steps.add(step, false);
    if (auto checked = steps.revise({}); !checked) return std::move(checked).error();
    return ok();
  }

  void take(Result<WriteResult> result) {
    if (!result) return fail(explain(result.error()));
    WriteResult all{.rows = {}, .durable = result->durable};
    all.rows.resize(steps_.size(), EditResult{});
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      for (const std::uint32_t number : documents_[i]->numbers()) all.rows[number] = result->rows[i];
    }
    done_(std::move(all));
  }

  // "changes[3]" is the shard's word for the third document.
  Error explain(const Error& error) const {
    constexpr std::string_view kPlace = "changes[";
    if (!error.field().starts_with(kPlace)) return error;
    const std::size_t index = std::stoul(error.field().substr(kPlace.size()));
    const DocumentSteps& steps = *documents_.at(index);
    if (steps.refused()) return *steps.refused();
    const std::size_t end = error.field().find("].");
    return at_step(error, steps.first(),
                   end == std::string::npos ? std::string() : error.field().substr(end + 2));
  }

  // Tried again, elsewhere, where there is hope: what a filter had found moved away, or the first try of this
  // request has been done meanwhile.
  void fail(Error error) {
    bool gone_away = false;
    for (const auto& steps : documents_) gone_away = gone_away || steps->gone_away();
    const bool moved = database::is_collections_moved(error);
    if ((gone_away || moved) && ++tries_ < tuning::kFilterTries) {
      return parts_.executor.post([self = shared_from_this(), moved] {
        if (auto places = moved ? self->find_places_again() : ok(); !places) {
          return self->done_(std::move(places).error());
        }
        self->attempt();
      });
    }
    if (options_.request_id.empty() || std::exchange(looked_again_, true)) return done_(std::move(error));
    parts_.executor.post([self = shared_from_this(), error = std::move(error)] {
      auto answer = self->answered_before();
      if (answer && *answer) return self->done_(**std::move(answer));
      self->done_(error);
    });
  }

  const Parts parts_;
  const Caller caller_;
  query::Run run_;  // of all tries together
  query::Watch watch_{run_};
  const std::string database_;
  const std::string owner_;
  const WriteOptions options_;
  const Completion<WriteResult> done_;
  database::Fence fence_;
  std::shared_ptr<database::Shard> shard_;  // held until the answer is there
  std::vector<ParsedStep> steps_;
  std::string fingerprint_;
  std::map<std::string, Place> places_;
  bool made_any_ = false;                 // collections, while the places were looked up
  std::uint64_t collections_ = 0;         // their version when the places were looked up
  std::optional<std::uint64_t> nowhere_;  // the same, where a check found that a collection is not there
  std::vector<std::shared_ptr<DocumentSteps>> documents_;                // of this try, an edit each
  std::map<std::pair<std::string, std::string>, DocumentSteps*> known_;  // of these, by collection and id
  int tries_ = 0;
  bool looked_again_ = false;
};

}  // namespace

void LocalTransactions::run(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                            std::vector<TransactionStep> steps, const WriteOptions& options,
                            Completion<WriteResult> done) {
  const auto call = std::make_shared<TransactionCall>(
      TransactionCall::Parts{
          .clock = clock_, .executor = executor_, .authority = authority_, .budget = budget_},
      caller, limits, address, options, std::move(done));
  call->start(databases_, std::move(steps));
}

}  // namespace quire::engine
