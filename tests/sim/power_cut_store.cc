#include "power_cut_store.h"

namespace quire::sim {

namespace {
Error no_power() { return Error(ErrorCode::io, "the power is cut"); }
}  // namespace

Status PowerCutStore::write(storage::Batch& batch, storage::Sync sync) {
  if (cut_) return no_power();
  return disk_->write(batch, sync);
}

Status PowerCutStore::sync() {
  if (cut_) return no_power();
  return disk_->sync();
}

}  // namespace quire::sim
