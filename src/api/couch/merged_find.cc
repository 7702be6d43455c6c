#include "api/couch/merged_find.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "api/couch/names.h"

// A bookmark is "*" and, of each collection that has more, "NAME,TAKEN,CURSOR;": a cursor is base64, and no
// name has a comma.

namespace quire::api::couch {

namespace {

constexpr char kMergedSign = '*';

std::optional<MergedFind::Reached> parse_one(std::string_view text) {
  const std::size_t first = text.find(',');
  const std::size_t second = text.find(',', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  MergedFind::Reached reached{.collection = std::string(text.substr(0, first)),
                              .cursor = std::string(text.substr(second + 1)),
                              .taken = 0};
  const char* const end = text.data() + second;
  const auto [stop, error] = std::from_chars(text.data() + first + 1, end, reached.taken);
  if (error != std::errc() || stop != end) return std::nullopt;
  return reached;
}

}  // namespace

MergedFind::MergedFind(engine::SortKeys keys, std::vector<Reached> reached, Ask ask)
    : keys_(std::move(keys)), ask_(std::move(ask)) {
  for (Reached& one : reached) stretches_.push_back({.reached = std::move(one), .page = {}, .following = {}});
}

Result<std::optional<MergedFind::Found>> MergedFind::next() {
  Stretch* first = nullptr;
  for (Stretch& stretch : stretches_) {
    QUIRE_TRY_STATUS(fill(stretch));
    if (stretch.ended()) continue;
    const auto place = [](const Row& row) { return std::tie(row.key, row.couch_id); };
    if (first == nullptr || place(stretch.row()) < place(first->row())) first = &stretch;
  }
  if (first == nullptr) return std::optional<Found>();
  Found found{.collection = first->reached.collection, .id = first->row().id};
  ++first->reached.taken;
  return std::optional(std::move(found));
}

Status MergedFind::fill(Stretch& stretch) {
  if (!stretch.asked) QUIRE_TRY_STATUS(ask(stretch));
  while (stretch.reached.taken >= stretch.page.size() && !stretch.following.empty()) {
    stretch.reached.cursor = std::exchange(stretch.following, {});
    stretch.reached.taken = 0;
    QUIRE_TRY_STATUS(ask(stretch));
  }
  return ok();
}

Status MergedFind::ask(Stretch& stretch) {
  const Reached& reached = stretch.reached;
  stretch.asked = true;
  stretch.page.clear();
  Status kept = ok();
  const auto sink = [&](const engine::FoundRow& row) {
    std::string id = couch_id(reached.collection, row.id);
    auto key = keys_.of(row.value, id);
    if (!key) {
      kept = std::move(key).error();
      return false;
    }
    stretch.page.push_back({.key = *std::move(key), .couch_id = std::move(id), .id = std::string(row.id)});
    return true;
  };
  QUIRE_TRY(engine::FindEnd end, ask_(reached.collection, reached.cursor, sink));
  stretch.following = std::move(end.next);
  return kept;
}

std::string MergedFind::bookmark() const {
  std::string text;
  for (const Stretch& stretch : stretches_) {
    if (stretch.ended()) continue;
    if (text.empty()) text.push_back(kMergedSign);
    text.append(stretch.reached.collection).append(",");
    text.append(std::to_string(stretch.reached.taken)).append(",");
    text.append(stretch.reached.cursor).push_back(';');
  }
  return text;
}

std::optional<std::vector<MergedFind::Reached>> MergedFind::parse(std::string_view bookmark) {
  if (bookmark.empty() || bookmark.front() != kMergedSign) return std::nullopt;
  std::vector<Reached> all;
  for (bookmark.remove_prefix(1); !bookmark.empty();) {
    const std::size_t end = bookmark.find(';');
    auto one = parse_one(bookmark.substr(0, end));
    if (!one || end == std::string_view::npos) return std::nullopt;
    all.push_back(*std::move(one));
    bookmark.remove_prefix(end + 1);
  }
  if (all.empty()) return std::nullopt;
  return all;
}

}  // namespace quire::api::couch
