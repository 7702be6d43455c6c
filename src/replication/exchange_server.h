#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "replication/exchange_format.h"

namespace quire::replication {

// Answers a question of the exchange from a store. `attachments` gives the bytes behind the question of a
// write, for each attachment that the target opens: in order, some left out. Errors: those of the store, and
// of the format.
void answer_exchange(const CallLimits& limits, std::string_view question, Source& source, Target& target,
                     const AttachmentOpener& attachments, Completion<std::string> done);

}  // namespace quire::replication
