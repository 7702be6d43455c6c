#include <set>

#include "engine/local_documents.h"
#include "engine/tuning.h"

// Reads that need a document's revision tree. Everything is taken from one view of the document, so that the
// leaves that are named are those whose texts are shown.

namespace quire::engine {

using database::DocumentView;
using database::StoredDocument;
using document::Leaf;
using document::Revision;
using document::RevisionTree;

namespace {

// Which revision is meant; none where the tree does not have it.
std::optional<Revision> wanted_revision(const DocumentView& view, const GetOptions& options) {
  if (!options.revision) return view.winner().revision;
  if (!options.latest) return options.revision;
  auto below = view.tree().leaves_below(*options.revision);
  if (below.empty()) return std::nullopt;
  return std::move(below.front().revision);
}

Status add_tree(const DocumentView& view, const GetOptions& options, Document& document) {
  const RevisionTree& tree = view.tree();
  if (options.ancestors || options.kept) document.ancestors = tree.path(document.revision);
  if (options.kept) {
    for (const Revision& revision : document.ancestors) {
      QUIRE_TRY(document.kept.emplace_back(), view.kept(revision));
    }
  }
  if (!options.ancestors) document.ancestors.clear();
  if (!options.conflicts && !options.leaves) return ok();
  auto leaves = tree.leaves();
  for (std::size_t i = 1; options.conflicts && i < leaves.size(); ++i) {
    if (!leaves[i].deleted) document.conflicts.push_back(leaves[i]);
  }
  if (options.leaves) document.leaves = std::move(leaves);
  return ok();
}

Error missing_revision(std::string_view id, const Revision& revision) {
  return Error(ErrorCode::not_found,
               "revision " + revision.to_string() + " of '" + std::string(id) + "' is not here")
      .at("missing");
}

// Shows revisions of a view, one after the other.
class Opening {
 public:
  Opening(const DocumentView& view, const OpenOptions& options, const OpenSink& sink,
          std::function<bool(const StoredDocument&)> visible)
      : view_(view), options_(options), sink_(sink), visible_(std::move(visible)) {}

  // False where the sink wants no more.
  Result<bool> show(const Revision& asked) {
    if (!options_.latest || options_.all_leaves) return show_one(asked, asked);
    const auto leaves = view_.tree().leaves_below(asked);
    if (leaves.empty()) return show_one(asked, asked);
    for (const Leaf& leaf : leaves) {
      if (!shown_.insert(leaf.revision).second) continue;
      QUIRE_TRY(const bool more, show_one(asked, leaf.revision));
      if (!more) return false;
    }
    return true;
  }

 private:
  Result<bool> show_one(const Revision& asked, const Revision& revision) {
    QUIRE_TRY(auto text, view_.text(revision));
    OpenedRevision row{.asked = asked, .document = {}};
    if (text && visible_(*text)) {
      row.document = document_of(*std::move(text));
      if (options_.ancestors) row.document->ancestors = view_.tree().path(revision);
    }
    return sink_(row);
  }

  const DocumentView& view_;
  const OpenOptions& options_;
  const OpenSink& sink_;
  const std::function<bool(const StoredDocument&)> visible_;
  std::set<Revision> shown_;
};

}  // namespace

Result<Document> LocalDocuments::get_with_tree(const Place& place, std::string_view collection,
                                               std::string_view id, const GetOptions& options) {
  QUIRE_TRY(const auto view, place.shard->document(place.collection, id));
  if (view == nullptr) return missing_document(id);
  if (!options.revision && view->winner().deleted) {
    return Error(ErrorCode::not_found, "the document '" + std::string(id) + "' is deleted").at("deleted");
  }
  const auto revision = wanted_revision(*view, options);
  if (!revision) return missing_revision(id, *options.revision);
  QUIRE_TRY(auto text, view->text(*revision));
  if (!text) return missing_revision(id, *revision);
  if (!place.predicate.holds({.collection = collection, .id = id, .body = text->body}))
    return missing_document(id);
  Document document = document_of(*std::move(text));
  QUIRE_TRY_STATUS(add_tree(*view, options, document));
  return document;
}

Status LocalDocuments::open_revisions(const Caller& caller, const CallLimits& limits,
                                      const CollectionAddress& address, std::string_view id,
                                      const OpenOptions& options, const OpenSink& sink) {
  if (options.revisions.size() > tuning::kOpenRevisions) {
    return Error(ErrorCode::too_large, "so many revisions of one document are not opened in one call")
        .at("open_revs")
        .over(tuning::kOpenRevisions);
  }
  QUIRE_TRY(const Place place, enter(caller, limits, Action::read, address));
  QUIRE_TRY(const auto view, place.shard->document(place.collection, id));
  if (view == nullptr) {
    if (options.all_leaves) return missing_document(id);
    for (const Revision& revision : options.revisions) {
      OpenedRevision row{.asked = revision, .document = {}};
      if (!sink(row)) break;
    }
    return ok();
  }
  const auto visible = [&](const StoredDocument& found) {
    return place.predicate.holds({.collection = address.collection, .id = id, .body = found.body});
  };
  Opening opening(*view, options, sink, visible);
  std::vector<Revision> wanted = options.revisions;
  if (options.all_leaves) {
    wanted.clear();
    for (Leaf& leaf : view->tree().leaves()) wanted.push_back(std::move(leaf.revision));
  }
  for (const Revision& revision : wanted) {
    QUIRE_TRY_STATUS(limits.check(clock_));
    QUIRE_TRY(const bool more, opening.show(revision));
    if (!more) break;
  }
  return ok();
}

}  // namespace quire::engine
