#include "server/daemon.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "engine/index_kinds.h"
#include "quire/quire.h"
#include "server/process_figures.h"
#include "server/request_log.h"
#include "server/start_rules.h"
#include "server/tuning.h"

namespace quire::server {

namespace {

unsigned engine_threads() { return std::min(usable_cores(), tuning::kMostEngineThreads); }

DatabaseFigures figures_of(const database::DatabaseInfo& info, database::Shard& shard) {
  const auto files = shard.store().stats();
  DatabaseFigures figures{.id = info.id,
                          .name = info.owner.empty() ? info.name : info.owner + ":" + info.name,
                          .changes = shard.position().sequence,
                          .documents = 0,
                          .disk_bytes = files.disk_bytes,
                          .log_bytes = files.log_bytes,
                          .memory_bytes = files.memory_bytes,
                          .takes_writes = shard.health().has_value()};
  for (const auto& collection : shard.collections().list()) figures.documents += collection.counts.documents;
  return figures;
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::start(const Config& config, const Parts& parts) {
  std::unique_ptr<Daemon> daemon(new Daemon(config, parts));
  QUIRE_TRY_STATUS(daemon->open_node());
  QUIRE_TRY_STATUS(daemon->make_surfaces());
  QUIRE_TRY_STATUS(daemon->listen());
  // Only now, so that a password that nobody will see is not stored by a start that fails.
  QUIRE_TRY_STATUS(daemon->make_first_admin());
  daemon->replications_->start();
  daemon->workers_->post([self = daemon.get()] { self->open_main(); });
  return daemon;
}

Daemon::~Daemon() {
  if (api_) api_->end_feeds();
  server_.reset();
  replications_.reset();
  peers_.reset();
  // In this order, for each may post to the next.
  for (ThreadPool* const pool : {passwords_.get(), streams_.get(), workers_.get()}) {
    if (pool != nullptr) pool->join();
  }
}

Status Daemon::open_node() {
  QUIRE_TRY_STATUS(own_directory(config_.data));
  executor_ = make_thread_pool(engine_threads());
  database::CatalogOptions options;
  options.memory_bytes = config_.memory_bytes;
  options.document_cache_bytes = config_.document_cache_bytes;
  options.idle_close = config_.idle_close;
  options.index_kinds = engine::index_kinds();
  options.index_kinds.insert(options.index_kinds.end(), parts_.index_kinds.begin(), parts_.index_kinds.end());
  options.rule_kinds = {&schema_rules_};
  QUIRE_TRY(auto catalog,
            database::Catalog::open(config_.data, options, parts_.clock, parts_.random, *executor_));
  catalog_ = catalog.get();
  QUIRE_TRY(auto access,
            access::Access::open(*catalog, config_.accounts, parts_.clock, parts_.random, *executor_));
  access_ = access.get();
  engine::QueryOptions queries = config_.queries;
  queries.log = &parts_.log;
  QUIRE_TRY_STATUS(engine::prepare_query_files(config_.data, queries));
  node_ = std::make_unique<engine::LocalNode>(std::move(catalog), std::move(access), config_.accounts,
                                              parts_.clock, *executor_, queries);
  documents_ = std::make_unique<api::couch::IndexedDocuments>(node_->documents(), node_->queries());
  return ok();
}

Status Daemon::make_first_admin() {
  QUIRE_TRY(new_admin_, access_->make_first_admin());
  if (new_admin_) parts_.log.info("the administrator was made", {{"user", new_admin_->user.id}});
  return ok();
}

Status Daemon::make_replications() {
  QUIRE_TRY(net::AddressRule rule, address_rule(config_.replication_networks));
  peers_ = std::make_unique<Peers>(parts_.clock, parts_.random, std::move(rule));
  engine::LocalReplications::Parts parts{
      .databases = *catalog_,
      .replica = {*documents_, node_->feeds(), node_->catalog(), node_->revisions(), node_->checkpoints(),
                  parts_.clock, *workers_},
      .random = parts_.random,
      .executor = *executor_,
      .peers = [peers = peers_.get()](replication::PeerAddress address) {
        return peers->open(std::move(address));
      }};
  QUIRE_TRY(replications_, engine::LocalReplications::open(std::move(parts)));
  return ok();
}

Status Daemon::make_surfaces() {
  workers_ = make_thread_pool(static_cast<unsigned>(config_.workers));
  streams_ = make_thread_pool(static_cast<unsigned>(config_.stream_threads));
  passwords_ = make_thread_pool(config_.accounts.hashes_at_once);
  QUIRE_TRY_STATUS(make_replications());
  api::Options options;
  options.version = v1::version();
  options.open = config_.dev;
  options.backups = config_.backups;
  options.origins = config_.origins;
  options.kv = config_.kv;
  for (std::uint32_t i = 0; i < config_.listeners.size(); ++i) {
    if (const auto root = config_.listeners[i].root) options.roots.push_back({i, *root, config_.kv});
  }
  options.body_bytes = config_.body_bytes;
  options.attachment_bytes = config_.attachment_bytes;
  options.waiting_calls = static_cast<std::uint32_t>(config_.waiting_calls);
  options.streams = static_cast<std::uint32_t>(config_.streams);
  options.feeds = static_cast<std::uint32_t>(config_.feeds);
  options.feeds_each = config_.accounts.feeds_each;
  options.ready = [this] { return ready(); };
  options.metrics = [this] { return metrics(); };
  api_ = std::make_unique<api::Api>(api::Parts{.documents = *documents_,
                                               .queries = node_->queries(),
                                               .transactions = node_->transactions(),
                                               .schemas = node_->schemas(),
                                               .feeds = node_->feeds(),
                                               .revisions = node_->revisions(),
                                               .checkpoints = node_->checkpoints(),
                                               .change_streams = node_->change_streams(),
                                               .catalog = node_->catalog(),
                                               .accounts = *node_->accounts(),
                                               .workers = *workers_,
                                               .streams = *streams_,
                                               .passwords = *passwords_,
                                               .clock = parts_.clock,
                                               .random = parts_.random,
                                               .log = parts_.log,
                                               .replications = replications_.get()},
                                    options);
  return ok();
}

Status Daemon::listen() {
  requests_ = std::make_shared<RequestMetrics>();
  events_.add(requests_);
  events_.add(std::make_shared<RequestLog>(parts_.log, &api::Api::route_name));
  net::ServerOptions options;
  for (const Listener& listener : config_.listeners) {
    net::ListenerOptions one{.address = listener.address, .port = listener.port, .tls = {}};
    if (config_.has_tls()) {
      one.tls = net::TlsOptions{.certificate_file = config_.tls_certificate,
                                .key_file = config_.tls_key,
                                .allow_tls12 = config_.tls_allow_12};
    }
    options.listeners.push_back(std::move(one));
  }
  options.threads = static_cast<unsigned>(config_.threads);
  options.hosts = config_.hosts;
  options.common_fields = api::kCommonFields;
  options.limits = config_.limits;
  QUIRE_TRY(server_, net::Server::start(options, *api_, events_, parts_.clock, parts_.log));
  for (std::uint32_t i = 0; i < config_.listeners.size(); ++i) api_->listening(i, server_->port(i));
  return ok();
}

void Daemon::open_main() {
  const auto open = [this]() -> Status {
    QUIRE_TRY(const auto main, catalog_->find("main"));
    QUIRE_TRY_STATUS(catalog_->use(main.id));
    return ok();
  };
  const Status opened = open();
  state_.store(opened ? State::ready : State::failed, std::memory_order_release);
  if (opened) {
    parts_.log.info("ready");
  } else {
    parts_.log.error("the database main cannot be opened", {{"cause", opened.error().to_string()}});
  }
}

Status Daemon::ready() const {
  switch (state_.load(std::memory_order_acquire)) {
    case State::ready: return ok();
    case State::starting: return Error(ErrorCode::unavailable, "databases are being opened");
    case State::failed: break;
  }
  return Error(ErrorCode::unavailable, "the database main cannot be opened; the log says why");
}

NodeFigures Daemon::figures() const {
  NodeFigures figures;
  figures.connections = server_ ? server_->connections() : 0;
  figures.databases = catalog_->list().size();
  figures.memory_used = catalog_->memory_used();
  figures.memory_limit = config_.memory_bytes;
  figures.document_cache = catalog_->document_cache_used();
  const auto looks = catalog_->document_cache_looks();
  figures.document_hits = looks.hits;
  figures.document_misses = looks.misses;
  figures.schema_refused = schema_rules_.figures().refused;
  figures.schema_warned = schema_rules_.figures().warned;
  figures.resident_bytes = resident_bytes();
  figures.disk_free = free_disk_bytes(config_.data);
  figures.started_ms = started_ms_;
  figures.ready = ready().has_value();
  catalog_->each_open([&](const database::DatabaseInfo& info, database::Shard& shard) {
    figures.open.push_back(figures_of(info, shard));
  });
  return figures;
}

std::string Daemon::metrics() const {
  return metrics_text(figures(), requests_->routes(), &api::Api::route_name);
}

bool Daemon::drain() {
  api_->end_feeds();
  // A stop meanwhile leaves nothing to wait for either.
  return server_->drain(config_.drain_time) && !stopped_.load();
}

void Daemon::stop() {
  stopped_.store(true);
  api_->end_feeds();
  server_->stop();
}

}  // namespace quire::server
