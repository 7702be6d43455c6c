#include <condition_variable>
#include <mutex>

#include "writer.h"

namespace quire::crash {

using database::Edit;

void run_pipelined(Stage& stage, unsigned thread, std::uint64_t seed) {
  constexpr std::size_t kUnderWay = 16;
  Dice dice(seed * 1000 + thread);
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t under_way = 0;
  for (std::uint64_t n = 0; !stage.over(); ++n) {
    Request request;
    request.name = stage.label + '.' + std::to_string(thread) + '.' + std::to_string(n);
    request.options.durability = pick_durability(dice, stage.mix);
    if (chance(dice, 30)) request.options.request_id = request.name;
    Edit edit;
    edit.id = chance(dice, 30) ? "s" + std::to_string(roll(dice, kShared)) : "q" + request.name;
    edit.precondition = Edit::Precondition::any;
    edit.body = body_with(tag_of(request.name, 0), R"(,"k":"v)" + std::to_string(roll(dice, 7)) + '"');
    request.edits.push_back(std::move(edit));
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return under_way < kUnderWay; });
      ++under_way;
    }
    stage.write_down(request);
    stage.shard.write_async(request.edits, request.options, {}, [&, name = request.name](auto result) {
      stage.note(name, result);
      const std::lock_guard lock(mutex);
      --under_way;
      changed.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return under_way == 0; });
}

}  // namespace quire::crash
