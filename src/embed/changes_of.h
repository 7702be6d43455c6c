#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "embed/core.h"
#include "engine/documents.h"
#include "quire/quire.h"

// From what programs ask for to what the engine does.
QUIRE_NAMESPACE_BEGIN

// The caller has validated nothing yet. Errors: invalid, too_large; `field` is the path in the document, or
// "id", "revision".
quire::Result<engine::Change> make_change(const Write& write);

engine::WriteOptions engine_options(const Core& core, const std::optional<Durability>& durability,
                                    const std::string& request_id, bool atomic);

// Writes and waits.
quire::Result<engine::WriteResult> write_and_wait(Core& core, std::string_view database,
                                                  std::vector<engine::Change> changes,
                                                  const engine::WriteOptions& options);
// The answer of a call that wrote one document.
Result<Written> only_row(quire::Result<engine::WriteResult> answer);

QUIRE_NAMESPACE_END
