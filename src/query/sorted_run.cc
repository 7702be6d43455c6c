#include "query/sorted_run.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "query/tuning.h"

namespace quire::query {

namespace {
constexpr std::size_t kHeadBytes = 12;
}  // namespace

KeptRow::KeptRow(const KeyedRow& row)
    : bytes_(
          std::make_unique_for_overwrite<char[]>(row.key.size() + row.row.id.size() + row.row.body.size())),
      key_(static_cast<std::uint32_t>(row.key.size())),
      id_(static_cast<std::uint32_t>(row.row.id.size())),
      body_(static_cast<std::uint32_t>(row.row.body.size())) {
  char* at = bytes_.get();
  for (const std::string_view part : {row.key, row.row.id, row.row.body}) {
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
}

KeyedRow KeptRow::view() const {
  const char* const at = bytes_.get();
  return {.key = {at, key_}, .row = {.id = {at + key_, id_}, .body = {at + key_ + id_, body_}}};
}

// A row is the three lengths and the three texts.
Result<SortedRun> SortedRun::write(const std::vector<KeptRow>& rows, SpillFile& file) {
  SortedRun run;
  run.at_ = file.size();
  std::string out;
  for (const KeptRow& row : rows) {
    const KeyedRow view = row.view();
    put_u32(out, static_cast<std::uint32_t>(view.key.size()));
    put_u32(out, static_cast<std::uint32_t>(view.row.id.size()));
    put_u32(out, static_cast<std::uint32_t>(view.row.body.size()));
    out.append(view.key).append(view.row.id).append(view.row.body);
    if (out.size() < tuning::kSpillWriteBytes) continue;
    QUIRE_TRY_STATUS(file.append(out));
    out.clear();
  }
  QUIRE_TRY_STATUS(file.append(out));
  run.end_ = file.size();
  return run;
}

// Has `wanted` bytes in the buffer behind taken_.
Status SortedRun::fill(const SpillFile& file, std::size_t wanted) {
  const std::size_t left = buffer_.size() - taken_;
  if (left >= wanted) return ok();
  buffer_.erase(0, taken_);
  taken_ = 0;
  const std::uint64_t more = std::min<std::uint64_t>(end_ - at_, std::max(wanted - left, piece_));
  buffer_.resize(left + more);
  QUIRE_TRY_STATUS(file.read(at_, buffer_.data() + left, more));
  at_ += more;
  if (buffer_.size() < wanted) return Error(ErrorCode::io, "a temporary file of a query ends early");
  return ok();
}

Result<bool> SortedRun::next(const SpillFile& file) {
  if (at_ == end_ && taken_ == buffer_.size()) return false;
  QUIRE_TRY_STATUS(fill(file, kHeadBytes));
  const char* head = buffer_.data() + taken_;
  const std::size_t key = load_u32(head);
  const std::size_t id = load_u32(head + 4);
  const std::size_t body = load_u32(head + 8);
  QUIRE_TRY_STATUS(fill(file, kHeadBytes + key + id + body));
  const char* const at = buffer_.data() + taken_ + kHeadBytes;
  current_ = {.key = {at, key}, .row = {.id = {at + key, id}, .body = {at + key + id, body}}};
  taken_ += kHeadBytes + key + id + body;
  return true;
}

}  // namespace quire::query
