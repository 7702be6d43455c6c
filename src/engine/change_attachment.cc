#include <algorithm>
#include <memory>

#include "engine/documents.h"
#include "engine/tuning.h"

// An attachment is a part of its document's revision, so changing one is reading the document and writing it
// again with another list, at the revision that was read. Where the document moves in between and the caller
// named no revision, this starts over.

namespace quire::engine {

namespace {

class AttachmentChange : public std::enable_shared_from_this<AttachmentChange> {
 public:
  AttachmentChange(Documents& documents, const Caller& caller, const CallLimits& limits,
                   const CollectionAddress& address, std::string_view id,
                   const std::optional<document::Revision>& expected, std::string_view name,
                   std::optional<Attachment> attachment, const WriteOptions& options,
                   Completion<WriteResult> done)
      : documents_(documents),
        caller_(caller),
        limits_(limits),
        database_(address.database.name),
        owner_(address.database.owner),
        collection_(address.collection),
        id_(id),
        expected_(expected),
        name_(name),
        attachment_(std::move(attachment)),
        options_(options),
        done_(std::move(done)) {}

  void read() {
    documents_.get(caller_, limits_, address(), id_, {.revision = expected_},
                   [self = shared_from_this()](Result<Document> found) {
                     if (!found) return self->done_(std::move(found).error());
                     self->write(*found);
                   });
  }

 private:
  CollectionAddress address() const {
    return {.database = {.name = database_, .owner = owner_}, .collection = collection_};
  }

  Result<std::vector<Attachment>> new_list(const Document& found) const {
    QUIRE_TRY(std::vector<Attachment> list, attachments_of(found));
    const auto place =
        std::find_if(list.begin(), list.end(), [&](const Attachment& one) { return one.name == name_; });
    if (!attachment_ && place == list.end()) {
      return Error(ErrorCode::not_found, "the document has no attachment '" + name_ + "'").at("attachment");
    }
    if (place != list.end()) list.erase(place);
    if (attachment_) {
      list.push_back(*attachment_);
      list.back().name = name_;
      list.back().revpos = found.revision.generation + 1;
    }
    return list;
  }

  void write(const Document& found) {
    auto list = new_list(found);
    if (!list) return done_(std::move(list).error());
    Change change;
    change.collection = collection_;
    change.id = id_;
    change.expected = found.revision;
    change.body = Body::stored(std::string(found.body));
    change.attachments = *std::move(list);
    std::vector<Change> changes;
    changes.push_back(std::move(change));
    documents_.write(
        caller_, limits_, address().database, std::move(changes), options_,
        [self = shared_from_this()](Result<WriteResult> answer) { self->written(std::move(answer)); });
  }

  void written(Result<WriteResult> answer) {
    const bool moved =
        answer && !answer->rows.front() && answer->rows.front().error().code() == ErrorCode::conflict;
    if (moved && !expected_ && ++tries_ < tuning::kAttachmentTries) return read();
    done_(std::move(answer));
  }

  Documents& documents_;
  const Caller caller_;
  const CallLimits limits_;
  const std::string database_;
  const std::string owner_;
  const std::string collection_;
  const std::string id_;
  const std::optional<document::Revision> expected_;
  const std::string name_;
  const std::optional<Attachment> attachment_;
  const WriteOptions options_;
  const Completion<WriteResult> done_;
  int tries_ = 0;
};

}  // namespace

void change_attachment(Documents& documents, const Caller& caller, const CallLimits& limits,
                       const CollectionAddress& address, std::string_view id,
                       const std::optional<document::Revision>& expected, std::string_view name,
                       std::optional<Attachment> attachment, const WriteOptions& options,
                       Completion<WriteResult> done) {
  std::make_shared<AttachmentChange>(documents, caller, limits, address, id, expected, name,
                                     std::move(attachment), options, std::move(done))
      ->read();
}

}  // namespace quire::engine
