#pragma once

#include "database/types.h"

// The words of the layer below that the engine speaks too, so that surfaces need not look below it.
namespace quire::engine {

using database::Attachment;
using database::CollectionSettings;
using database::Counts;
using database::Durability;
using database::EditResult;
using database::is_missing_stub;
using database::is_request_id_reused;
using database::Kept;
using database::life_of;
using database::means_incarnation;
using database::needs_disk;
using database::not_in_memory;
using database::Operation;
using database::operation_of;
using database::Position;
using database::Sequence;
using database::WriteResult;

}  // namespace quire::engine
