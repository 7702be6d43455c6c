#include "net/server.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/listener.h"
#include "net/worker.h"

namespace quire::net {

namespace {

// At most this long; then the wait is asked again.
constexpr std::chrono::hours kLongestWait{24};

class HttpServer final : public Server {
 public:
  HttpServer(const ServerOptions& options, Service& service, Events& events, const Clock& clock, Log& log)
      : shared_(options, service, events, clock, log) {}

  ~HttpServer() override { stop(); }

  Status start() {
    const auto& listeners = shared_.options.listeners;
    for (std::uint32_t i = 0; i < listeners.size(); ++i) {
      QUIRE_TRY(auto listener, Listener::make(listeners[i], i, shared_));
      listeners_.push_back(std::move(listener));
    }
    unsigned threads = shared_.options.threads;
    if (threads == 0) threads = usable_cores();
    for (unsigned i = 0; i < threads; ++i) {
      QUIRE_TRY(auto loop, Loop::make(shared_.clock));
      workers_.push_back(std::make_unique<Worker>(shared_, std::move(loop)));
    }
    for (const auto& listener : listeners_) {
      QUIRE_TRY_STATUS(listener->start(workers_.front()->loop(), workers_));
    }
    for (const auto& worker : workers_) threads_.emplace_back([&worker = *worker] { worker.run(); });
    tell(true);
    return ok();
  }

  std::uint16_t port(std::size_t listener) const override { return listeners_.at(listener)->port(); }
  std::size_t connections() const override { return shared_.counts.total(); }

  Status reload_certificates() override {
    for (const auto& listener : listeners_) QUIRE_TRY_STATUS(listener->reload());
    return ok();
  }

  bool drain(std::chrono::milliseconds time) override {
    stop_listening();
    for (const auto& worker : workers_) worker->drain();
    const bool all = wait_for_connections(std::min<std::chrono::milliseconds>(time, kLongestWait));
    stop();
    return all;
  }

  void stop() override {
    const std::lock_guard lock(stopping_);
    if (threads_.empty()) return;
    stop_listening();
    for (const auto& worker : workers_) worker->stop();
    while (!wait_for_connections(kLongestWait)) {
    }
    for (const auto& worker : workers_) worker->loop().stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    tell(false);
  }

 private:
  // Returns when no listener takes anything more.
  void stop_listening() {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    workers_.front()->loop().post([&] {
      for (const auto& listener : listeners_) listener->stop();
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&done] { return done; });
  }

  // Whether none is left before the time is over.
  bool wait_for_connections(std::chrono::milliseconds time) {
    std::unique_lock lock(shared_.mutex);
    return shared_.none_left.wait_for(lock, time, [this] { return shared_.counts.total() == 0; });
  }

  void tell(bool listening) {
    const auto watchers = shared_.events.list();
    for (const auto& [id, observer] : *watchers) {
      for (const auto& listener : listeners_) {
        if (listening) observer->on_connect(listener->address(), listener->port());
      }
      if (!listening) observer->on_disconnect({});
    }
  }

  Shared shared_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Listener>> listeners_;  // destroyed before the workers that they know
  std::mutex stopping_;
  std::vector<std::thread> threads_;  // guarded by stopping_ once the server has started
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Service& service, Events& events,
                                              const Clock& clock, Log& log) {
  auto server = std::make_unique<HttpServer>(options, service, events, clock, log);
  QUIRE_TRY_STATUS(server->start());
  return Result<std::unique_ptr<Server>>(std::move(server));
}

}  // namespace quire::net
