#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/types.h"
#include "document/filter.h"
#include "document/update_operators.h"
#include "engine/decide.h"
#include "engine/transactions.h"

namespace quire::engine {

// "operations[2].update.a": the error in the words of its operation.
Error at_step(const Error& error, std::size_t step, std::string_view below = {});

// A step whose texts have been read. Its collection is known by number.
struct ParsedStep {
  std::size_t number = 0;  // its place in the transaction
  TransactionStep step;
  std::optional<document::Filter> filter;
  std::optional<document::Update> update;
};

// Reads the texts of a step and sees that its members go together. Errors: invalid, too_large, placed.
Result<ParsedStep> parse_step(TransactionStep step, std::size_t number);

// What the caller may see and write of the documents of a collection.
struct StepRights {
  Predicate read;
  Predicate write;
};

// All steps of a transaction that are about one document, done in order on what stands there. Keeps what it
// refers to; one thread at a time.
class DocumentSteps {
 public:
  // Whether the transaction may still take time; asked before each step.
  using GoOn = std::function<Status()>;

  DocumentSteps(std::string collection, std::string id, StepRights rights, WallMs now_ms, GoOn go_on)
      : collection_(std::move(collection)),
        id_(std::move(id)),
        rights_(std::move(rights)),
        now_ms_(now_ms),
        go_on_(std::move(go_on)) {}

  // `found`: its filter, which has found the document, must match it still; else gone_away() becomes true.
  void add(const ParsedStep& step, bool found) { steps_.push_back({&step, found}); }

  // Called again whenever the document has moved.
  Result<database::Revised> revise(const database::Present& present);

  // For the filters of later steps: what the steps so far make of the document that stood there when
  // look_ahead() was called, once. Each step is done once for that. Nullopt: no live document; the view is
  // good until the next call. Errors: those of revise().
  bool looks_ahead() const { return ahead_.has_value(); }
  void look_ahead(const database::Present& present);
  Result<std::optional<std::string_view>> text_after();

  const std::string& collection() const { return collection_; }
  const std::string& id() const { return id_; }
  std::size_t first() const { return steps_.front().step->number; }
  std::vector<std::uint32_t> numbers() const;
  // Why revise() refused the last time, placed at its step; none where it did not.
  const std::optional<Error>& refused() const { return refused_; }
  // A document that a filter had found does not match it any more: another one is to be looked for.
  bool gone_away() const { return gone_away_; }

 private:
  struct Added {
    const ParsedStep* step;
    bool found;
  };
  // The document between two steps.
  struct State {
    bool live = false;
    std::string_view present;         // what stood there at first
    std::optional<std::string> text;  // once a step has changed it
    database::Revised::Kind done = database::Revised::Kind::unchanged;

    // Of a live one.
    std::string_view body() const { return text ? std::string_view(*text) : present; }
  };

  // What the filters of later steps are asked about.
  struct Ahead {
    document::Revision revision;
    std::string body;
    State state{};
    std::size_t done = 0;  // steps
  };

  State before_all(std::string_view body) const {
    return {.live = !body.empty(), .present = body, .text = {}};
  }
  Result<State> go_through(const database::Present& present);
  Result<database::Revised> end(const database::Present& present, State state) const;
  Status take(const Added& added, const database::Present& present, State& state);
  Status check(const ParsedStep& step, const database::Present& present, const State& state);
  Status update(const ParsedStep& step, State& state);
  Status insert(const ParsedStep& step, State& state);
  Status replace(const ParsedStep& step, State& state);
  Status remove(const ParsedStep& step, State& state);
  Result<bool> matches(const document::Filter& filter, std::string_view body) const;
  void put(State& state, std::string text, database::Revised::Kind kind) const;
  Error missing() const;

  const std::string collection_;
  const std::string id_;
  const StepRights rights_;
  const WallMs now_ms_;
  const GoOn go_on_;
  std::vector<Added> steps_;
  std::optional<Ahead> ahead_;
  std::optional<Error> refused_;
  bool gone_away_ = false;
};

}  // namespace quire::engine
