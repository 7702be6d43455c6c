#include "api/couch/sequence.h"

#include "api/couch/error.h"
#include "engine/position.h"

namespace quire::api::couch {

std::string sequence_json(const engine::Position& position) {
  if (engine::life_of(position.incarnation) <= 1) return std::to_string(position.sequence);
  return "\"" + engine::to_string(position) + "\"";
}

Result<engine::Position> parse_sequence(std::string_view text) {
  const std::string_view given = text;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.empty()) return engine::Position{};
  auto position = engine::parse_position(text);
  if (!position) return bad_parameter("since", given);
  return *std::move(position);
}

}  // namespace quire::api::couch
