#include "stage.h"

namespace quire::crash {

using database::Durability;

void Stage::note(const std::string& request, const Result<database::WriteResult>& result) {
  log.add("answer", to_fields(answer_of(request, result)));
  const auto tells = [this](ErrorCode code) {
    return leaves_open(code) || (refuses(code) && (code == ErrorCode::read_only || !shard.health()));
  };
  std::optional<Error> failure;
  if (!result) failure = result.error();
  if (result) {
    for (const auto& row : result->rows) {
      if (!row && tells(row.error().code())) failure = row.error();
    }
  }
  if (!failure || !tells(failure->code())) return;
  if (shard.health()) {
    if (!reads_may_fail) complain(request + " failed, and the shard goes on: " + failure->to_string());
    return;
  }
  if (!sick.exchange(true)) log.add("sick", {failure->to_string()});
}

Durability pick_durability(Dice& dice, Mix mix) {
  const auto number = roll(dice, 10);
  switch (mix) {
    case Mix::disk: return Durability::disk;
    case Mix::mixed: return number < 6 ? Durability::disk : number < 8 ? Durability::os : Durability::memory;
    case Mix::lazy: return number < 5 ? Durability::os : Durability::memory;
  }
  return Durability::disk;
}

}  // namespace quire::crash
