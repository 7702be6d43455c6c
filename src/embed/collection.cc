#include <utility>

#include "embed/changes_of.h"
#include "embed/convert.h"
#include "embed/core.h"

QUIRE_NAMESPACE_BEGIN

namespace {

engine::CollectionAddress address_of(const std::string& database, const std::string& collection) {
  return {.database = {.name = database}, .collection = collection};
}

// A collection is made by its first put; until then it is empty rather than an error.
bool not_made_yet(const quire::Error& error) {
  return error.code() == quire::ErrorCode::not_found && error.field() == "collection";
}

engine::ListOptions list_options(const ListOptions& options) {
  return {.after = options.after,
          .before = options.before,
          .descending = options.descending,
          .include_deleted = false,
          .limit = options.limit};
}

}  // namespace

Collection::Collection(std::shared_ptr<Core> core, std::string database, std::string name)
    : core_(std::move(core)), database_(std::move(database)), name_(std::move(name)) {}

Result<Document> Collection::get(std::string_view id) const {
  if (!usable(*core_)) return forked();
  auto found =
      core_->node->documents().get(engine::Caller::admin(), {}, address_of(database_, name_), id, {});
  if (!found) return to_public(found.error());
  return DocumentAccess::make(id, *std::move(found));
}

Result<Document> Collection::get(std::string_view id, const GetOptions& options) const {
  if (!usable(*core_)) return forked();
  auto revision = parse_revision(options.revision);
  if (!revision) return to_public(revision.error());
  auto found =
      core_->node->documents().get(engine::Caller::admin(), {}, address_of(database_, name_), id,
                                   {.revision = *std::move(revision), .conflicts = options.conflicts});
  if (!found) return to_public(found.error());
  return DocumentAccess::make(id, *std::move(found));
}

Result<Written> Collection::write(Write::Kind kind, std::string_view id, std::string_view json,
                                  const WriteOptions& options) {
  if (!usable(*core_)) return forked();
  Write write;
  write.kind = kind;
  write.collection = name_;
  write.id = id;
  write.json = json;
  write.revision = options.revision;
  write.condition = options.condition;
  auto change = make_change(write);
  if (!change) return to_public(change.error());
  std::vector<engine::Change> changes;
  changes.push_back(*std::move(change));
  return only_row(write_and_wait(*core_, database_, std::move(changes),
                                 engine_options(*core_, options.durability, options.request_id, false)));
}

Result<Written> Collection::put(std::string_view json, const WriteOptions& options) {
  return write(Write::Kind::put, {}, json, options);
}

Result<Written> Collection::put(std::string_view id, std::string_view json, const WriteOptions& options) {
  if (id.empty()) return Error(ErrorCode::invalid, "the id is empty", "id");
  return write(Write::Kind::put, id, json, options);
}

Result<Written> Collection::update(std::string_view id, std::string_view change,
                                   const WriteOptions& options) {
  return write(Write::Kind::update, id, change, options);
}

Result<Written> Collection::remove(std::string_view id, const WriteOptions& options) {
  return write(Write::Kind::remove, id, {}, options);
}

Result<Page> Collection::list(const ListOptions& options) const {
  if (!usable(*core_)) return forked();
  Page page;
  const auto end = core_->node->documents().list(engine::Caller::admin(), {}, address_of(database_, name_),
                                                 list_options(options), [&](const engine::ListRow& row) {
                                                   page.documents.push_back(DocumentAccess::copy(row));
                                                   return true;
                                                 });
  if (end) page.more = end->more;
  if (!end && !not_made_yet(end.error())) return to_public(end.error());
  return page;
}

Status Collection::scan(const std::function<bool(const Document&)>& visit) const {
  if (!usable(*core_)) return forked();
  const auto end = core_->node->documents().list(
      engine::Caller::admin(), {}, address_of(database_, name_), {},
      [&](const engine::ListRow& row) { return visit(DocumentAccess::copy(row)); });
  if (!end && !not_made_yet(end.error())) return to_public(end.error());
  return {};
}

Result<std::uint64_t> Collection::count() const {
  if (!usable(*core_)) return forked();
  const auto count =
      core_->node->documents().count(engine::Caller::admin(), {}, address_of(database_, name_));
  if (count) return *count;
  if (not_made_yet(count.error())) return std::uint64_t{0};
  return to_public(count.error());
}

Result<Attachment> Collection::read_attachment(std::string_view id, std::string_view name,
                                               const std::function<bool(std::string_view)>& sink,
                                               std::uint64_t offset, std::uint64_t length) const {
  if (!usable(*core_)) return forked();
  const auto read = core_->node->documents().read_attachment(
      engine::Caller::admin(), {}, address_of(database_, name_), id, name, std::nullopt,
      {.offset = offset, .length = length}, sink);
  if (!read) return to_public(read.error());
  return to_public(*read);
}

// --- attachments

namespace {

Result<Written> set_attachment(Core& core, const std::string& database, const std::string& collection,
                               std::string_view id, std::string_view name,
                               std::optional<engine::Attachment> attachment, const WriteOptions& options) {
  auto expected = parse_revision(options.revision);
  if (!expected) return to_public(expected.error());
  return only_row(engine::wait<engine::WriteResult>([&](engine::Completion<engine::WriteResult> done) {
    engine::change_attachment(core.node->documents(), engine::Caller::admin(), {},
                              address_of(database, collection), id, *expected, name, std::move(attachment),
                              engine_options(core, options.durability, options.request_id, false),
                              std::move(done));
  }));
}

}  // namespace

struct AttachmentWriter::Impl {
  std::shared_ptr<Core> core;
  std::string database;
  std::string collection;
  std::string id;
  std::string name;
  std::string content_type;
  std::unique_ptr<engine::AttachmentWriter> writer;  // null once finished
};

AttachmentWriter::AttachmentWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AttachmentWriter::AttachmentWriter(AttachmentWriter&&) noexcept = default;
AttachmentWriter& AttachmentWriter::operator=(AttachmentWriter&&) noexcept = default;

AttachmentWriter::~AttachmentWriter() {
  // What it holds belongs to the parent process, threads included.
  if (impl_ && !usable(*impl_->core)) (void)impl_.release();
}

Status AttachmentWriter::write(std::string_view bytes) {
  if (!usable(*impl_->core)) return forked();
  if (!impl_->writer) return Error(ErrorCode::invalid, "the attachment is finished");
  return to_public(impl_->writer->write(bytes));
}

Result<Written> AttachmentWriter::finish(const WriteOptions& options) {
  if (!usable(*impl_->core)) return forked();
  if (!impl_->writer) return Error(ErrorCode::invalid, "the attachment is finished");
  auto attachment = impl_->writer->finish();
  impl_->writer.reset();
  if (!attachment) return to_public(attachment.error());
  attachment->content_type = impl_->content_type;
  return set_attachment(*impl_->core, impl_->database, impl_->collection, impl_->id, impl_->name,
                        *std::move(attachment), options);
}

Result<AttachmentWriter> Collection::write_attachment(std::string_view id, std::string_view name,
                                                      std::string_view content_type) {
  if (!usable(*core_)) return forked();
  auto writer =
      core_->node->documents().write_attachment(engine::Caller::admin(), {}, address_of(database_, name_));
  if (!writer) return to_public(writer.error());
  auto impl = std::make_unique<AttachmentWriter::Impl>();
  impl->core = core_;
  impl->database = database_;
  impl->collection = name_;
  impl->id = id;
  impl->name = name;
  impl->content_type = content_type;
  impl->writer = *std::move(writer);
  return AttachmentWriter(std::move(impl));
}

Result<Written> Collection::remove_attachment(std::string_view id, std::string_view name,
                                              const WriteOptions& options) {
  if (!usable(*core_)) return forked();
  return set_attachment(*core_, database_, name_, id, name, std::nullopt, options);
}

QUIRE_NAMESPACE_END
