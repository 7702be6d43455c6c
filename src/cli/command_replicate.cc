#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "api/couch/indexed_documents.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/place.h"
#include "cli/text.h"
#include "cli/tuning.h"
#include "embed/core.h"
#include "engine/local_replica.h"
#include "replication/replicator.h"
#include "server/peers.h"

namespace quire::cli {

namespace {

using replication::PeerAddress;
using replication::Replicator;
using replication::RunState;
using replication::Side;

// One direction of it.
struct Direction {
  std::unique_ptr<Replicator> replicator;
  std::optional<Result<replication::Progress>> end;  // guarded by the command's mutex
};

class Replicate final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.positional("source", source_, "where from: a database of --data, or an address");
    arguments.positional("target", target_, "where to: the same");
    place_.define_data(arguments);
    arguments.flag("--continuous", continuous_, "go on when all is moved, until interrupted");
    arguments.flag("--both", both_, "from the target to the source too");
    arguments.values("--id", ids_, false, "", "only this document; may be given more than once");
    place_.define_collection(arguments, "only documents of this collection (default: all)");
    arguments.option("--filter", filter_, "only documents that this filter matches, as JSON");
    arguments.option("--source-key", source_key_,
                     "a file with the key that the source is shown (default: $QUIRE_KEY)");
    arguments.option("--target-key", target_key_, "the same of the target");
  }

  Status run() override {
    replication::ReplicatorOptions options;
    options.continuous = continuous_;
    QUIRE_TRY(options.scope, replication::Scope::make(ids_, place_.collection, filter_));
    workers_ = make_thread_pool(tuning::kReplicationThreads);
    executor_ = make_thread_pool(1);
    server::Peers peers(system_clock(), system_random(), std::nullopt);
    QUIRE_TRY(const Side source, side(peers, source_, source_key_));
    QUIRE_TRY(const Side target, side(peers, target_, target_key_));
    take_interrupts();
    begin(directions_[0], source.source, target.target, options);
    if (both_) begin(directions_[1], target.source, source.target, options);
    watch();
    return report();
  }

  // What they use ends behind them; the opened directory may still post to the workers while it ends.
  ~Replicate() override {
    for (Direction& direction : directions_) direction.replicator.reset();
    executor_.reset();
    if (workers_) workers_->join();
  }

 private:
  Result<Side> side(const server::Peers& peers, const std::string& text, const std::string& key_file) {
    if (!PeerAddress::looks_like(text)) return local(text);
    QUIRE_TRY(PeerAddress address, PeerAddress::parse(text));
    QUIRE_TRY(const Secret key, key_of(key_file, address.quire));
    if (!key.empty()) address.authorization = Secret("Bearer " + std::string(key.reveal()));
    return peers.open(std::move(address));
  }

  // The variable is about Quires only: another server is not shown what was meant for one.
  static Result<Secret> key_of(const std::string& file_name, bool quire) {
    constexpr std::uint64_t kLargestKey = 4096;
    std::string text;
    if (!file_name.empty()) {
      FileSource file;
      QUIRE_TRY_STATUS(file.open(file_name));
      QUIRE_TRY(text, file.read_all(kLargestKey));
    } else if (const char* const variable = std::getenv("QUIRE_KEY"); quire && variable != nullptr) {
      text = variable;
    }
    while (!text.empty() && text.back() <= ' ') text.pop_back();
    return Secret(text);
  }

  Result<Side> local(const std::string& name) {
    if (!core_) {
      QUIRE_TRY(core_, v1::open_core(place_.data_directory(), {}));
      documents_ =
          std::make_unique<api::couch::IndexedDocuments>(core_->node->documents(), core_->node->queries());
    }
    auto& node = *core_->node;
    const engine::DatabaseAddress address{.name = name};
    const auto statistics = [&] {
      return engine::wait<engine::DatabaseStatistics>(
          [&](auto done) { node.catalog().statistics(caller_, {}, address, std::move(done)); });
    };
    auto found = statistics();
    if (!found && found.error().code() == ErrorCode::not_found) {
      QUIRE_TRY_STATUS(engine::wait<engine::DatabaseDescription>(
          [&](auto done) { node.catalog().create_database(caller_, {}, address, {}, std::move(done)); }));
      found = statistics();
    }
    if (!found) return std::move(found).error();
    return Side::of(std::make_shared<engine::LocalReplica>(
        engine::ReplicaParts{*documents_, node.feeds(), node.catalog(), node.revisions(), node.checkpoints(),
                             system_clock(), *workers_},
        caller_, found->database.id, name, ""));
  }

  void begin(Direction& direction, std::shared_ptr<replication::Source> source,
             std::shared_ptr<replication::Target> target, const replication::ReplicatorOptions& options) {
    direction.replicator = std::make_unique<Replicator>(
        replication::ReplicatorParts{system_clock(), system_random(), *executor_}, std::move(source),
        std::move(target), options);
    direction.replicator->start([this, &direction](Result<replication::Progress> end) {
      const std::lock_guard lock(mutex_);
      direction.end.emplace(std::move(end));
      ended_.notify_all();
    });
  }

  bool over() const {
    for (const Direction& direction : directions_) {
      if (direction.replicator && !direction.end) return false;
    }
    return true;
  }

  void watch() {
    constexpr std::chrono::milliseconds kEvery{200};
    const bool on_terminal = ::isatty(STDERR_FILENO) == 1;
    bool cancelled = false;
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, kEvery, [this] { return over(); })) {
      lock.unlock();
      if (interrupted() && !std::exchange(cancelled, true)) {
        for (Direction& direction : directions_) {
          if (direction.replicator) direction.replicator->cancel();
        }
      }
      if (on_terminal) show();
      lock.lock();
    }
    if (on_terminal) std::fprintf(stderr, "\r\033[K");
  }

  void show() {
    std::string line;
    for (const Direction& direction : directions_) {
      if (!direction.replicator) continue;
      const auto progress = direction.replicator->progress();
      if (!line.empty()) line += "   back: ";
      line += std::string(name(progress.state)) + "  " + counted(progress.documents_written, "revision") +
              "  " + readable_bytes(progress.bytes_read + progress.attachment_bytes);
      if (progress.pending && *progress.pending != 0)
        line += "  " + grouped(*progress.pending) + " to look at";
      if (progress.failures != 0) line += "  " + counted(progress.failures, "failure");
      if (progress.last_error) line += "  " + progress.last_error->to_string();
    }
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
  }

  Status report() {
    Status status = ok();
    for (const Direction& direction : directions_) {
      if (!direction.replicator) continue;
      const auto progress = direction.replicator->progress();
      std::printf(
          "%s: %s written, %s looked at, %s, %s of attachments\n", std::string(name(progress.state)).c_str(),
          counted(progress.documents_written, "revision").c_str(),
          counted(progress.changes_read, "change").c_str(), counted(progress.failures, "failure").c_str(),
          readable_bytes(progress.attachment_bytes).c_str());
      for (const auto& failure : progress.failed) {
        std::fprintf(stderr, "quire: %s %s: %s\n", failure.name.id.c_str(),
                     failure.revision.to_string().c_str(), failure.error.to_string().c_str());
      }
      const bool stopped = !*direction.end && direction.end->error().code() == ErrorCode::cancelled;
      if (!*direction.end && !stopped) status = direction.end->error();
      if (status && progress.failures != 0) {
        status = Error(ErrorCode::invalid, counted(progress.failures, "revision") + " could not be moved");
      }
    }
    return status;
  }

  Place place_;
  std::string source_;
  std::string target_;
  std::string filter_;
  std::string source_key_;
  std::string target_key_;
  std::vector<std::string> ids_;
  bool continuous_ = false;
  bool both_ = false;

  const engine::Caller caller_ = engine::Caller::admin();
  std::unique_ptr<ThreadPool> workers_;
  std::shared_ptr<v1::Core> core_;
  std::unique_ptr<api::couch::IndexedDocuments> documents_;  // of the core's node
  std::unique_ptr<Executor> executor_;
  std::mutex mutex_;
  std::condition_variable ended_;
  Direction directions_[2];
};

}  // namespace

std::unique_ptr<Command> make_replicate() { return std::make_unique<Replicate>(); }

}  // namespace quire::cli
