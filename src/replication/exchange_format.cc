#include "replication/exchange_format.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/coding.h"
#include "document/json.h"
#include "replication/tuning.h"

namespace quire::replication {

namespace {

using document::Revision;
using document::RevisionHash;

constexpr std::uint64_t kDeletedFlag = 1;
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kMd5Bytes = 16;

Error strange() { return {ErrorCode::invalid, "this is no message of the exchange"}; }

std::string begin() { return std::string(1, static_cast<char>(kExchangeVersion)); }
std::string begin(ExchangeQuestion question) {
  return {static_cast<char>(kExchangeVersion), static_cast<char>(question)};
}

// --- printing

void put_name(std::string& out, const DocumentName& name) {
  put_string(out, name.collection);
  put_string(out, name.id);
}

void put_revisions(std::string& out, const std::vector<Revision>& revisions) {
  put_varint(out, revisions.size());
  for (const auto& revision : revisions) revision.encode(out);
}

void put_scope(std::string& out, const Scope& scope) {
  put_string(out, scope.collection());
  put_varint(out, scope.ids().size());
  for (const auto& id : scope.ids()) put_string(out, id);
  put_string(out, scope.selector());
}

void put_error(std::string& out, const Error& error) {
  put_string(out, quire::name(error.code()));
  put_string(out, error.message());
}

void put_travelling(std::string& out, const TravellingRevision& revision) {
  put_name(out, revision.name);
  put_varint(out, revision.deleted ? kDeletedFlag : 0);
  put_varint(out, revision.path.front().generation);
  put_varint(out, revision.path.size());
  for (const auto& of : revision.path) of.hash.encode(out);
  put_string(out, revision.body);
  put_varint(out, revision.attachments.size());
  for (const auto& of : revision.attachments) {
    put_string(out, of.name);
    put_string(out, of.content_type);
    put_varint(out, of.length);
    put_varint(out, of.revpos);
    put_string(out, of.digest);
    put_string(out, of.md5);
  }
}

// --- reading

// A message behind its version, or behind what it asks.
Result<ByteReader> open_message(std::string_view message, std::optional<ExchangeQuestion> question) {
  ByteReader in(message);
  const std::uint8_t version = in.u8();
  if (in.ok() && version != kExchangeVersion) {
    return Error(ErrorCode::not_implemented, "the exchange is of another version");
  }
  if (question && in.u8() != static_cast<std::uint8_t>(*question)) return strange();
  if (!in.ok()) return strange();
  return in;
}

// Calls `item` for each of a list, which is as long as it says only if it has the bytes.
template <class Item>
Status read_list(ByteReader& in, Item item) {
  const std::uint64_t count = in.varint();
  if (count > in.rest().size()) return strange();
  for (std::uint64_t i = 0; i < count; ++i) {
    QUIRE_TRY_STATUS(item());
    if (!in.ok()) return strange();
  }
  return in.ok() ? ok() : Status(strange());
}

std::string text(ByteReader& in) { return std::string(in.string()); }

DocumentName name(ByteReader& in) {
  DocumentName out;
  out.collection = text(in);
  out.id = text(in);
  return out;
}

Status read_revisions(ByteReader& in, std::vector<Revision>& out) {
  return read_list(in, [&]() -> Status {
    out.push_back(Revision::decode(in));
    if (!out.back() || out.back().generation > document::kMaxGeneration) return strange();
    return ok();
  });
}

Result<Scope> read_scope(ByteReader& in) {
  std::string collection = text(in);
  std::vector<std::string> ids;
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    ids.push_back(text(in));
    return ok();
  }));
  const std::string selector = text(in);
  if (!in.ok()) return strange();
  return Scope::make(std::move(ids), std::move(collection), selector);
}

Error read_error(ByteReader& in) {
  const std::string_view code = in.string();
  std::string message = text(in);
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    if (quire::name(static_cast<ErrorCode>(i)) == code)
      return {static_cast<ErrorCode>(i), std::move(message)};
  }
  return {ErrorCode::internal, std::move(message)};
}

Status read_attachments(ByteReader& in, std::uint64_t generation, std::vector<AttachmentInfo>& out) {
  return read_list(in, [&]() -> Status {
    AttachmentInfo info;
    info.name = text(in);
    info.content_type = text(in);
    info.length = in.varint();
    info.revpos = in.varint();
    info.digest = text(in);
    info.md5 = text(in);
    const bool digests = (info.digest.empty() || info.digest.size() == kDigestBytes) &&
                         (info.md5.empty() || info.md5.size() == kMd5Bytes);
    const bool names = !info.name.empty() && info.name.size() <= kAttachmentNameBytes &&
                       valid_utf8(info.name) && valid_utf8(info.content_type);
    if (!digests || !names || info.revpos > generation) return strange();
    out.push_back(std::move(info));
    return ok();
  });
}

Result<TravellingRevision> read_travelling(ByteReader& in) {
  TravellingRevision out;
  out.name = name(in);
  const std::uint64_t flags = in.varint();
  const std::uint64_t generation = in.varint();
  if (flags > kDeletedFlag || generation > document::kMaxGeneration) return strange();
  out.deleted = flags == kDeletedFlag;
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    if (out.path.size() == kPathRevisions) {
      return Error(ErrorCode::too_large, "a document has more ancestors than a replication takes")
          .over(kPathRevisions);
    }
    if (out.path.size() >= generation) return strange();
    out.path.push_back({generation - out.path.size(), RevisionHash::decode(in)});
    return ok();
  }));
  if (out.path.empty()) return strange();
  auto body = document::split_document(in.string(), {});
  if (!in.ok() || !body || !body->reserved.empty()) return strange();
  out.body = std::move(body->body);
  QUIRE_TRY_STATUS(read_attachments(in, generation, out.attachments));
  return out;
}

template <class T>
Result<T> whole(const ByteReader& in, T&& value) {
  if (!in.done()) return strange();
  return std::forward<T>(value);
}

}  // namespace

Result<ExchangeQuestion> question_of(std::string_view question) {
  QUIRE_TRY(ByteReader in, open_message(question, std::nullopt));
  const std::uint8_t asked = in.u8();
  const bool known = asked >= static_cast<std::uint8_t>(ExchangeQuestion::open) &&
                     asked <= static_cast<std::uint8_t>(ExchangeQuestion::record);
  if (!in.ok() || !known) return strange();
  return static_cast<ExchangeQuestion>(asked);
}

std::string print_open(std::string_view checkpoint) {
  std::string out = begin(ExchangeQuestion::open);
  put_string(out, checkpoint);
  return out;
}

Result<std::string> parse_open(std::string_view question) {
  QUIRE_TRY(ByteReader in, open_message(question, ExchangeQuestion::open));
  std::string name = text(in);
  return whole(in, std::move(name));
}

std::string print_opened(const Opened& opened) {
  std::string out = begin();
  put_string(out, opened.id);
  put_string(out, opened.position);
  put_string(out, opened.checkpoint.revision);
  put_string(out, opened.checkpoint.json);
  return out;
}

Result<Opened> parse_opened(std::string_view answer) {
  QUIRE_TRY(ByteReader in, open_message(answer, std::nullopt));
  Opened out;
  out.id = text(in);
  out.position = text(in);
  out.checkpoint.revision = text(in);
  out.checkpoint.json = text(in);
  return whole(in, std::move(out));
}

std::string print_changes(const ChangesQuestion& question) {
  std::string out = begin(ExchangeQuestion::changes);
  put_string(out, question.since);
  put_varint(out, question.options.limit);
  put_varint(out, static_cast<std::uint64_t>(question.options.wait.count()));
  put_scope(out, question.options.scope);
  return out;
}

Result<ChangesQuestion> parse_changes_question(std::string_view question) {
  QUIRE_TRY(ByteReader in, open_message(question, ExchangeQuestion::changes));
  ChangesQuestion out;
  out.since = text(in);
  out.options.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(in.varint(), kMostBatchRows));
  const auto most = static_cast<std::uint64_t>(kWaitForMore.count());
  out.options.wait = std::chrono::milliseconds(std::min(in.varint(), most));
  if (out.since.size() > kPositionBytes || out.options.limit == 0) return strange();
  QUIRE_TRY(out.options.scope, read_scope(in));
  return whole(in, std::move(out));
}

std::string print_page(const ChangesPage& page) {
  std::string out = begin();
  put_varint(out, page.rows.size());
  for (const auto& row : page.rows) {
    put_name(out, row.name);
    put_varint(out, row.leaves.size());
    for (const auto& leaf : row.leaves) {
      leaf.revision.encode(out);
      put_varint(out, leaf.deleted ? kDeletedFlag : 0);
    }
  }
  put_string(out, page.next);
  put_varint(out, page.at_end ? 1 : 0);
  put_varint(out, page.pending ? *page.pending + 1 : 0);
  return out;
}

Result<ChangesPage> parse_page(std::string_view answer) {
  QUIRE_TRY(ByteReader in, open_message(answer, std::nullopt));
  ChangesPage page;
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    ChangedDocument row{name(in), {}};
    QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
      const Revision revision = Revision::decode(in);
      const std::uint64_t flags = in.varint();
      if (!revision || revision.generation > document::kMaxGeneration || flags > kDeletedFlag)
        return strange();
      row.leaves.push_back({revision, flags == kDeletedFlag});
      return ok();
    }));
    page.rows.push_back(std::move(row));
    return ok();
  }));
  page.next = text(in);
  const std::uint64_t at_end = in.varint();
  const std::uint64_t pending = in.varint();
  if (at_end > 1 || page.next.size() > kPositionBytes) return strange();
  page.at_end = at_end == 1;
  if (pending != 0) page.pending = pending - 1;
  return whole(in, std::move(page));
}

std::string print_missing(const std::vector<RevisionsOf>& documents) {
  std::string out = begin(ExchangeQuestion::missing);
  put_varint(out, documents.size());
  for (const auto& of : documents) {
    put_name(out, of.name);
    put_revisions(out, of.revisions);
  }
  return out;
}

Result<std::vector<RevisionsOf>> parse_missing(std::string_view question) {
  QUIRE_TRY(ByteReader in, open_message(question, ExchangeQuestion::missing));
  std::vector<RevisionsOf> out;
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    out.push_back({name(in), {}});
    return read_revisions(in, out.back().revisions);
  }));
  return whole(in, std::move(out));
}

std::string print_missing_answer(const std::vector<MissingOf>& missing) {
  std::string out = begin();
  put_varint(out, missing.size());
  for (const auto& of : missing) {
    put_varint(out, of.document);
    put_revisions(out, of.revisions);
    put_revisions(out, of.possible_ancestors);
  }
  return out;
}

Result<std::vector<MissingOf>> parse_missing_answer(std::string_view answer) {
  QUIRE_TRY(ByteReader in, open_message(answer, std::nullopt));
  std::vector<MissingOf> out;
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    out.push_back({static_cast<std::size_t>(in.varint()), {}, {}});
    QUIRE_TRY_STATUS(read_revisions(in, out.back().revisions));
    return read_revisions(in, out.back().possible_ancestors);
  }));
  return whole(in, std::move(out));
}

std::string print_fetch(const FetchQuestion& question) {
  std::string out = begin(ExchangeQuestion::fetch);
  put_varint(out, question.bytes);
  put_varint(out, question.wanted.size());
  for (const auto& of : question.wanted) {
    put_name(out, of.name);
    put_revisions(out, of.revisions);
    put_revisions(out, of.possible_ancestors);
  }
  return out;
}

Result<FetchQuestion> parse_fetch(std::string_view question) {
  QUIRE_TRY(ByteReader in, open_message(question, ExchangeQuestion::fetch));
  FetchQuestion out;
  out.bytes = std::min<std::uint64_t>(in.varint(), kFetchBytes);
  std::size_t revisions = 0;
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    out.wanted.push_back({name(in), {}, {}});
    QUIRE_TRY_STATUS(read_revisions(in, out.wanted.back().revisions));
    revisions += out.wanted.back().revisions.size();
    if (out.wanted.back().revisions.empty() || revisions > kFetchRevisions) return strange();
    return read_revisions(in, out.wanted.back().possible_ancestors);
  }));
  if (out.wanted.empty()) return strange();
  return whole(in, std::move(out));
}

std::string print_fetched(const FetchedRevisions& fetched) {
  std::string out = begin();
  put_varint(out, fetched.documents);
  put_varint(out, fetched.revisions.size());
  for (const auto& of : fetched.revisions) put_travelling(out, of);
  put_varint(out, fetched.failures.size());
  for (const auto& of : fetched.failures) {
    put_name(out, of.name);
    of.revision.encode(out);
    put_error(out, of.error);
  }
  return out;
}

Result<FetchedRevisions> parse_fetched(std::string_view answer) {
  QUIRE_TRY(ByteReader in, open_message(answer, std::nullopt));
  FetchedRevisions out;
  out.documents = static_cast<std::size_t>(in.varint());
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    QUIRE_TRY(TravellingRevision revision, read_travelling(in));
    out.revisions.push_back(std::move(revision));
    return ok();
  }));
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    DocumentName of = name(in);
    const Revision revision = Revision::decode(in);
    out.failures.push_back({std::move(of), revision, read_error(in)});
    return ok();
  }));
  return whole(in, std::move(out));
}

std::string print_write(const std::vector<const TravellingRevision*>& revisions) {
  std::string list;
  put_varint(list, revisions.size());
  for (const auto* of : revisions) put_travelling(list, *of);
  std::string out = begin(ExchangeQuestion::write);
  put_string(out, list);
  return out;
}

Result<std::vector<TravellingRevision>> parse_write(std::string_view question) {
  QUIRE_TRY(ByteReader outer, open_message(question, ExchangeQuestion::write));
  ByteReader in(outer.string());
  if (!outer.done()) return strange();
  std::vector<TravellingRevision> out;
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    QUIRE_TRY(TravellingRevision revision, read_travelling(in));
    out.push_back(std::move(revision));
    return ok();
  }));
  return whole(in, std::move(out));
}

std::optional<std::uint64_t> question_size(std::string_view first) {
  constexpr std::size_t kMostVarint = 10;
  ByteReader in(first);
  (void)in.u8();
  const std::uint8_t asked = in.u8();
  if (!in.ok()) return std::nullopt;
  if (asked != static_cast<std::uint8_t>(ExchangeQuestion::write)) return kWholeBody;
  const std::size_t before = in.rest().size();
  const std::uint64_t length = in.varint();
  // A length that cannot be one is left for parse_write() to refuse.
  if (!in.ok()) return before < kMostVarint ? std::nullopt : std::optional(kWholeBody);
  const std::uint64_t head = first.size() - in.rest().size();
  return length > kWholeBody - head ? kWholeBody : head + length;
}

std::string print_written(const WrittenRevisions& written) {
  std::string out = begin();
  put_varint(out, written.failures.size());
  for (const auto& [at, error] : written.failures) {
    put_varint(out, at);
    put_error(out, error);
  }
  return out;
}

Result<WrittenRevisions> parse_written_answer(std::string_view answer) {
  QUIRE_TRY(ByteReader in, open_message(answer, std::nullopt));
  WrittenRevisions out;
  QUIRE_TRY_STATUS(read_list(in, [&]() -> Status {
    const auto at = static_cast<std::size_t>(in.varint());
    out.failures.emplace_back(at, read_error(in));
    return ok();
  }));
  return whole(in, std::move(out));
}

std::string print_record(const RecordQuestion& question) {
  std::string out = begin(ExchangeQuestion::record);
  put_string(out, question.name);
  put_string(out, question.record.revision);
  put_string(out, question.record.json);
  return out;
}

Result<RecordQuestion> parse_record(std::string_view question) {
  QUIRE_TRY(ByteReader in, open_message(question, ExchangeQuestion::record));
  RecordQuestion out;
  out.name = text(in);
  out.record.revision = text(in);
  out.record.json = text(in);
  return whole(in, std::move(out));
}

std::string print_recorded(std::string_view revision) {
  std::string out = begin();
  put_string(out, revision);
  return out;
}

Result<std::string> parse_recorded(std::string_view answer) {
  QUIRE_TRY(ByteReader in, open_message(answer, std::nullopt));
  std::string revision = text(in);
  return whole(in, std::move(revision));
}

bool pack(std::string& message) {
  if (message.size() < kPackFrom) return false;
  std::string packed = pack_zstd(message);
  if (packed.size() >= message.size()) return false;
  message = std::move(packed);
  return true;
}

}  // namespace quire::replication
