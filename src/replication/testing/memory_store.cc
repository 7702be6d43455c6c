#include "replication/testing/memory_store.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/md5.h"

namespace quire::replication::testing {

namespace {

constexpr std::uint64_t kTreeLimit = 1000;

AttachmentInfo info_of(const std::string& name, const std::string& bytes, std::uint64_t revpos) {
  AttachmentInfo info{.name = name,
                      .content_type = "application/octet-stream",
                      .length = bytes.size(),
                      .revpos = revpos,
                      .digest = std::string(32, '\0'),
                      .md5 = {}};
  Blake2b blake(info.digest.size());
  blake.update(bytes);
  blake.finish(info.digest.data());
  Md5 md5;
  md5.update(bytes);
  info.md5 = md5.finish();
  return info;
}

// A name from somebody without collections.
DocumentName here(DocumentName name) {
  if (name.collection.empty()) name.collection = "_default";
  return name;
}

}  // namespace

void MemoryStore::add(const DocumentName& name, const std::vector<document::Revision>& path, bool deleted,
                      Text text) {
  Document& document = live_.documents[name];
  document.tree.merge(path, deleted);
  document.tree.stem(kTreeLimit);
  document.texts[path.front()] = std::move(text);
  std::erase_if(document.texts, [&](const auto& of) { return !document.tree.is_leaf(of.first); });
  live_.history.erase(document.sequence);
  document.sequence = ++live_.last;
  live_.history[document.sequence] = name;
  ++changes_made;
}

Result<document::Revision> MemoryStore::put(const DocumentName& name,
                                            const std::optional<document::Revision>& parent, std::string body,
                                            bool deleted) {
  const auto& document = live_.documents[name];
  const auto winner = document.tree.winner();
  document::Revision from = parent.value_or(document::Revision{});
  if (!parent && winner && winner->deleted) from = winner->revision;
  if (!parent && winner && !winner->deleted) return Error(ErrorCode::conflict, "there is one");
  if (parent && !document.tree.is_leaf(*parent)) return Error(ErrorCode::conflict, "no leaf");
  std::vector<document::Revision> path{document::derive_revision(from, deleted, body, {})};
  if (from) {
    const auto before = document.tree.path(from);
    path.insert(path.end(), before.begin(), before.end());
  }
  if (document.tree.contains(path.front())) return path.front();
  add(name, path, deleted, {std::move(body), {}});
  return path.front();
}

document::Revision MemoryStore::branch(const DocumentName& name, std::string body) {
  const auto& tree = live_.documents[name].tree;
  std::vector<document::Revision> path;
  if (const auto at = tree.winner()) path = tree.path(at->revision);
  if (!path.empty()) path.erase(path.begin());
  const document::Revision from = path.empty() ? document::Revision{} : path.front();
  path.insert(path.begin(), document::derive_revision(from, false, body, {}));
  if (!tree.contains(path.front())) add(name, path, false, {std::move(body), {}});
  return path.front();
}

Result<document::Revision> MemoryStore::attach(const DocumentName& name, const std::string& attachment,
                                               const std::string& bytes) {
  const auto at = winner(name);
  if (!at || at->deleted) return Error(ErrorCode::not_found, "missing");
  const Document& document = live_.documents.at(name);
  Text text = document.texts.at(at->revision);
  std::erase_if(text.attachments, [&](const auto& of) { return of.name == attachment; });
  text.attachments.push_back(info_of(attachment, bytes, at->revision.generation + 1));
  std::sort(text.attachments.begin(), text.attachments.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::vector<document::AttachmentDigest> digests;
  for (const auto& of : text.attachments) digests.push_back({of.name, of.digest});
  std::vector<document::Revision> path{document::derive_revision(at->revision, false, text.body, digests)};
  const auto before = document.tree.path(at->revision);
  path.insert(path.end(), before.begin(), before.end());
  for (const auto& of : text.attachments) {
    if (of.name == attachment) live_.blobs[of.digest] = bytes;
  }
  add(name, path, false, std::move(text));
  return path.front();
}

std::optional<document::Leaf> MemoryStore::winner(const DocumentName& name) const {
  const auto found = live_.documents.find(name);
  return found == live_.documents.end() ? std::nullopt : found->second.tree.winner();
}

std::vector<document::Leaf> MemoryStore::leaves(const DocumentName& name) const {
  const auto found = live_.documents.find(name);
  return found == live_.documents.end() ? std::vector<document::Leaf>{} : found->second.tree.leaves();
}

std::string MemoryStore::body(const DocumentName& name, const document::Revision& revision) const {
  return live_.documents.at(name).texts.at(revision).body;
}

void MemoryStore::restore(const MemoryStore& backup) {
  live_ = durable_ = backup.durable_;
  ++life_;
}

void MemoryStore::forget_checkpoints() {
  live_.checkpoints.clear();
  durable_.checkpoints.clear();
}

SourcePosition MemoryStore::text_of(std::uint64_t sequence) const {
  return id_ + "/" + std::to_string(sequence) + "-" + std::to_string(life_);
}

std::optional<std::uint64_t> MemoryStore::sequence_of(const SourcePosition& position) const {
  if (position.empty()) return 0;
  std::uint64_t sequence = 0;
  const auto slash = position.find('/');
  if (slash == std::string::npos || slash == position.size() - 1) return std::nullopt;
  std::from_chars(position.data() + slash + 1, position.data() + position.size(), sequence);
  if (position != text_of(sequence) || sequence > durable_.last) return std::nullopt;
  return sequence;
}

bool MemoryStore::in_scope(const DocumentName& name, const Document& document, const Scope& scope) const {
  if (!scope.covers(name)) return false;
  const auto winner = document.tree.winner();
  if (scope.filter() == nullptr || winner->deleted) return true;
  document::Arena arena;
  return *scope.filter()->matches_text(document.texts.at(winner->revision).body, name.id, arena);
}

Result<ChangesPage> MemoryStore::changes(const SourcePosition& since, const ChangesOptions& options) const {
  const auto from = sequence_of(since);
  if (!from) return Error(ErrorCode::history_lost, "a position of another life");
  ChangesPage page;
  std::uint64_t reached = durable_.last;
  page.at_end = true;
  for (auto at = durable_.history.upper_bound(*from); at != durable_.history.end(); ++at) {
    if (page.rows.size() == options.limit) {
      page.at_end = false;
      break;
    }
    reached = at->first;
    const Document& document = durable_.documents.at(at->second);
    if (in_scope(at->second, document, options.scope))
      page.rows.push_back({at->second, document.tree.leaves()});
  }
  if (page.at_end) reached = durable_.last;
  page.next = reached == 0 ? SourcePosition() : text_of(reached);
  page.pending = static_cast<std::uint64_t>(
      std::distance(durable_.history.upper_bound(reached), durable_.history.end()));
  return page;
}

FetchedRevisions MemoryStore::fetch(const std::vector<WantedRevisions>& wanted, std::uint64_t bytes) const {
  FetchedRevisions out;
  std::uint64_t held = 0;
  for (const auto& of : wanted) {
    if (out.documents != 0 && held >= bytes) break;
    ++out.documents;
    const auto found = durable_.documents.find(of.name);
    std::set<document::Revision> sent;
    for (const auto& revision : of.revisions) {
      if (found == durable_.documents.end() || !found->second.tree.contains(revision)) {
        out.failures.push_back({of.name, revision, Error(ErrorCode::not_found, "missing")});
        continue;
      }
      for (const auto& leaf : found->second.tree.leaves_below(revision)) {
        if (!sent.insert(leaf.revision).second) continue;
        const Text& text = found->second.texts.at(leaf.revision);
        out.revisions.push_back(
            {of.name, found->second.tree.path(leaf.revision), leaf.deleted, text.body, text.attachments});
        held += out.revisions.back().bytes();
      }
    }
  }
  return out;
}

std::vector<MissingOf> MemoryStore::missing(const std::vector<RevisionsOf>& documents) const {
  std::vector<MissingOf> out;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const auto found = live_.documents.find(here(documents[i].name));
    MissingOf of{.document = i, .revisions = documents[i].revisions, .possible_ancestors = {}};
    if (found != live_.documents.end()) {
      of.revisions = found->second.tree.missing(documents[i].revisions);
      for (const auto& leaf : found->second.tree.leaves()) of.possible_ancestors.push_back(leaf.revision);
    }
    if (!of.revisions.empty()) out.push_back(std::move(of));
  }
  return out;
}

Status MemoryStore::replicate(const TravellingRevision& revision, const std::vector<std::string>& blobs) {
  const DocumentName name = here(revision.name);
  if (forbidden.contains(name)) return Error(ErrorCode::forbidden, "nobody may write it");
  const auto found = live_.documents.find(name);
  const bool known = found != live_.documents.end() && found->second.tree.contains(revision.path.front());
  std::vector<AttachmentInfo> attachments;
  for (std::size_t i = 0; i < revision.attachments.size(); ++i) {
    const AttachmentInfo& of = revision.attachments[i];
    attachments.push_back(info_of(of.name, blobs[i], of.revpos));
    attachments.back().content_type = of.content_type;
    const AttachmentInfo& is = attachments.back();
    const bool other =
        (!of.digest.empty() && is.digest != of.digest) || (!of.md5.empty() && is.md5 != of.md5);
    if (other || is.length != of.length) return Error(ErrorCode::corrupt, "other bytes than were promised");
    live_.blobs[is.digest] = blobs[i];
  }
  if (known) return ok();
  add(name, revision.path, revision.deleted, {revision.body, std::move(attachments)});
  return ok();
}

StoredCheckpoint MemoryStore::checkpoint(const std::string& name) const {
  const auto found = live_.checkpoints.find(name);
  if (found == live_.checkpoints.end()) return {};
  return {"0-" + std::to_string(found->second.first), found->second.second};
}

Result<std::string> MemoryStore::write_checkpoint(const std::string& name, const StoredCheckpoint& record) {
  if (checkpoint(name).revision != record.revision) return Error(ErrorCode::conflict, "another was written");
  auto& stored = live_.checkpoints[name];
  ++stored.first;
  stored.second = record.json;
  return checkpoint(name).revision;
}

std::string MemoryStore::picture() const {
  std::string out;
  for (const auto& [name, document] : live_.documents) {
    if (document.tree.empty()) continue;
    out += name.collection + "/" + name.id + ":";
    for (const auto& leaf : document.tree.leaves()) {
      const Text& text = document.texts.at(leaf.revision);
      out += " " + leaf.revision.to_string() + (leaf.deleted ? "-" : "+") + text.body;
      for (const auto& of : text.attachments) {
        out += " " + of.name + "=" + (has_blob(of.digest) ? to_hex(of.digest) : "LOST");
      }
    }
    out += "\n";
  }
  return out;
}

std::size_t MemoryStore::checkpoint_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [name, record] : live_.checkpoints) bytes += name.size() + record.second.size();
  return bytes;
}

std::vector<std::pair<DocumentName, document::Revision>> MemoryStore::durable_leaves() const {
  std::vector<std::pair<DocumentName, document::Revision>> out;
  for (const auto& [name, document] : durable_.documents) {
    for (const auto& leaf : document.tree.leaves()) out.emplace_back(name, leaf.revision);
  }
  return out;
}

bool MemoryStore::knows(const DocumentName& name, const document::Revision& revision) const {
  const auto found = live_.documents.find(name);
  return found != live_.documents.end() && found->second.tree.contains(revision);
}

}  // namespace quire::replication::testing
