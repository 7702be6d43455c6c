#include <charconv>
#include <utility>

#include "embed/convert.h"
#include "embed/core.h"
#include "engine/position.h"

QUIRE_NAMESPACE_BEGIN

struct Changes::Impl {
  std::shared_ptr<Core> core;
  std::string database;
  ChangesOptions options;
  Cancellation cancellation = Cancellation::make();

  engine::FeedPage page;
  std::size_t next_row = 0;
  bool loaded = false;        // `page` was read and its end is not passed yet
  engine::Position position;  // behind what was shown

  Change shown;
  std::string revision;

  Result<const Change*> next();
  const Change* show(const engine::FeedRow& row);
  quire::Status load();
  // False: the time was over.
  quire::Result<bool> wait();
};

const Change* Changes::Impl::show(const engine::FeedRow& row) {
  position = {.incarnation = page.next.incarnation, .sequence = row.sequence};
  revision.clear();
  if (row.revision) {
    char digits[20];
    revision.append(digits, std::to_chars(digits, digits + sizeof digits, row.revision.generation).ptr);
    revision.push_back('-');
    document::RevisionHash::Digits hash;
    revision.append(row.revision.hash.text_in(hash));
  }
  shown.sequence = row.sequence;
  shown.time_ms = row.time_ms;
  shown.operation = static_cast<Operation>(row.operation);
  shown.deleted = row.deleted;
  shown.collection = row.collection;
  shown.id = row.id;
  shown.body = row.body;
  shown.has_body = row.has_body;
  shown.revision = revision;
  return &shown;
}

quire::Status Changes::Impl::load() {
  const CallLimits limits{.deadline = std::nullopt, .cancellation = cancellation};
  QUIRE_TRY(page, core->node->feeds().read(engine::Caller::admin(), limits, {.name = database}, position,
                                           {.collection = options.collection,
                                            .current_only = options.current_only,
                                            .bodies = options.bodies}));
  loaded = true;
  next_row = 0;
  return quire::ok();
}

quire::Result<bool> Changes::Impl::wait() {
  CallLimits limits{.deadline = std::nullopt, .cancellation = cancellation};
  if (options.timeout) limits.deadline = system_clock().steady() + *options.timeout;
  const auto grown = engine::wait<engine::Position>([&](auto done) {
    core->node->feeds().wait(engine::Caller::admin(), limits, {.name = database}, position, std::move(done));
  });
  if (grown) return true;
  if (grown.error().code() == quire::ErrorCode::deadline) return false;
  return grown.error();
}

Result<const Change*> Changes::Impl::next() {
  for (;;) {
    if (next_row < page.rows.size()) return show(page.rows[next_row++]);
    if (loaded) position = page.next;
    const bool ended = loaded && page.at_end;
    loaded = false;
    if (ended) {
      if (!options.live) return static_cast<const Change*>(nullptr);
      const auto more = wait();
      if (!more) return to_public(more.error());
      if (!*more) return static_cast<const Change*>(nullptr);
    }
    if (auto status = load(); !status) return to_public(status.error());
  }
}

Changes::Changes(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Changes::Changes(Changes&&) noexcept = default;
Changes& Changes::operator=(Changes&&) noexcept = default;
Changes::~Changes() = default;

Result<const Change*> Changes::next() {
  if (!usable(*impl_->core)) return forked();
  return impl_->next();
}

std::string Changes::position() const { return engine::to_string(impl_->position); }

void Changes::stop() { impl_->cancellation.cancel(); }

Result<Changes> Database::changes(const ChangesOptions& options) const {
  if (!usable(*core_)) return forked();
  const auto since = engine::parse_position(options.since);
  if (!since) return to_public(since.error());
  auto impl = std::make_unique<Changes::Impl>();
  impl->core = core_;
  impl->database = name_;
  impl->options = options;
  impl->position = *since;
  return Changes(std::move(impl));
}

QUIRE_NAMESPACE_END
