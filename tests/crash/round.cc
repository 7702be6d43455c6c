#include "round.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <csignal>

#include "database/testing/test_shard.h"
#include "record.h"
#include "storage/open.h"
#include "storage/testing/fault_disk.h"
#include "workload.h"

namespace quire::crash {

using std::chrono::milliseconds;
using storage::testing::FaultDisk;

namespace {

constexpr std::array<std::string_view, 6> kKinds{"sigkill",  "powercut", "syscalls",
                                                 "diskfull", "ncall",    "none"};
// Of a clock that runs fast: 0.1 s, in which every follower should come by.
constexpr std::int64_t kHistoryMs = 2'000'000;
// Whoever kills the worker does so before.
constexpr milliseconds kUntilKilled{5000};

// As likely between 1 and 10 as between 100 and 1000.
std::uint64_t roll_magnitude(Dice& dice, std::uint64_t most) {
  const double share = static_cast<double>(dice() >> 11) / 9007199254740992.0;
  return static_cast<std::uint64_t>(std::exp(share * std::log(static_cast<double>(most))));
}

bool says_no_space(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text.find("no space") != std::string::npos;
}

// A clock that runs so fast that what waits for hours and days happens in a round; a day further each round.
class HastyClock final : public Clock {
 public:
  explicit HastyClock(unsigned round)
      : began_(std::chrono::steady_clock::now()), wall_ms_(system_clock().wall_ms() + round * 86'400'000LL) {}
  WallMs wall_ms() const override {
    const auto passed = std::chrono::steady_clock::now() - began_;
    return wall_ms_ + std::chrono::duration_cast<milliseconds>(passed * kHaste).count();
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }

 private:
  static constexpr int kHaste = 20'000;  // an hour in 0.18 s
  const SteadyTime began_;
  const WallMs wall_ms_;
};

class RoundRun {
 public:
  RoundRun(const RoundOptions& options, EventLog& log)
      : options_(options), log_(log), dice_(options.seed * 1'000'003 + options.number) {}

  Status run() {
    pick_mix();
    switch (options_.kind) {
      case Kind::sigkill: QUIRE_TRY_STATUS(live(kUntilKilled)); return ok();
      case Kind::syscalls: return with_failing_calls();
      case Kind::powercut: return with_power_cut();
      case Kind::diskfull: return with_full_disk();
      case Kind::ncall: return with_failing_call();
      case Kind::none: QUIRE_TRY_STATUS(live(some_time())); return ok();
    }
    return ok();
  }

 private:
  // What a life of the shard came to.
  struct Life {
    bool opened = false;
    bool failed = false;  // it stopped taking writes
    std::string cause;
    std::uint64_t requests = 0;
  };

  void pick_mix() {
    const auto number = roll(dice_, 10);
    mix_ = number < 2 ? Mix::disk : number < 8 ? Mix::mixed : Mix::lazy;
    care_ = chance(dice_, 25);
  }
  milliseconds some_time() { return milliseconds(60 + roll(dice_, 200)); }

  // Opens the shard, writes, calls `before_close`, and closes it.
  Result<Life> live(milliseconds time, const std::function<void()>& before_close = {}) {
    QUIRE_TRY(const Record record, Record::read(options_.log_path));
    Life life;
    auto store = disk_ ? disk_->open(options_.directory, {}) : storage::open(options_.directory, {});
    if (!store) return unopened(store.error());
    if (options_.wrap) *store = options_.wrap(std::move(*store));
    const HastyClock hasty(options_.number);
    database::testing::ShardWorld world(care_ ? static_cast<const Clock&>(hasty) : system_clock());
    database::ShardSettings settings;
    if (care_) settings.history_ms = kHistoryMs;
    auto shard = database::Shard::open(std::move(*store), world.environment(), settings);
    if (!shard) return unopened(shard.error());
    log_.add("opened");
    if (options_.opened) options_.opened();
    life.opened = true;
    Stage stage{.shard = **shard,
                .log = log_,
                .label = std::to_string(options_.number) + static_cast<char>('a' + lives_++),
                .mix = mix_,
                .most_requests = options_.most_requests * (options_.kind == Kind::sigkill ? 10 : 1),
                .end = std::chrono::steady_clock::now() + time,
                .reads_may_fail = options_.kind == Kind::syscalls,
                .care = care_};
    run_workload(stage, dice_(), 4, record.last_sighting());
    life.failed = stage.sick;
    life.requests = stage.requests;
    if (const Status health = (*shard)->health(); !health) life.cause = health.error().message();
    const bool failed = !before_close && !(*shard)->health();
    if (before_close) before_close();
    shard->reset();
    log_.add("closed", {failed ? "failed" : ""});
    return life;
  }

  Life unopened(const Error& error) {
    log_.add("unopened", {error.to_string()});
    if (!disk_ && !options_.real_disk && options_.kind != Kind::syscalls)
      log_.add("broken", {"the shard does not open: " + error.to_string()});
    return {};
  }

  Status with_failing_calls() {
    QUIRE_TRY_STATUS(live(some_time() * 2, [&] {
      if (chance(dice_, 50)) std::raise(SIGKILL);
    }));
    return ok();
  }

  Status with_power_cut() {
    disk_.emplace();
    const auto before = roll(dice_, 10);
    if (before < 3) QUIRE_TRY_STATUS(live_and_die());
    if (before >= 7) QUIRE_TRY_STATUS(live_until_sync_fails());
    if (chance(dice_, 70)) disk_->fail_from_call(1 + roll_magnitude(dice_, 4000));
    QUIRE_TRY_STATUS(live(mix_ == Mix::lazy ? some_time() * 2 : some_time(), [&] { cut_power(); }));
    return boot();
  }

  // The process goes, the machine stays: what was not synced is still there when the next one opens the
  // shard.
  Status live_and_die() {
    QUIRE_TRY_STATUS(live(some_time() / 2, [&] { disk_->freeze(); }));
    disk_->repair();
    return ok();
  }

  // The machine stays here too, but what the failed fsync should have covered never comes to the disk.
  Status live_until_sync_fails() {
    disk_->fail_from_sync(1 + roll_magnitude(dice_, 300));
    QUIRE_TRY_STATUS(live(some_time() / 2));
    disk_->repair();
    return ok();
  }

  void cut_power() {
    disk_->cut_power();
    log_.add("cut");
    cut_ = true;
  }

  Status boot() {
    if (!cut_) cut_power();  // the shard did not open
    const auto loss = static_cast<FaultDisk::Loss>(roll(dice_, 3));
    return disk_->drop_unsynced(loss, dice_());
  }

  Status with_full_disk() {
    if (!options_.real_disk) {
      disk_.emplace();
      disk_->limit_space(1000 + roll_magnitude(dice_, 2'000'000));
    }
    QUIRE_TRY(const Life full, live(some_time() * 3));
    if (full.failed && !says_no_space(full.cause))
      log_.add("broken", {"a full disk is called: " + full.cause});
    if (options_.real_disk) return ok();
    disk_->repair();
    QUIRE_TRY(const Life again, live(some_time() / 2));
    if (!again.opened || again.failed)
      log_.add("broken", {"with space again the shard does not write: " + again.cause});
    return ok();
  }

  Status with_failing_call() {
    disk_.emplace();
    const std::uint64_t n = 1 + (chance(dice_, 40) ? roll(dice_, 60) : roll_magnitude(dice_, 3000));
    const auto failure = chance(dice_, 30) ? FaultDisk::Failure::no_space : FaultDisk::Failure::io_error;
    chance(dice_, 60) ? disk_->fail_call(n, failure) : disk_->fail_from_call(n, failure);
    const bool cut = chance(dice_, 40);
    QUIRE_TRY_STATUS(live(some_time(), [&] {
      if (cut) cut_power();
    }));
    if (cut) return boot();
    disk_->repair();
    return ok();
  }

  const RoundOptions& options_;
  EventLog& log_;
  Dice dice_;
  Mix mix_ = Mix::mixed;
  bool care_ = false;
  std::optional<FaultDisk> disk_;
  int lives_ = 0;
  bool cut_ = false;
};

}  // namespace

std::optional<Kind> kind_of(std::string_view name) {
  const auto found = std::find(kKinds.begin(), kKinds.end(), name);
  if (found == kKinds.end()) return std::nullopt;
  return static_cast<Kind>(found - kKinds.begin());
}

Status run_round(const RoundOptions& options) {
  QUIRE_TRY(const auto log, EventLog::open(options.log_path));
  log->add("round",
           {std::to_string(options.number), std::string(kKinds[static_cast<std::size_t>(options.kind)]),
            std::to_string(options.seed)});
  return RoundRun(options, *log).run();
}

}  // namespace quire::crash
