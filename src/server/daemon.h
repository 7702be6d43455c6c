#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/access.h"
#include "api/api.h"
#include "api/couch/indexed_documents.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/random.h"
#include "database/catalog.h"
#include "engine/local_node.h"
#include "engine/local_replications.h"
#include "net/server.h"
#include "query/schema_rule.h"
#include "server/config.h"
#include "server/metrics_text.h"
#include "server/peers.h"
#include "server/request_metrics.h"

namespace quire::server {

// A server over one data directory: started, drained, stopped. Everything is wired here, and nothing is kept
// outside of it, so that tests run several in one process. Thread-safe unless a method says otherwise.
class Daemon {
 public:
  // What the daemon is handed; all of it outlives it.
  struct Parts {
    const Clock& clock;
    Random& random;
    Log& log;
    std::vector<const database::IndexHookFactory*> index_kinds{};  // that databases may have
  };

  // Opens the directory, listens, and makes an administrator where there is none. Returns as soon as
  // that is done; databases are opened behind it, which ready() tells of. Errors: locked (another process has
  // the directory), unavailable (an address is taken), invalid, corrupt, io.
  static Result<std::unique_ptr<Daemon>> start(const Config& config, const Parts& parts);
  // Closes everything in order: listeners, what is under way, databases. Stops at once where nobody drained
  // or stopped it before.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Of the configuration's listener.
  std::uint16_t port(std::size_t listener) const { return server_->port(listener); }
  // The administrator that this start has made, once; not thread-safe.
  std::optional<access::Access::FirstAdmin> take_new_admin() {
    return std::exchange(new_admin_, std::nullopt);
  }

  // Ok once `main` is open. Errors: unavailable (not yet, or it cannot be opened).
  Status ready() const;
  // Prometheus' text.
  std::string metrics() const;
  // Errors: invalid, io; the certificates of before stay.
  Status reload_certificates() { return server_->reload_certificates(); }

  // Takes no new connections and answers what has begun, for as long as the configuration says. False: some
  // was given up.
  bool drain();
  // Closes all connections now; also while another thread drains.
  void stop();

  // Requests under way are looked on by these, too.
  net::Events& events() { return events_; }
  // For handlers that a program adds.
  api::Api& surfaces() { return *api_; }

 private:
  Daemon(const Config& config, const Parts& parts) : config_(config), parts_(parts) {}
  Status open_node();
  Status make_first_admin();
  Status make_surfaces();
  Status make_replications();
  Status listen();
  void open_main();
  NodeFigures figures() const;

  enum class State : std::uint8_t { starting, ready, failed };

  const Config config_;
  const Parts parts_;
  const WallMs started_ms_ = parts_.clock.wall_ms();
  std::atomic<State> state_{State::starting};
  std::atomic<bool> stopped_{false};
  std::optional<access::Access::FirstAdmin> new_admin_;

  // Everything below ends in the other order than it stands in. The engine's executor may be about to return
  // from handing a worker the answer to a wait, so the workers, which use the node, are joined before it ends
  // and destroyed behind it.
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<ThreadPool> workers_;
  std::unique_ptr<ThreadPool> streams_;
  std::unique_ptr<ThreadPool> passwords_;
  const query::SchemaRules schema_rules_{parts_.clock, &parts_.log};
  std::unique_ptr<Executor> executor_;    // the engine's
  database::Catalog* catalog_ = nullptr;  // the node's, as is the next
  access::Access* access_ = nullptr;
  std::unique_ptr<engine::LocalNode> node_;
  std::unique_ptr<api::couch::IndexedDocuments> documents_;
  net::Events events_;
  std::shared_ptr<RequestMetrics> requests_;
  // Their ends come before the workers are joined, and the replications' before the network's.
  std::unique_ptr<Peers> peers_;
  std::unique_ptr<engine::LocalReplications> replications_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace quire::server
