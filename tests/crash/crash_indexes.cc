// crash_indexes work DIRECTORY SEED
// crash_indexes check DIRECTORY
//
// work: writes documents and makes and drops value indexes, all at once, until it is killed; prints "ready"
// when the shard is open. check: opens what is left, waits for the builds to end, and compares every index
// with the documents; a line a disagreement on the standard error output, the numbers as a line of JSON.
// Exits with 1 where there are disagreements.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "database/testing/test_shard.h"
#include "query/index_catalog.h"
#include "query/value_index.h"

namespace quire::crash {

namespace {

using database::Edit;
using database::kDefaultCollection;
using database::Shard;

constexpr int kIds = 60'000;
constexpr int kWriters = 3;
const char* const kDefinitions[] = {R"({"keys":[{"a":1}]})", R"({"keys":[{"list.x":1},{"a":-1}]})",
                                    R"({"keys":[{"u":1}],"unique":true,"sparse":true})",
                                    R"({"keys":[{"text":1}],"collation":{"locale":"de","strength":1}})",
                                    R"({"keys":[{"a":1}],"partial":{"list":{"$exists":true}}})"};

struct World : database::testing::ShardWorld {
  World() { kinds.push_back(&values); }
  query::ValueIndexes values;
};

std::string body(std::minstd_rand& dice) {
  std::string out = "{\"a\":" + std::to_string(dice() % 1000);
  if (dice() % 3 == 0) {
    out += ",\"list\":[";
    const unsigned count = static_cast<unsigned>(dice() % 4);
    for (unsigned i = 0; i < count; ++i)
      out += (i == 0 ? "{\"x\":" : ",{\"x\":") + std::to_string(dice() % 50) + "}";
    out += "]";
  }
  // Seldom twice, so that the unique index is ready in some rounds and fails in others.
  if (dice() % 2 == 0) out += ",\"u\":" + std::to_string(dice());
  return out + ",\"text\":\"" + (dice() % 2 == 0 ? "Straße " : "strasse ") + std::to_string(dice() % 100) +
         "\"}";
}

Edit edit(std::minstd_rand& dice) {
  Edit made;
  made.id = "d" + std::to_string(dice() % kIds);
  made.precondition = Edit::Precondition::any;
  if (dice() % 6 == 0) {
    made.kind = Edit::Kind::remove;
  } else {
    made.body = body(dice);
  }
  return made;
}

void write(Shard& shard, unsigned seed) {
  std::minstd_rand dice(seed);
  while (shard.health()) {
    std::vector<Edit> edits;
    const std::size_t count = dice() % 4 == 0 ? 500 : 1;
    for (std::size_t i = 0; i < count; ++i) edits.push_back(edit(dice));
    const auto durability = dice() % 2 == 0 ? database::Durability::disk : database::Durability::os;
    (void)shard.write(std::move(edits), {.durability = durability});
  }
}

[[noreturn]] void work(Shard& shard, unsigned seed) {
  std::minstd_rand dice(seed);
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i)
    writers.emplace_back([&shard, from = dice()] { write(shard, static_cast<unsigned>(from)); });
  while (true) {
    const auto number = dice() % std::size(kDefinitions);
    const std::string name = std::to_string(number);
    if (dice() % 3 == 0) {
      (void)query::drop_index(shard, kDefaultCollection, name);
    } else {
      (void)query::create_index(shard, kDefaultCollection, name, kDefinitions[number]);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(dice() % 60));
  }
}

int check(Shard& shard) {
  int building = 0;
  int ready = 0;
  int failed = 0;
  for (const auto& info : shard.indexes()) building += info.state == database::IndexState::building ? 1 : 0;
  std::vector<std::string> wrong = database::testing::disagreements(shard);
  for (const auto& info : shard.indexes()) {
    if (Status waited = shard.wait_for_index(info.id); !waited) wrong.push_back(waited.error().to_string());
  }
  for (const auto& info : shard.indexes()) {
    ready += info.state == database::IndexState::ready ? 1 : 0;
    failed += info.state == database::IndexState::failed ? 1 : 0;
  }
  for (std::string& line : database::testing::disagreements(shard)) wrong.push_back(std::move(line));
  const auto documents = shard.collections().find(kDefaultCollection)->counts.documents;
  std::printf("{\"documents\": %llu, \"building\": %d, \"ready\": %d, \"failed\": %d}\n",
              static_cast<unsigned long long>(documents), building, ready, failed);
  for (const std::string& line : wrong) std::fprintf(stderr, "%s\n", line.c_str());
  return wrong.empty() ? 0 : 1;
}

}  // namespace

}  // namespace quire::crash

int main(int count, char** arguments) {
  const std::string command = count > 2 ? arguments[1] : "";
  if (!(command == "work" && count == 4) && !(command == "check" && count == 3)) {
    std::fputs("crash_indexes work DIRECTORY SEED | check DIRECTORY\n", stderr);
    return 2;
  }
  quire::crash::World world;
  const auto shard = world.on_disk(arguments[2]);
  if (command == "check") return quire::crash::check(*shard);
  std::puts("ready");
  std::fflush(stdout);
  quire::crash::work(*shard, static_cast<unsigned>(std::strtoul(arguments[3], nullptr, 10)));
}
