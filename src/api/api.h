#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/surface.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/random.h"
#include "engine/accounts.h"
#include "engine/caller.h"
#include "engine/catalog.h"
#include "engine/change_streams.h"
#include "engine/checkpoints.h"
#include "engine/documents.h"
#include "engine/feeds.h"
#include "engine/queries.h"
#include "engine/replications.h"
#include "engine/revisions.h"
#include "engine/schemas.h"
#include "engine/transactions.h"
#include "net/exchange.h"

namespace quire::api {

namespace kv {
class Storage;
}

// Fields of every answer, for net::ServerOptions: whole lines. What Quire answers is data, which nobody on
// the way keeps, no browser takes for a page, and no link out of it betrays.
inline constexpr std::string_view kCommonFields =
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";

// Where the key-value surface keeps its records, and what it says of itself.
struct KvOptions {
  std::string database = "main";
  std::string collection = "kv";
  std::shared_ptr<kv::Storage> storage;  // none: the collection of the database above
  std::string hostname = "localhost";
  std::uint16_t port = 0;                // 0: that of the listener that was asked
  std::uint32_t max_key_length = 64;     // keys are shorter, in code points
  std::uint32_t max_value_length = 256;  // values are
};

// A listener that serves a surface at its root, beside the prefixes.
struct Root {
  std::uint32_t listener = 0;
  Surface surface = Surface::kv;  // or actions, or couch
  KvOptions kv;                   // of kv
};

struct Options {
  std::string version;  // of the program; shown to who may see the node
  bool open = false;    // whoever shows no identity may do everything: for development, on loopback
  KvOptions kv;         // of the prefix /kv
  std::vector<Root> roots;
  std::vector<std::string> origins;  // of pages, besides its own, that may use it: "https://app.example"
  std::string backups;               // the folder in which backups are made; empty: none are

  std::uint64_t body_bytes = 8 << 20;           // of a request that is taken whole
  std::uint64_t bulk_bytes = 64 << 20;          // of documents in lines
  std::uint64_t attachment_bytes = 1ULL << 30;  // of one attachment
  std::uint64_t import_bytes = 1ULL << 40;      // of one import; each record is bounded by itself
  std::uint32_t waiting_calls = 4096;           // that wait for a worker; past it: 503
  std::uint32_t streams = 256;                  // under way and waiting; past it: 503
  std::uint32_t feeds = 10'000;                 // followed or waited for; past it: 503
  std::uint32_t feeds_each = 1000;              // of one account; past it: 429

  std::function<Status()> ready;         // what /readyz says, without waiting; none: ready
  std::function<std::string()> metrics;  // what /metrics shows, in Prometheus' text format; none: 404
};

// What the surfaces stand on. All of it outlives the Api.
struct Parts {
  engine::Documents& documents;
  engine::Queries& queries;
  engine::Transactions& transactions;
  engine::Schemas& schemas;
  engine::Feeds& feeds;
  engine::Revisions& revisions;
  engine::Checkpoints& checkpoints;
  engine::ChangeStreams& change_streams;
  engine::Catalog& catalog;
  engine::Accounts& accounts;
  // Neither of the two is the engine's own executor, since calls wait on them for what the engine does there.
  Executor& workers;  // calls that may wait for the disk, briefly; a few threads
  Executor& streams;  // listings, imports, exports and attachments; a few threads, for while their clients
                      // are slow they hold none
  // What takes a password, which keeps a core busy for tens of milliseconds: as many threads as may hash at
  // once.
  Executor& passwords;
  const Clock& clock;
  Random& random;
  Log& log;
  // Null where the node runs none.
  engine::Replications* replications = nullptr;
};

// All surfaces, as the service behind a net::Server: finds the route, refuses what the route does not allow,
// establishes the caller, and has the route's handler answer. Thread-safe. Outlives the server; it is
// destroyed when every exchange has been answered.
class Api final : public net::Service {
 public:
  Api(const Parts& parts, const Options& options);
  ~Api() override;

  net::Plan plan(const net::RequestHead& request) override;
  void handle(net::Exchange& exchange) override;
  net::Response refuse(const net::RequestHead* request, unsigned status, const Error& error) override;

  // Where a listener listens; told once it is known.
  void listening(std::uint32_t listener, std::uint16_t port);

  // Answers a path that no route has, until it is removed. Called on a connection's thread with the body
  // buffered; must answer the exchange and not block. Whoever calls it must show an identity, unless the
  // options are open, and be no page of another origin. Errors: exists (a route or handler has the path),
  // invalid (a path without "/" at its start).
  using Handler = std::function<void(net::Exchange&, const engine::Caller&)>;
  Status add_handler(net::Method method, std::string_view path, Handler handler);
  // Errors: not_found. A call that has begun may still be under way.
  Status remove_handler(net::Method method, std::string_view path);

  // The route of a plan, as metrics call it: "rest.documents.get"; "none" where no route was found.
  static std::string_view route_name(std::uint32_t route);

  // Ends the feeds that are followed, and begins no more: before a server is drained.
  void end_feeds();

 private:
  class Doors;
  const std::unique_ptr<Doors> doors_;
};

}  // namespace quire::api
