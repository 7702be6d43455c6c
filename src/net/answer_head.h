#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/framing.h"
#include "net/message.h"

namespace quire::net {

// The head of an answer, read by a client. Views show the bytes that it was read from.
struct ParsedAnswer {
  unsigned status = 0;
  std::vector<Field> fields;
  Framing framing;
  bool keep_alive = false;

  // The value of the first field of this name, whatever its case; empty where there is none.
  std::string_view field(std::string_view name) const;
};

// Reads a whole head, as HeadFinder found it. As strict as parse_request_head(). Errors: invalid, too_large
// (more than `most_fields`).
Result<ParsedAnswer> parse_answer_head(std::string_view head, std::size_t most_fields);

}  // namespace quire::net
