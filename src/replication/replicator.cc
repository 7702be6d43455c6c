#include "replication/replicator.h"

#include <utility>

#include "replication/replication_run.h"

namespace quire::replication {

class Replicator::Impl final : public ReplicationRun {
 public:
  using ReplicationRun::ReplicationRun;
};

Replicator::Replicator(const ReplicatorParts& parts, std::shared_ptr<Source> source,
                       std::shared_ptr<Target> target, ReplicatorOptions options)
    : impl_(std::make_shared<Impl>(parts, std::move(source), std::move(target), std::move(options))) {}

Replicator::~Replicator() { impl_->let_go(); }

void Replicator::start(Completion<Progress> done) { impl_->start(std::move(done)); }
void Replicator::cancel() { impl_->cancel(); }
Progress Replicator::progress() const { return impl_->progress(); }
void Replicator::watch(std::chrono::milliseconds every, std::function<void(const Progress&)> watcher) {
  impl_->watch(every, std::move(watcher));
}

}  // namespace quire::replication
