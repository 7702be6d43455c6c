#include "server/serve.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

#include "quire/quire.h"
#include "server/admin_key_file.h"
#include "server/daemon.h"
#include "server/free_memory.h"
#include "server/signals.h"
#include "server/start_rules.h"
#include "server/tuning.h"

namespace quire::server {

namespace {

using Print = std::function<void(const std::string&)>;

// Whether standard output ends in the journal of systemd, which keeps what it gets.
bool prints_into_journal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat out {};
  if (stream == nullptr || ::fstat(STDOUT_FILENO, &out) != 0) return false;
  return std::to_string(out.st_dev) + ":" + std::to_string(out.st_ino) == stream;
}

void print_key(std::optional<Secret> key, const Print& print) {
  if (!key) return;
  if (prints_into_journal()) {
    print("The administrator's key was made, and is not printed into a log. Stop the server and run");
    print("quire admin reset-key, as the server's user, to get one.");
    return;
  }
  print("The administrator's key, shown this once (quire admin reset-key makes another):");
  print("  " + std::string(key->reveal()));
  print(
      "Send it as a field of requests: Authorization: Bearer KEY. For quire itself, put it into $QUIRE_KEY.");
}

void print_banner(const Config& config, Daemon& daemon, const Print& print) {
  print("Quire " + std::string(v1::version()) + ", data in " + config.data);
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const Listener& listener = config.listeners[i];
    const std::string url = (config.has_tls() ? "https://" : "http://") + listener.authority(daemon.port(i));
    print("Listening on " + url + (listener.root ? " (key-value)" : ""));
  }
  if (config.dev) {
    print("*** DEVELOPMENT MODE: everybody who can connect may do everything. It ends after " +
          print_time(config.dev_time) + ". ***");
  }
  print_key(daemon.take_new_key(), print);
}

// Until a stop is asked for, or the time of a development server is over.
void wait_for_stop(const Config& config, Daemon& daemon, Signals& signals, Log& log) {
  const Clock& clock = system_clock();
  const SteadyTime end = clock.steady() + config.dev_time;
  for (;;) {
    std::chrono::milliseconds left = tuning::kGiveBackEvery;
    if (config.dev) {
      left = std::min(left, std::chrono::duration_cast<std::chrono::milliseconds>(end - clock.steady()));
      if (left.count() <= 0) {
        log.warning("the time of development mode is over", {{"setting", "dev-time"}});
        return;
      }
    }
    const auto event = signals.wait(left);
    if (event == Signals::Event::stop) return;
    if (event == Signals::Event::timeout) give_memory_back();
    if (event != Signals::Event::reload) continue;
    const Status reloaded = daemon.reload_certificates();
    if (reloaded) {
      log.info("read the certificates again");
    } else {
      log.error("the certificates of before stay", {{"cause", reloaded.error().to_string()}});
    }
  }
}

// False: requests that had begun were given up.
bool drain(Daemon& daemon, Signals& signals, Log& log) {
  log.info("stopping");
  bool all_answered = false;
  std::thread drainer([&] {
    all_answered = daemon.drain();
    signals.wake();
  });
  for (bool drained = false; !drained;) {
    const auto event = signals.wait(std::nullopt);
    drained = event == Signals::Event::woken;
    if (event != Signals::Event::stop) continue;
    log.info("stopping at once");
    signals.let_through();
    daemon.stop();
  }
  drainer.join();
  signals.let_through();
  return all_answered;
}

}  // namespace

Status serve(const Config& config, const Print& print,
             std::vector<const database::IndexHookFactory*> index_kinds) {
  QUIRE_TRY_STATUS(check_start(config, ::geteuid() == 0));
  confine_process();
  bound_kept_memory();
  QUIRE_TRY(Signals signals, Signals::take());
  const auto log = make_stderr_log(config.log_level, system_clock());
  warn_of(config, *log);
  QUIRE_TRY(auto daemon,
            Daemon::start(config, {system_clock(), system_random(), *log, std::move(index_kinds)}));
  print_banner(config, *daemon, print);
  wait_for_stop(config, *daemon, signals, *log);
  const bool all_answered = drain(*daemon, signals, *log);
  daemon.reset();
  log->info("stopped");
  if (all_answered) return ok();
  return Error(ErrorCode::cancelled, "requests that had begun were given up");
}

Status reset_admin_key(const std::string& data_directory, const Print& print) {
  confine_process();
  const auto executor = make_thread_pool(1);
  // Whoever opens the directory owns it.
  QUIRE_TRY(const auto catalog, database::Catalog::open(data_directory, {.create = false, .index_kinds = {}},
                                                        system_clock(), system_random(), *executor));
  const NewKey made = make_admin_key(system_random(), system_clock().wall_ms());
  QUIRE_TRY_STATUS(save_admin_key(data_directory, made.stored));
  print(std::string(made.text.reveal()));
  return ok();
}

}  // namespace quire::server
