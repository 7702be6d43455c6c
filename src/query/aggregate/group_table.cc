#include "query/aggregate/group_table.h"

#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
constexpr std::size_t kFirstPlaces = 64;
}  // namespace

GroupTable::Group& GroupTable::insert(std::uint64_t hash, std::string_view key, std::string_view text) {
  if ((groups_.size() + 1) * 2 > places_.size()) grow();
  auto* const slots = static_cast<Slot*>(arena_->allocate(slots_ * sizeof(Slot), alignof(Slot)));
  for (std::size_t i = 0; i < slots_; ++i) new (slots + i) Slot;
  groups_.push_back({hash, arena_->copy(key), arena_->copy(text), slots});
  std::size_t at = hash & mask_;
  while (places_[at].number != 0) at = (at + 1) & mask_;
  places_[at] = {static_cast<std::uint32_t>(groups_.size()), static_cast<std::uint32_t>(hash >> 32)};
  memory_ += kGroupBytes + key.size() + text.size() + slots_ * sizeof(Slot);
  return groups_.back();
}

void GroupTable::grow() {
  places_.assign(places_.size() * 2, Place());
  mask_ = places_.size() - 1;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    std::size_t at = groups_[i].hash & mask_;
    while (places_[at].number != 0) at = (at + 1) & mask_;
    places_[at] = {static_cast<std::uint32_t>(i + 1), static_cast<std::uint32_t>(groups_[i].hash >> 32)};
  }
}

void GroupTable::destroy() {
  for (const Group& group : groups_) {
    for (std::size_t i = 0; i < slots_; ++i) group.slots[i].~Slot();
  }
}

void GroupTable::clear() {
  destroy();
  groups_ = {};
  places_ = std::vector<Place>(kFirstPlaces);
  mask_ = kFirstPlaces - 1;
  arena_ = std::make_unique<document::Arena>();
  memory_ = 0;
}

}  // namespace quire::query
