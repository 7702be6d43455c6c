#include "query/find.h"

#include <utility>

#include "query/sort_rows.h"

namespace quire::query {

// Counts what an operator gives, and the time that it and those below it take.
class Execution::Measured final : public PlacedSource {
 public:
  Measured(std::unique_ptr<PlacedSource> input, Step& step, const Clock& clock)
      : input_(std::move(input)), step_(step), clock_(clock) {}

  Result<bool> next(Row& row) override {
    const SteadyTime begin = clock_.steady();
    auto more = input_->next(row);
    step_.time += clock_.steady() - begin;
    if (more && *more) ++step_.rows;
    return more;
  }
  CursorPlace place() const override { return input_->place(); }

 private:
  const std::unique_ptr<PlacedSource> input_;
  Step& step_;
  const Clock& clock_;
};

Execution::Execution(const Collection& collection, const Find& find, Run& run)
    : collection_(collection), find_(find), run_(run), watch_(run) {}

Execution::~Execution() = default;

Result<std::unique_ptr<Execution>> Execution::plan(const Collection& collection, const Find& find, Run& run) {
  std::unique_ptr<Execution> execution(new Execution(collection, find, run));
  const PlanRequest request{.filter = execution->find_.filter,
                            .sort = execution->find_.sort,
                            .limit = execution->wanted(),
                            .hint = execution->find_.hint,
                            .collation = execution->find_.collation,
                            .documents = collection.count};
  QUIRE_TRY(execution->plan_,
            make_plan(collection.documents, collection.indexes, request, find.after, execution->watch_));
  return execution;
}

Result<std::unique_ptr<Execution>> Execution::start(const Collection& collection, const Find& find,
                                                    Run& run) {
  QUIRE_TRY(auto execution, plan(collection, find, run));
  QUIRE_TRY_STATUS(execution->open());
  return execution;
}

Result<std::uint64_t> Execution::count() {
  const bool by_entries = plan_.path.kind == AccessPath::Kind::index && plan_.path.exact &&
                          !collection_.visible && find_.skip == 0 && find_.limit == 0 && !find_.after;
  if (!by_entries) {
    QUIRE_TRY_STATUS(open());
    Row row;
    for (;;) {
      QUIRE_TRY(const bool more, next(row));
      if (!more) return returned_;
    }
  }
  EntryWalk walk;
  walk.index = plan_.path.index->id;
  walk.spans = plan_.path.spans;
  const auto entries = walk_entries(collection_.documents, walk, watch_);
  for (;; ++returned_) {
    QUIRE_TRY(const bool more, entries->next());
    if (!more) return returned_;
  }
}

// Rows that are looked for, with those that are skipped; 0: all.
std::uint64_t Execution::wanted() const {
  if (find_.limit == 0) return 0;
  const std::uint64_t skip = find_.after ? 0 : find_.skip;
  return find_.limit > ~std::uint64_t{0} - skip ? 0 : find_.limit + skip;
}

std::unique_ptr<PlacedSource> Execution::measure(std::unique_ptr<PlacedSource> source, std::string text,
                                                 bool measured) {
  if (!measured) return source;
  steps_.push_back(std::make_unique<Step>(Step{.text = std::move(text)}));
  return std::make_unique<Measured>(std::move(source), *steps_.back(), run_.clock);
}

// Whether the entries of the index tell all that is asked for. (They would not give a value back as it was
// written.)
bool Execution::is_covered() const {
  return find_.ids_alone && plan_.path.kind == AccessPath::Kind::index && plan_.path.exact && !plan_.sorts &&
         !collection_.visible;
}

Status Execution::open(bool measured) {
  // A place in the order of the sort is one on a path that has this order.
  const auto on_path = plan_.sorts ? std::nullopt : find_.after;
  QUIRE_TRY(source_, open_path(collection_.documents, plan_.path, on_path, watch_, is_covered()));
  source_ = measure(std::move(source_), describe_path(), measured);
  const bool filters = !find_.filter.matches_everything() || collection_.visible;
  if (filters && !is_covered()) {
    source_ = keep_matching(std::move(source_), collection_.visible, find_.filter);
    source_ = measure(std::move(source_), "filter " + find_.filter.print(), measured);
  }
  if (plan_.sorts) {
    SortOptions options{.most = wanted(), .after = find_.after};
    source_ = sort_rows(std::move(source_), find_.sort, options, watch_);
    const std::string most = wanted() == 0 ? "" : ", the first " + std::to_string(wanted());
    source_ = measure(std::move(source_), "sort " + find_.sort.print() + most, measured);
  }
  to_skip_ = find_.after ? 0 : find_.skip;
  measured_ = measured;
  return ok();
}

Result<bool> Execution::next(Row& row) {
  if (stopped()) return false;
  for (;;) {
    QUIRE_TRY(const bool more, source_->next(row));
    if (!more) return false;
    if (to_skip_ == 0) break;
    --to_skip_;
  }
  ++returned_;
  last_ = row;
  return true;
}

CursorPlace Execution::place() const {
  CursorPlace place = source_->place();
  if (find_.sort.empty() || plan_.sorts) return place;
  // A place in the sort, which is good for other plans too.
  place.walk = CursorPlace::Walk::sorted;
  if (plan_.path.kind == AccessPath::Kind::index) {
    place.index.clear();
    place.key.erase(0, plan_.path.prefix.size());
    if (plan_.path.backward) document::invert_key(place.key.data(), place.key.data() + place.key.size());
    return place;
  }
  document::Arena scratch;
  // What was given out has been read.
  (void)find_.sort.append_key(last_.body, last_.id, scratch, place.key);
  return place;
}

std::string Execution::describe_path() const {
  const AccessPath& path = plan_.path;
  std::string text = path.name();
  if (path.backward) text += ", backward";
  if (is_covered()) text += ", entries alone";
  for (std::size_t i = 0; i < path.bounds.size(); ++i) {
    text += i == 0 ? "  " : ", ";
    text += path.index->definition->keys[i].path.text() + " " +
            path.bounds[i].print(!path.index->definition->collation.empty());
  }
  return text;
}

std::string Execution::print() const {
  std::string out;
  const auto line = [&](std::size_t depth, const std::string& text, const Step* step) {
    out.append(depth * 2, ' ').append(text);
    if (step != nullptr) {
      const auto us = std::chrono::duration_cast<std::chrono::microseconds>(step->time).count();
      out += "  (" + std::to_string(step->rows) + " rows, " + std::to_string(us) + " us)";
    }
    out += '\n';
  };
  std::size_t depth = 0;
  if (find_.limit != 0 || find_.skip != 0) {
    std::string text = find_.skip == 0 ? "" : "skip " + std::to_string(find_.skip);
    if (find_.limit != 0) text += (text.empty() ? "limit " : ", limit ") + std::to_string(find_.limit);
    line(depth++, text, nullptr);
  }
  if (measured_) {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
      line(depth++, (*step)->text, step->get());
  } else {
    if (plan_.sorts) line(depth++, "sort " + find_.sort.print(), nullptr);
    if (!find_.filter.matches_everything()) line(depth++, "filter " + find_.filter.print(), nullptr);
    line(depth++, describe_path(), nullptr);
  }
  if (!plan_.reason.empty()) out += "chosen because: " + plan_.reason + "\n";
  if (!plan_.advice.empty()) out += "advice: " + plan_.advice + "\n";
  if (measured_) {
    out += "documents looked at: " + std::to_string(run_.scanned) +
           ", index entries: " + std::to_string(run_.entries) +
           ", spilled bytes: " + std::to_string(run_.spilled) + "\n";
  }
  return out;
}

}  // namespace quire::query
