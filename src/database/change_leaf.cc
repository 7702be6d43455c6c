#include <algorithm>

#include "database/change_builder.h"
#include "database/keys.h"
#include "database/tuning.h"
#include "document/changed_fields.h"

// What the new leaf is: its text, its attachments, its revision and the path to it.
namespace quire::database {

using document::Revision;
using storage::Family;

Status ChangeBuilder::take_edit() {
  QUIRE_TRY(const std::optional<Revision> parent, this->parent());
  leaf_.deleted = edit_->kind == Edit::Kind::remove;
  QUIRE_TRY(const bool changed, take_body(parent));
  if (!changed) {
    change_.nothing = true;
    change_.pinned = edit_->kind == Edit::Kind::revise;
    change_.result.revision = current_.winner;
    return ok();
  }
  QUIRE_TRY(std::vector<Attachment> attachments, take_attachments(parent));
  std::vector<document::AttachmentDigest> digests;
  digests.reserve(attachments.size());
  for (const Attachment& attachment : attachments) digests.push_back({attachment.name, attachment.digest});
  leaf_.revision = document::derive_revision(parent.value_or(Revision{}), leaf_.deleted, leaf_.body, digests);
  leaf_.path = {leaf_.revision};
  if (parent) leaf_.path.push_back(*parent);
  use_attachments(std::move(attachments));
  return ok();
}

Result<bool> ChangeBuilder::take_body(const std::optional<Revision>& parent) {
  if (edit_->kind == Edit::Kind::revise) return take_revised();
  if (edit_->kind != Edit::Kind::transform) {
    leaf_.body = edit_->body;
    return true;
  }
  if (parent && *parent != current_.winner) {
    return Error(ErrorCode::invalid, "only the winning revision can be updated; put the losing one whole")
        .at("_rev");
  }
  QUIRE_TRY(std::optional<std::string> body, edit_->transform(current_.live_body()));
  if (!body) return false;
  leaf_.body = std::move(*body);
  if (current_.live()) note_changes();
  return true;
}

Result<bool> ChangeBuilder::take_revised() {
  QUIRE_TRY(Revised revised, edit_->revise({.revision = current_.winner, .body = current_.live_body()}));
  if (revised.kind == Revised::Kind::unchanged) return false;
  updates_ = revised.kind == Revised::Kind::updated;
  leaf_.deleted = revised.kind == Revised::Kind::removed;
  leaf_.body = std::move(revised.body);
  if (updates_ && current_.live()) note_changes();
  return true;
}

// Texts that are no JSON, which this layer takes as well as others, have no paths.
void ChangeBuilder::note_changes() {
  const auto changes = document::difference(current_.head.body, leaf_.body);
  if (changes && *changes) encode(**changes, changes_);
}

Result<std::vector<Attachment>> ChangeBuilder::take_attachments(const std::optional<Revision>& parent) {
  if (!edit_->carried.empty()) return carry(parent);
  if (edit_->attachments) return *edit_->attachments;
  if (!parent || leaf_.deleted) return std::vector<Attachment>{};
  return attachments_at(*parent);
}

Result<std::vector<Attachment>> ChangeBuilder::attachments_at(const Revision& revision) const {
  if (revision == current_.winner) return decode_attachments(current_.head.attachments);
  QUIRE_TRY(const LoserText text, loser(revision));
  return decode_attachments(text.record.attachments);
}

// Those that the edit brings, and those of the names that it carries over, as they are.
Result<std::vector<Attachment>> ChangeBuilder::carry(const std::optional<Revision>& from) const {
  std::vector<Attachment> held;
  if (from) {
    QUIRE_TRY(held, attachments_at(*from));
  }
  auto all = edit_->attachments.value_or(std::vector<Attachment>{});
  for (const std::string& name : edit_->carried) {
    const auto found = std::find_if(held.begin(), held.end(),
                                    [&](const Attachment& attachment) { return attachment.name == name; });
    if (found == held.end()) return missing_stub(edit_->id, name);
    all.push_back(*found);
  }
  return all;
}

// The newest revision of the path whose text is here.
Result<std::optional<Revision>> ChangeBuilder::newest_text() {
  QUIRE_TRY_STATUS(need_tree());
  const auto unknown = tree_->missing(leaf_.path);
  storage::ReadBuffer buffer;
  for (std::size_t i = unknown.size(); i < leaf_.path.size(); ++i) {
    const Revision& revision = leaf_.path[i];
    if (revision == current_.winner) return std::optional(revision);
    const std::string key = keys::revision(edit_->collection, edit_->id, revision);
    QUIRE_TRY(const bool found, shard_.store_.get(Family::documents, key, buffer));
    if (found) return std::optional(revision);
  }
  return std::optional<Revision>{};
}

void ChangeBuilder::use_attachments(std::vector<Attachment> attachments) {
  use_attachments(leaf_, std::move(attachments));
}

void ChangeBuilder::use_attachments(NewLeaf& leaf, std::vector<Attachment> attachments) {
  if (attachments.empty()) return;
  for (Attachment& attachment : attachments) {
    if (attachment.revpos == 0) attachment.revpos = leaf.revision.generation;
    change_.blobs.push_back(attachment.digest);
    change_.puts.push_back(
        {Family::blobs,
         keys::blob_reference(attachment.digest, edit_->collection, edit_->id, leaf.revision),
         {}});
  }
  encode(attachments, leaf.attachments);
}

Status ChangeBuilder::take_replicated() {
  leaf_.revision = edit_->path.front();
  leaf_.deleted = edit_->deleted;
  leaf_.body = edit_->body;
  leaf_.path = edit_->path;
  change_.result.revision = leaf_.revision;
  if (current_.exists() && current_.head.stub && forgotten()) {
    change_.nothing = true;
    return ok();
  }
  if (!edit_->carried.empty()) {
    QUIRE_TRY(const auto from, newest_text());
    QUIRE_TRY(auto attachments, carry(from));
    use_attachments(std::move(attachments));
  } else if (edit_->attachments) {
    use_attachments(*edit_->attachments);
  }
  return ok();
}

Status ChangeBuilder::check_path() const {
  const auto& path = edit_->path;
  if (path.empty()) return Error(ErrorCode::invalid, "a replicated revision needs its path").at("_revisions");
  if (path.size() > tuning::kMostRevisions) {
    return Error(ErrorCode::too_large, "a revision comes with 20000 revisions of its history at most")
        .at("_revisions")
        .over(tuning::kMostRevisions);
  }
  bool falls = path.back().generation != 0;
  for (std::size_t i = 1; i < path.size(); ++i)
    falls = falls && path[i].generation + 1 == path[i - 1].generation;
  if (falls && path.front().generation <= document::kMaxStoredGeneration) return ok();
  return Error(ErrorCode::invalid, "the generations of a revision's path do not fall by one")
      .at("_revisions");
}

// A document whose tombstone was trimmed keeps its last revision: what is older, or beside it, and does not
// descend from it was deleted with it and does not come back.
bool ChangeBuilder::forgotten() const {
  const bool descends = std::find(leaf_.path.begin(), leaf_.path.end(), current_.winner) != leaf_.path.end();
  return leaf_.revision == current_.winner ||
         (!descends && leaf_.revision.generation <= current_.winner.generation);
}

}  // namespace quire::database
