#include "shard_world.h"

#include <fmt/format.h>

#include "base/check.h"

namespace quire::sim {

using database::Durability;
using database::Edit;
using database::Sequence;

ShardWorld::ShardWorld(std::uint64_t seed)
    : random_(seed), executor_(clock_, &random_), disk_(storage::make_map_store()) {
  open();
  index_ = *shard_->create_index(database::kDefaultCollection, "member", "k");
}

ShardWorld::~ShardWorld() { executor_.run_ready(); }

void ShardWorld::open() {
  auto store = std::make_unique<PowerCutStore>(disk_);
  store_ = store.get();
  const database::Environment environment{clock_, random_, executor_, cache_, {&members_}};
  auto shard = database::Shard::open(std::move(store), environment, {});
  QUIRE_CHECK(shard.has_value(), "a simulated shard did not open");
  shard_ = std::move(*shard);
}

std::vector<std::string> ShardWorld::run(int steps) {
  for (int i = 0; i < steps && violations_.empty(); ++i) step();
  restart();
  follow();
  for (const std::string& line : database::testing::disagreements(*shard_, {index_})) violated(line);
  for (const auto& [sequence, write] : acknowledged_) {
    const auto entry = shard_->history({.since = sequence - 1})->next();
    if (!entry || !*entry || (*entry)->first != sequence)
      violated(fmt::format("acknowledged {} is gone", sequence));
  }
  return violations_;
}

void ShardWorld::step() {
  const std::uint64_t choice = random_.below(100);
  if (choice < 55) {
    write();
  } else if (choice < 80) {
    executor_.run_one();
  } else if (choice < 88) {
    executor_.advance(std::chrono::milliseconds(random_.below(60)));
  } else if (choice < 93) {
    follow();
  } else if (choice < 95) {
    const auto jump = static_cast<std::int64_t>(random_.below(7'200'000)) - 3'600'000;
    clock_.set_wall(clock_.wall_ms() + jump);
    note(fmt::format("clock {}", jump));
  } else if (choice < 98) {
    cut_power();
  } else {
    restart();
  }
}

Edit ShardWorld::make_edit() {
  Edit edit;
  edit.id = fmt::format("d{}", random_.below(12));
  edit.body = fmt::format(R"({{"k":"v{}","n":{}}})", random_.below(4), written_++);
  const auto head = shard_->head(database::kDefaultCollection, edit.id);
  const bool there = head && *head;
  switch (random_.below(5)) {
    case 0: edit.precondition = Edit::Precondition::any; break;
    case 1:
      edit.kind = Edit::Kind::remove;
      if (there) edit.expected = (*head)->revision;
      break;
    case 2:
      edit.kind = Edit::Kind::replicate;
      edit.deleted = random_.chance(20);
      if (there && random_.chance(60)) edit.path = {(*head)->revision};
      edit.path.insert(edit.path.begin(),
                       {edit.path.empty() ? 1 + random_.below(3) : edit.path[0].generation + 1,
                        document::RevisionHash::from_text(fmt::format("h{}", written_))});
      break;
    default:
      if (there) edit.expected = (*head)->revision;
  }
  return edit;
}

void ShardWorld::write() {
  std::vector<Edit> edits;
  const std::uint64_t count = 1 + random_.below(4);
  for (std::uint64_t i = 0; i < count; ++i) edits.push_back(make_edit());
  const auto durability = static_cast<Durability>(random_.below(3));
  const database::WriteOptions options{
      .durability = durability, .atomic = random_.chance(30), .request_id = {}};
  ++in_flight_;
  shard_->write_async(std::move(edits), options, {},
                      [this, durability](Result<database::WriteResult> result) {
                        --in_flight_;
                        acknowledge(result, durability == Durability::disk);
                      });
}

void ShardWorld::acknowledge(const Result<database::WriteResult>& result, bool disk) {
  if (!result) return note(fmt::format("refused {}", result.error().to_string()));
  for (const auto& row : result->rows) {
    if (!row) {
      note(fmt::format("row {}", name(row.error().code())));
    } else if (row->sequence != 0) {
      note(fmt::format("written {} {} {}", row->sequence, row->id, row->revision.to_string()));
      Acknowledged& change = acknowledged_[row->sequence];
      change.id = row->id;
      change.revisions.insert(row->revision.to_string());
      change.disk = disk;
    }
  }
}

void ShardWorld::follow() {
  const auto cursor = shard_->history({.since = follower_});
  while (true) {
    const auto entry = cursor->next();
    if (!entry) return violated(entry.error().to_string());
    if (!*entry) break;
    const auto& [sequence, change] = **entry;
    if (sequence != follower_ + 1) violated(fmt::format("the feed jumps from {} to {}", follower_, sequence));
    followed_[sequence] = change.revision.to_string();
    follower_ = sequence;
  }
  note(fmt::format("followed to {}", follower_));
}

// What was not synced is gone; what anybody was promised, or has seen, is not.
void ShardWorld::cut_power() {
  const Sequence synced = shard_->position().sequence;
  store_->cut();
  executor_.run_ready();
  if (in_flight_ != 0) violated("a write was never answered");
  shard_.reset();
  disk_->drop_unsynced();
  open();
  check_after_cut(synced);
}

void ShardWorld::check_after_cut(Sequence synced) {
  const Sequence last = shard_->position().sequence;
  note(fmt::format("power cut at {}, back at {}", synced, last));
  if (last < synced) violated(fmt::format("{} was durable, {} is the last now", synced, last));
  if (last < follower_) violated(fmt::format("a follower saw {}, {} is the last now", follower_, last));
  for (auto at = acknowledged_.upper_bound(last); at != acknowledged_.end(); at = acknowledged_.erase(at)) {
    if (at->second.disk) violated(fmt::format("{} was acknowledged as on disk and is gone", at->first));
  }
  const auto cursor = shard_->history({});
  while (true) {
    const auto entry = cursor->next();
    if (!entry || !*entry) break;
    const auto& [sequence, change] = **entry;
    const std::string revision = change.revision.to_string();
    const auto acknowledged = acknowledged_.find(sequence);
    if (acknowledged != acknowledged_.end() && !acknowledged->second.revisions.contains(revision)) {
      violated(fmt::format("{} is another change than was acknowledged", sequence));
    }
    const auto seen = followed_.find(sequence);
    if (seen != followed_.end() && seen->second != revision) {
      violated(fmt::format("{} is another change than the follower saw", sequence));
    }
  }
  for (const std::string& line : database::testing::disagreements(*shard_, {index_})) violated(line);
}

void ShardWorld::restart() {
  executor_.run_ready();
  if (in_flight_ != 0) violated("a write was never answered");
  const Sequence last = shard_->position().sequence;
  shard_.reset();
  disk_->drop_unsynced();
  open();
  note(fmt::format("restart at {}, back at {}", last, shard_->position().sequence));
  if (!acknowledged_.empty() && acknowledged_.rbegin()->first > shard_->position().sequence) {
    violated("an orderly stop lost an acknowledged write");
  }
}

}  // namespace quire::sim
