#pragma once

#include <span>
#include <string>
#include <vector>

#include "api/actions/action.h"
#include "engine/documents.h"

// The operations of manageDatabase, each a file. They work in call.loaded.
namespace quire::api::actions {

void manage_create(const ActionPointer& call);
void manage_add(const ActionPointer& call);
void manage_read(const ActionPointer& call);
void manage_update(const ActionPointer& call);
void manage_delete(const ActionPointer& call);

engine::CollectionAddress collection_of(const ActionCall& call);

// A write: what it changes, and its message. Made on the connection's thread, and once more on a worker where
// it needs the disk. The answer is sent by whoever makes it durable; once it is admitted it is done, whether
// or not the client stays.
struct Write {
  Result<std::vector<engine::Change>> (*changes)(const ActionCall& call);
  std::string (*message)(const ActionCall& call, const engine::WriteResult& result);
};
void write(const ActionPointer& call, const Write& what, bool may_block = false);

}  // namespace quire::api::actions
