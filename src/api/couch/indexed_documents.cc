#include "api/couch/indexed_documents.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "api/couch/design_id.h"
#include "api/couch/error.h"
#include "api/couch/index_design.h"

// Who drops an index looks at its document again, and who writes a document makes its indexes again once it
// is written: of a removal and a write at the same time the later one puts right what the earlier one missed.

namespace quire::api::couch {

namespace {

using engine::Change;
using Names = std::set<std::string, std::less<>>;

bool is_design_change(const Change& change) { return is_design(change.collection, change.id); }

// Whether the text of the change is the document's next one, or one of its leaves.
bool brings_text(const Change& change) {
  return change.kind == Change::Kind::put || (change.kind == Change::Kind::replicate && !change.deleted);
}

// One write that has design documents among its changes.
class DesignWrite {
 public:
  DesignWrite(engine::Documents& documents, engine::Queries& queries, const engine::Caller& caller,
              const engine::DatabaseAddress& address, Names there)
      : documents_(documents),
        queries_(queries),
        caller_(caller),
        address_(address),
        there_(std::move(there)) {}

  Result<engine::WriteResult> run(const CallLimits& limits, std::vector<Change> changes,
                                  const engine::WriteOptions& options) {
    auto written = write(limits, std::move(changes), options);
    for (auto& [id, names] : designs_) settle(id, std::move(names));
    if (!written) return written;
    for (auto& [place, error] : refused_) {
      written->rows.emplace(written->rows.begin() + static_cast<std::ptrdiff_t>(place), std::move(error));
    }
    return written;
  }

 private:
  engine::CollectionAddress collection() const { return {.database = address_}; }

  Result<engine::WriteResult> write(const CallLimits& limits, std::vector<Change> changes,
                                    const engine::WriteOptions& options) {
    QUIRE_TRY(auto admitted, prepare(std::move(changes), options.atomic));
    return engine::wait<engine::WriteResult>([&](auto done) {
      documents_.write(caller_, limits, address_, std::move(admitted), options, std::move(done));
    });
  }

  // The changes but for those whose indexes cannot be made. Errors: of one, where all are done or none.
  Result<std::vector<Change>> prepare(std::vector<Change> changes, bool atomic) {
    std::vector<Change> admitted;
    admitted.reserve(changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const Status made = is_design_change(changes[i]) ? make_indexes(changes[i]) : ok();
      if (made || changes[i].kind == Change::Kind::replicate) {
        admitted.push_back(std::move(changes[i]));
        continue;
      }
      if (atomic) return Error(made.error()).at("changes[" + std::to_string(i) + "]");
      refused_.emplace_back(i, made.error());
    }
    return admitted;
  }

  Status make_indexes(const Change& change) {
    Names& names = designs_[change.id];
    QUIRE_TRY(const auto before, winner(change.id));
    for (const DesignIndex& index : before) names.insert(index.name);
    if (!brings_text(change)) return ok();
    for (const DesignIndex& index : indexes_in(change.id, change.body.text())) {
      // Another definition of its own takes the place once it is written.
      if (names.contains(index.name) && there_.contains(index.name)) continue;
      if (const Status made = create(index); !made) return in_words(made.error(), index.name);
      // What is made here goes again where the document is not written.
      if (there_.insert(index.name).second) names.insert(index.name);
    }
    return ok();
  }

  static Error in_words(const Error& error, const std::string& name) {
    if (error.code() != ErrorCode::exists) return error;
    return bad_request("an index '" + name + "' of another definition was made elsewhere");
  }

  // The indexes of the document are those that its winner says; `names` are those that were its before, and
  // go where it does not say so any more.
  void settle(const std::string& id, Names names) {
    for (bool dropped = true; dropped;) {
      dropped = false;
      const auto wanted = winner(id);
      if (!wanted) return;
      Names stale = names;
      for (const DesignIndex& index : *wanted) {
        stale.erase(index.name);
        const Status made = create(index);
        if (made || made.error().code() != ErrorCode::exists || !names.contains(index.name)) continue;
        drop(index.name);
        (void)create(index);
        dropped = true;
      }
      for (const std::string& name : stale) {
        drop(name);
        names.erase(name);
        dropped = true;
      }
    }
  }

  Result<std::vector<DesignIndex>> winner(const std::string& id) const {
    const auto found = engine::wait<engine::Document>(
        [&](auto done) { documents_.get(caller_, {}, collection(), id, {}, std::move(done)); });
    if (found) return indexes_in(id, found->body);
    const bool gone = found.error().field() == "missing" || found.error().field() == "deleted";
    return gone ? Result<std::vector<DesignIndex>>(std::vector<DesignIndex>()) : found.error();
  }

  Status create(const DesignIndex& index) {
    if (!index.definition) return index.definition.error();
    const auto made = engine::wait<engine::IndexDescription>([&](auto done) {
      queries_.create_index(caller_, {}, collection(), index.name, *index.definition, std::move(done));
    });
    return made ? ok() : Status(made.error());
  }

  void drop(const std::string& name) {
    // One that is not there is what is wanted, and one that cannot be dropped is an index too many.
    (void)engine::wait<void>(
        [&](auto done) { queries_.drop_index(caller_, {}, collection(), name, std::move(done)); });
  }

  engine::Documents& documents_;
  engine::Queries& queries_;
  const engine::Caller& caller_;
  const engine::DatabaseAddress address_;
  Names there_;                                         // all indexes of the collection
  std::map<std::string, Names> designs_;                // the documents, with the indexes that were theirs
  std::vector<std::pair<std::size_t, Error>> refused_;  // by their place among the changes, rising
};

}  // namespace

void IndexedDocuments::write(const engine::Caller& caller, const CallLimits& limits,
                             const engine::DatabaseAddress& address, std::vector<engine::Change> changes,
                             const engine::WriteOptions& options,
                             engine::Completion<engine::WriteResult> done) {
  if (std::none_of(changes.begin(), changes.end(), is_design_change)) {
    return documents_.write(caller, limits, address, std::move(changes), options, std::move(done));
  }
  if (options.memory_only) return done(engine::not_in_memory());
  const auto known = engine::wait<std::vector<engine::IndexDescription>>(
      [&](auto answered) { queries_.indexes(caller, limits, {.database = address}, std::move(answered)); });
  // Whoever may not see them may not write either, and is told so there.
  if (!known) return documents_.write(caller, limits, address, std::move(changes), options, std::move(done));
  Names there;
  for (const auto& index : *known) there.insert(index.name);
  done(DesignWrite(documents_, queries_, caller, address, std::move(there))
           .run(limits, std::move(changes), options));
}

}  // namespace quire::api::couch
