#include "server/serve.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

#include "quire/quire.h"
#include "server/daemon.h"
#include "server/signals.h"
#include "server/start_rules.h"
#include "server/tuning.h"

#ifdef QUIRE_JEMALLOC
// jemalloc, which every program that serves is linked with, reads this as it starts. Freed pages go back to
// the system within a second, by a thread of its own, so that one moment of large requests does not cost
// their memory for good: a page that is wanted again costs less than a microsecond. Two heaps, not four for
// each processor: every thread keeps small blocks of its own anyway, and what is free in one heap is of no
// use to another.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,narenas:2";
}
#endif

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

void print_admin(const std::optional<access::Access::FirstAdmin>& admin, const Print& print) {
  if (!admin) return;
  if (prints_into_journal()) {
    print(
        "An administrator was made, and its password and key are not printed into a log. Stop the server "
        "and");
    print("run quire admin reset-password, as the server's user, to get others.");
    return;
  }
  print("An administrator was made; shown this once (quire admin reset-password makes others):");
  print("  user     " + admin->user.name);
  print("  password " + std::string(admin->password.reveal()));
  print("  key      " + std::string(admin->key.text.reveal()));
  print(
      "Send the key as a field of requests: Authorization: Bearer KEY. For quire itself, put it into "
      "$QUIRE_KEY.");
}

void print_banner(const Config& config, Daemon& daemon, const Print& print) {
  print("Quire " + std::string(v1::version()) + ", data in " + config.data);
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const Listener& listener = config.listeners[i];
    const std::string url = (config.has_tls() ? "https://" : "http://") + listener.authority(daemon.port(i));
    print("Listening on " + url +
          (!listener.root                          ? ""
           : *listener.root == api::Surface::kv    ? " (key-value)"
           : *listener.root == api::Surface::couch ? " (CouchDB)"
                                                   : " (actions)"));
  }
  if (config.dev) {
    print("*** DEVELOPMENT MODE: everybody who can connect may do everything. It ends after " +
          print_time(config.dev_time) + ". ***");
  }
  print_admin(daemon.take_new_admin(), print);
}

// Until a stop is asked for, or the time of a development server is over.
void wait_for_stop(const Config& config, Daemon& daemon, Signals& signals, Log& log) {
  const Clock& clock = system_clock();
  const SteadyTime end = clock.steady() + config.dev_time;
  for (;;) {
    std::optional<std::chrono::milliseconds> left;
    if (config.dev) {
      left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock.steady());
      if (left->count() <= 0) {
        log.warning("the time of development mode is over", {{"setting", "dev-time"}});
        return;
      }
    }
    const auto event = signals.wait(left);
    if (event == Signals::Event::stop) return;
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

}  // namespace quire::server
