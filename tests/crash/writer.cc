#include "writer.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "database/blob_store.h"
#include "document/revision_tree.h"

namespace quire::crash {

using database::Edit;
using database::kDefaultCollection;
using document::Revision;

namespace {

constexpr std::uint64_t kBranched = 6;
constexpr std::size_t kPathInLog = 12;

std::string digest16(std::string_view text) {
  Blake2b hash(16);
  hash.update(text);
  std::string digest(16, '\0');
  hash.finish(digest.data());
  return digest;
}

}  // namespace

Writer::Writer(Stage& stage, unsigned thread, std::uint64_t seed)
    : stage_(stage), shard_(stage.shard), thread_(thread), dice_(seed * 1000 + thread) {}

void Writer::run() {
  find_own();
  while (!stage_.over()) step();
  if (stage_.sick) check_refusal();
}

// What earlier runs left of this thread's documents.
void Writer::find_own() {
  const std::string prefix = "p" + std::to_string(thread_) + ".";
  const auto listed = shard_.list(kDefaultCollection, {.after = prefix, .include_deleted = true}, {},
                                  [&](std::string_view id, const database::StoredDocument& document) {
                                    if (!id.starts_with(prefix)) return false;
                                    places_[std::string(id)] = own_.size();
                                    own_.push_back({std::string(id), document.revision, document.deleted});
                                    return true;
                                  });
  if (!listed && !stage_.reads_may_fail) stage_.complain("a list failed: " + listed.error().to_string());
}

void Writer::step() {
  struct Weighted {
    unsigned weight;
    Step step;
  };
  static constexpr Weighted kSteps[] = {
      {20, &Writer::put_new},        {15, &Writer::update},         {6, &Writer::remove},
      {3, &Writer::revive},          {4, &Writer::overwrite},       {14, &Writer::count},
      {8, &Writer::contest},         {5, &Writer::attach},          {8, &Writer::write_atomic},
      {7, &Writer::write_bulk},      {10, &Writer::replicate},      {4, &Writer::resolve},
      {1, &Writer::make_collection}, {1, &Writer::drop_collection}, {1, &Writer::rebuild_index},
  };
  unsigned total = 0;
  for (const auto& entry : kSteps) total += entry.weight;
  std::uint64_t number = roll(dice_, total);
  for (const auto& entry : kSteps) {
    if (number < entry.weight) return (this->*entry.step)();
    number -= entry.weight;
  }
}

// After a failure nothing is written any more, and everything can still be read.
void Writer::check_refusal() {
  for (int i = 0; i < 3; ++i) {
    Request refused = request();
    refused.options.durability = static_cast<database::Durability>(i);
    refused.options.request_id.clear();
    add_new(refused);
    const Result result = ask(refused);
    const bool right = !result && refuses(result.error().code());
    if (!right) stage_.complain(refused.name + " was not refused by a shard that has failed");
  }
  if (stage_.reads_may_fail) return;
  if (!own_.empty()) {
    const auto head = shard_.head(kDefaultCollection, own_[roll(dice_, own_.size())].id);
    if (!head) stage_.complain("a shard that has failed does not read: " + head.error().to_string());
  }
  const auto listed = shard_.list(kDefaultCollection, {.include_deleted = true}, {},
                                  [](std::string_view, const database::StoredDocument&) { return true; });
  if (!listed) stage_.complain("a shard that has failed does not list: " + listed.error().to_string());
}

// --- one document

void Writer::put_new() {
  Request request = this->request();
  add_new(request);
  if (chance(dice_, 10)) {
    request.edits.front().id.clear();  // the server makes one
    request.edits.front().precondition = Edit::Precondition::revision;
  }
  ask(request);
}

void Writer::update() {
  Own* own = pick(false);
  if (own == nullptr) return;
  Request request = this->request();
  add(request, own->id, members()).expected = own->revision;
  ask(request);
}

void Writer::remove() {
  Own* own = pick(false);
  if (own == nullptr) return;
  Request request = this->request();
  Edit& edit = add(request, own->id);
  edit.kind = Edit::Kind::remove;
  edit.expected = own->revision;
  if (chance(dice_, 20)) edit.precondition = Edit::Precondition::any;
  ask(request);
}

void Writer::revive() {
  Own* own = pick(true);
  if (own == nullptr) return;
  Request request = this->request();
  Edit& edit = add(request, own->id, members());
  if (chance(dice_, 50)) edit.expected = own->revision;
  ask(request);
}

void Writer::overwrite() {
  Own* own = pick(false);
  Request request = this->request();
  const std::string id =
      own != nullptr && chance(dice_, 50) ? own->id : "s" + std::to_string(roll(dice_, kShared));
  add(request, id, members()).precondition = Edit::Precondition::any;
  ask(request);
}

void Writer::count() {
  Request request = this->request();
  add_count(request);
  ask(request);
}

// Whoever else wrote between the reading and the writing wins: then this one is a conflict.
void Writer::contest() {
  const std::string id = "s" + std::to_string(roll(dice_, kShared));
  const auto head = shard_.head(kDefaultCollection, id);
  if (!head) return;
  Request request = this->request();
  Edit& edit = add(request, id, members());
  if (*head) edit.expected = (*head)->revision;
  if (*head && !(*head)->deleted && chance(dice_, 10)) edit.kind = Edit::Kind::remove;
  ask(request);
}

void Writer::attach() {
  std::vector<database::Attachment> attachments;
  for (std::uint64_t i = 0; i <= roll(dice_, 2); ++i) {
    database::Attachment wanted;
    // Few enough that the same bytes come again, also while what nobody refers to is swept.
    const std::uint64_t content = roll(dice_, 60);
    wanted.content_type = attachment_type(content);
    wanted.length = content % 10 == 0 ? 200'000 + content * 6'000 : content * 150;
    const auto writer = shard_.blobs().begin();
    const std::string bytes = attachment_content(wanted);
    Status written = ok();
    for (std::size_t at = 0; written && at < bytes.size(); at += 70'000)
      written = writer->write(std::string_view(bytes).substr(at, 70'000));
    if (!written) return;
    auto made = writer->finish();
    if (!made) return;
    if (made->length != wanted.length) stage_.complain("a blob has not the length that was written");
    made->name = "a" + std::to_string(i);
    made->content_type = wanted.content_type;
    attachments.push_back(std::move(*made));
  }
  Request request = this->request();
  Own* own = pick(false);
  if (own != nullptr && chance(dice_, 60)) {
    add(request, own->id, members()).expected = own->revision;
  } else {
    add_new(request);
  }
  request.edits.front().attachments = std::move(attachments);
  ask(request);
}

// --- several

void Writer::write_atomic() {
  Request request = this->request();
  request.options.atomic = true;
  const std::uint64_t edits = 2 + roll(dice_, chance(dice_, 5) ? 200 : 6);
  Own* own = pick(false);
  if (own != nullptr) add(request, own->id, members()).expected = own->revision;
  if (chance(dice_, 30)) add_count(request);
  while (request.edits.size() < edits) add_new(request);
  // One that may fail, and all with it.
  if (chance(dice_, 20)) add(request, "s" + std::to_string(roll(dice_, kShared)), members());
  ask(request);
}

void Writer::write_bulk() {
  Request request = this->request();
  const std::uint64_t edits = 2 + roll(dice_, chance(dice_, 1) ? 2'500 : 30);
  Own* own = pick(false);
  if (own != nullptr) {
    add(request, own->id, members()).expected = own->revision;
    if (chance(dice_, 30)) add(request, own->id, members()).expected = own->revision;  // a conflict
  }
  while (request.edits.size() < edits) {
    add_new(request);
    if (chance(dice_, 5)) add_count(request);
  }
  ask(request);
}

// --- branches

// A known branch of a document, cut at a random ancestor.
std::optional<std::vector<Revision>> Writer::some_path(const std::string& id) {
  const auto encoded = shard_.tree(kDefaultCollection, id);
  if (!encoded) return std::nullopt;
  if (encoded->empty()) return std::vector<Revision>{};
  const auto tree = document::RevisionTree::decode(*encoded);
  if (!tree) {
    stage_.complain(id + " has a malformed tree: " + tree.error().to_string());
    return std::nullopt;
  }
  const auto leaves = tree->leaves();
  auto path = tree->path(leaves[roll(dice_, leaves.size())].revision);
  const std::uint64_t cut = chance(dice_, 60) ? 0 : roll(dice_, std::min<std::uint64_t>(path.size(), 6));
  path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(cut));
  if (path.size() > kPathInLog) path.resize(kPathInLog);
  return path;
}

void Writer::replicate() {
  const std::string id = "x" + std::to_string(roll(dice_, kBranched));
  auto path = some_path(id);
  if (!path) return;
  if (chance(dice_, 5)) path->clear();  // a root of its own
  Request request = this->request();
  Edit& edit = add(request, id, members());
  edit.kind = Edit::Kind::replicate;
  const std::string tag(tag_in(edit.body));
  for (std::uint64_t i = chance(dice_, 15) ? 2 : 1; i > 0; --i) {
    const std::uint64_t generation = path->empty() ? 1 : path->front().generation + 1;
    path->insert(path->begin(),
                 {generation, document::RevisionHash::from_digest(digest16(tag + std::to_string(i)))});
  }
  edit.path = std::move(*path);
  edit.deleted = chance(dice_, 15);
  ask(request);
}

// Edits a losing leaf, or deletes it.
void Writer::resolve() {
  const std::string id = "x" + std::to_string(roll(dice_, kBranched));
  const auto encoded = shard_.tree(kDefaultCollection, id);
  if (!encoded || encoded->empty()) return;
  const auto tree = document::RevisionTree::decode(*encoded);
  if (!tree) return;
  const auto leaves = tree->leaves();
  const auto& leaf = leaves[roll(dice_, leaves.size())];
  Request request = this->request();
  Edit& edit = add(request, id, members());
  edit.expected = leaf.revision;
  if (!leaf.deleted && chance(dice_, 60)) edit.kind = Edit::Kind::remove;
  ask(request);
}

// --- collections and indexes

void Writer::make_collection() {
  const std::string name = next_name();
  const std::string collection = "c" + name;
  stage_.log.add("create", {name, collection});
  const auto made = shard_.create_collection(collection, {.revision_limit = chance(dice_, 50) ? 8U : 0U});
  stage_.log.add("created", {name, made ? std::to_string(made->id)
                                        : "!" + std::string(quire::name(made.error().code()))});
  if (!made) return;
  collections_[collection] = made->id;
  Request request = this->request();
  for (int i = 0; i < 3; ++i) add(request, "d" + std::to_string(i), members()).collection = made->id;
  ask(request);
  for (int i = 0; i < 12 && !stage_.over(); ++i) {
    Request overwrite = this->request();
    Edit& edit = add(overwrite, "d0", members());
    edit.collection = made->id;
    edit.precondition = Edit::Precondition::any;
    ask(overwrite);
  }
}

void Writer::drop_collection() {
  if (collections_.empty() || chance(dice_, 40)) return;
  const auto [collection, id] = *collections_.begin();
  const std::string name = next_name();
  stage_.log.add("drop", {name, collection});
  const auto dropped = shard_.drop_collection(collection);
  stage_.log.add("dropped", {name, dropped ? "ok" : "!" + std::string(quire::name(dropped.error().code()))});
  collections_.erase(collection);
}

// An index is built while others write, and dropped by who made it.
void Writer::rebuild_index() {
  if (index_) {
    if (shard_.drop_index(*index_)) index_.reset();
    return;
  }
  const auto made = shard_.create_index(kDefaultCollection, "member", "k");
  if (made) index_ = *made;
}

}  // namespace quire::crash
