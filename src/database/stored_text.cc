#include "database/stored_text.h"

#include <string>
#include <utility>
#include <vector>

#include "base/common_ends.h"
#include "database/keys.h"
#include "database/records.h"
#include "database/tuning.h"

namespace quire::database {

using document::Revision;

namespace {

// The text of which `own` is what it does not share with `next`.
Result<std::string> with_shared(std::string_view own, const SharedText& shared, std::string_view next) {
  const std::uint64_t front = shared.front;
  const std::uint64_t end = shared.end;
  if (front > next.size() || end > next.size() - front)
    return Error(ErrorCode::corrupt, "a kept text shares more with the next than that has");
  std::string text;
  text.reserve(front + own.size() + end);
  text.append(next.substr(0, front)).append(own).append(next.substr(next.size() - end));
  return text;
}

Result<RecordRef> read(const TextsOf& of, const Revision& revision) {
  storage::ReadBuffer buffer;
  const std::string key = keys::revision(of.collection, of.id, revision);
  QUIRE_TRY(const bool found, of.store.get(storage::Family::documents, key, buffer, of.snapshot));
  return found ? RecordRef::copy(buffer.view()) : RecordRef{};
}

// `record`, of a text that is told by those after it, as the record of the whole text; none where one of
// those is not kept.
Result<RecordRef> told_whole(const TextsOf& of, Revision at, RecordRef record) {
  std::vector<RecordRef> chain;
  std::string body;
  while (true) {
    QUIRE_TRY(const RevisionRecord text, decode_revision(record.view()));
    body = text.body;
    if (!text.shared) break;
    if (chain.size() == tuning::kWholeTextEvery)
      return Error(ErrorCode::corrupt, "a kept text is told by more others than any is");
    chain.push_back(std::move(record));
    at = {.generation = at.generation + 1, .hash = text.shared->child};
    body = of.winner_body;
    if (at == of.winner) break;
    QUIRE_TRY(record, read(of, at));
    if (!record) return RecordRef{};
  }
  for (auto told = chain.rbegin(); told != chain.rend(); ++told) {
    QUIRE_TRY(const RevisionRecord text, decode_revision(told->view()));
    QUIRE_TRY(body, with_shared(text.body, *text.shared, body));
  }
  QUIRE_TRY(const RevisionRecord first, decode_revision(chain.front().view()));
  std::string bytes;
  encode(RevisionRecord{.attachments = first.attachments, .body = body}, bytes);
  return RecordRef::copy(bytes);
}

}  // namespace

RevisionRecord without_shared(const RevisionRecord& text, const document::RevisionHash& child,
                              std::string_view next) {
  const std::size_t front = common_front(text.body, next);
  const std::size_t end = common_end(text.body.substr(front), next.substr(front));
  if (front + end <= text.body.size() / 2) return text;
  return {.attachments = text.attachments,
          .body = text.body.substr(front, text.body.size() - front - end),
          .shared = SharedText{.child = child, .front = front, .end = end}};
}

Result<std::optional<StoredDocument>> stored_text(const TextsOf& of, const Revision& revision) {
  StoredDocument document;
  QUIRE_TRY(document.record, read(of, revision));
  if (!document.record) return std::optional<StoredDocument>{};
  QUIRE_TRY(RevisionRecord text, decode_revision(document.record.view()));
  if (text.shared) {
    QUIRE_TRY(document.record, told_whole(of, revision, std::move(document.record)));
    if (!document.record) return std::optional<StoredDocument>{};
    QUIRE_TRY(text, decode_revision(document.record.view()));
  }
  document.revision = revision;
  document.deleted = text.deleted;
  document.body = text.body;
  document.attachments = text.attachments;
  return std::optional(std::move(document));
}

}  // namespace quire::database
