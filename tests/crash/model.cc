#include "model.h"

#include "request.h"

namespace quire::crash {

using database::Edit;
using database::HistoryEntry;
using database::Operation;
using document::Revision;

namespace {

std::vector<document::AttachmentDigest> digests_of(const std::vector<database::Attachment>& attachments) {
  std::vector<document::AttachmentDigest> digests;
  for (const auto& attachment : attachments) digests.push_back({attachment.name, attachment.digest});
  return digests;
}

void set_positions(std::vector<database::Attachment>& attachments, std::uint64_t generation) {
  for (auto& attachment : attachments) {
    if (attachment.revpos == 0) attachment.revpos = generation;
  }
}

std::string number_of(Operation operation) { return std::to_string(static_cast<int>(operation)); }

}  // namespace

// --- one document

std::optional<Revision> ModelDocument::winner() const {
  std::optional<Revision> best;
  for (const Revision& leaf : leaves_) {
    const bool deleted = texts_.at(leaf).deleted;
    if (!best || (!deleted && texts_.at(*best).deleted)) {
      best = leaf;
    } else if (deleted == texts_.at(*best).deleted && *best < leaf) {
      best = leaf;
    }
  }
  return best;
}

bool ModelDocument::live() const {
  const auto best = winner();
  return best && !texts_.at(*best).deleted;
}

std::vector<Revision> ModelDocument::path(const Revision& revision) const {
  std::vector<Revision> path{revision};
  for (auto at = parents_.find(revision); at != parents_.end() && at->second;
       at = parents_.find(*at->second)) {
    path.push_back(*at->second);
  }
  return path;
}

std::optional<Revision> ModelDocument::parent_of(const Edit& edit, bool& possible) const {
  possible = true;
  const auto best = winner();
  if (edit.precondition == Edit::Precondition::revision && edit.expected) {
    possible = leaves_.contains(edit.expected);
    return edit.expected;
  }
  const bool wants_none = edit.precondition == Edit::Precondition::absent ||
                          (edit.precondition == Edit::Precondition::revision && edit.kind == Edit::Kind::put);
  if (wants_none && live()) possible = false;
  if (edit.kind == Edit::Kind::remove && !live()) possible = false;
  return best;
}

std::optional<ModelDocument::Effect> ModelDocument::effect_of(const Edit& edit,
                                                              const std::string& tag) const {
  Effect effect;
  if (edit.kind == Edit::Kind::replicate) {
    if (parents_.contains(edit.path.front())) return std::nullopt;
    effect = {edit.path.front(),
              edit.path,
              {edit.deleted, edit.body, edit.attachments.value_or(std::vector<database::Attachment>{})}};
    set_positions(effect.text.attachments, effect.revision.generation);
    return effect;
  }
  bool possible = false;
  const auto parent = parent_of(edit, possible);
  if (!possible) return std::nullopt;
  effect.text.deleted = edit.kind == Edit::Kind::remove;
  effect.text.body = edit.body;
  if (edit.kind == Edit::Kind::transform)
    effect.text.body =
        next_count(live() ? std::string_view(texts_.at(*winner()).body) : std::string_view(), tag);
  if (edit.attachments) {
    effect.text.attachments = *edit.attachments;
  } else if (parent && !effect.text.deleted) {
    effect.text.attachments = texts_.at(*parent).attachments;
  }
  effect.revision = document::derive_revision(parent.value_or(Revision{}), effect.text.deleted,
                                              effect.text.body, digests_of(effect.text.attachments));
  set_positions(effect.text.attachments, effect.revision.generation);
  effect.path = {effect.revision};
  if (parent) effect.path.push_back(*parent);
  return effect;
}

void ModelDocument::apply(const Effect& effect) {
  for (std::size_t i = 0; i < effect.path.size(); ++i) {
    const bool known = parents_.contains(effect.path[i]);
    leaves_.erase(effect.path[i]);
    if (known) break;
    parents_[effect.path[i]] =
        i + 1 < effect.path.size() ? std::optional(effect.path[i + 1]) : std::optional<Revision>();
  }
  texts_[effect.revision] = effect.text;
  leaves_.insert(effect.revision);
}

// --- the shard

bool Model::explains(const HistoryEntry& entry, const Edit& edit, const std::string& tag) const {
  if (edit.collection != entry.collection || (!edit.id.empty() && edit.id != entry.id)) return false;
  static const ModelDocument none;
  const auto known = documents_.find({entry.collection, std::string(entry.id)});
  const auto effect = (known == documents_.end() ? none : known->second).effect_of(edit, tag);
  return effect && effect->revision == entry.revision;
}

std::vector<std::string> Model::apply(database::Sequence sequence, const HistoryEntry& entry,
                                      const Edit& edit, const std::string& tag, bool trimmed) {
  std::vector<std::string> lines;
  const std::string place =
      "change " + std::to_string(sequence) + " (" + tag + ", " + std::string(entry.id) + ")";
  const Key key{entry.collection, std::string(entry.id)};
  ModelDocument& document = documents_[key];
  last_[key] = sequence;
  if (!collections_.contains(entry.collection))
    lines.push_back(place + " is in a collection that is not there");
  const auto effect = document.effect_of(edit, tag);
  if (!effect) {
    lines.push_back(place + " was taken though its condition does not hold");
    return lines;
  }
  if (effect->revision != entry.revision) {
    lines.push_back(place + " should be " + effect->revision.to_string() + ", is " +
                    entry.revision.to_string());
    return lines;
  }
  const auto before = document.winner();
  const bool was_live = document.live();
  document.apply(*effect);
  if (trimmed) return lines;
  const Revision after = *document.winner();

  Operation operation = edit.kind == Edit::Kind::transform ? Operation::update : Operation::replace;
  if (before && after == *before) {
    operation = Operation::conflict;
  } else if (!document.live()) {
    operation = Operation::remove;
  } else if (!was_live) {
    operation = Operation::insert;
  }
  if (entry.operation != operation)
    lines.push_back(place + " is operation " + number_of(entry.operation) + ", not " + number_of(operation));
  if (entry.deleted == document.live()) lines.push_back(place + " says whether it is deleted, wrongly");
  if (entry.winner.value_or(entry.revision) != after)
    lines.push_back(place + " names the winner " + entry.winner.value_or(entry.revision).to_string() +
                    ", not " + after.to_string());
  return lines;
}

std::vector<std::string> Model::apply_collection(const HistoryEntry& entry) {
  const std::string name(entry.id);
  if (entry.operation == Operation::create_collection) {
    if (collections_.emplace(entry.collection, name).second) return {};
    return {"the number of collection " + name + " was used before"};
  }
  const auto found = collections_.find(entry.collection);
  if (found == collections_.end() || found->second != name)
    return {"collection " + name + " was dropped, and was not there"};
  collections_.erase(found);
  return {};
}

}  // namespace quire::crash
