#include "writer.h"

// How a writer puts its requests together, and what it learns from the answers.
namespace quire::crash {

using database::Edit;
using database::kDefaultCollection;

namespace {
constexpr std::uint64_t kCounters = 3;
}  // namespace

std::string Writer::next_name() {
  return stage_.label + '.' + std::to_string(thread_) + '.' + std::to_string(asked_++);
}

Request Writer::request() {
  Request request;
  request.name = next_name();
  request.options.durability = pick_durability(dice_, stage_.mix);
  if (chance(dice_, 35)) request.options.request_id = request.name;
  return request;
}

std::string Writer::members() {
  std::string text = R"(,"k":"v)" + std::to_string(roll(dice_, 7)) + '"';
  const std::uint64_t padding = chance(dice_, 3) ? roll(dice_, 20'000) : roll(dice_, 400);
  return text + R"(,"p":")" + std::string(padding, static_cast<char>('a' + roll(dice_, 26))) + '"';
}

// Two documents of one value: one of them is refused.
std::string Writer::unique_member() {
  return R"(,"u":")" + stage_.label + '-' + std::to_string(roll(dice_, 300)) + '"';
}

Edit& Writer::add(Request& request, std::string id, std::string_view members) {
  Edit edit;
  edit.id = std::move(id);
  edit.body = body_with(tag_of(request.name, request.edits.size()), members);
  return request.edits.emplace_back(std::move(edit));
}

Edit& Writer::add_count(Request& request) {
  Edit edit;
  edit.id = "n" + std::to_string(roll(dice_, kCounters));
  edit.kind = Edit::Kind::transform;
  edit.precondition = Edit::Precondition::any;
  edit.transform = [tag = tag_of(request.name, request.edits.size())](
                       std::string_view current) -> ::quire::Result<std::optional<std::string>> {
    return std::optional(next_count(current, tag));
  };
  return request.edits.emplace_back(std::move(edit));
}

void Writer::add_new(Request& request) {
  const std::string id = "p" + std::to_string(thread_) + "." + tag_of(request.name, request.edits.size());
  Edit& edit = add(request, id, chance(dice_, 15) ? members() + unique_member() : members());
  if (chance(dice_, 50)) edit.precondition = Edit::Precondition::absent;
}

Writer::Own* Writer::pick(bool deleted) {
  for (int tries = 0; tries < 8 && !own_.empty(); ++tries) {
    Own& own = own_[roll(dice_, own_.size())];
    if (own.deleted == deleted) return &own;
  }
  return nullptr;
}

Writer::Result Writer::ask(const Request& request) {
  stage_.write_down(request);
  Result result = shard_.write(request.edits, request.options);
  stage_.note(request.name, result);
  if (!result) return result;
  learn(request, result);
  if (!request.options.request_id.empty() && chance(dice_, 10)) ask_again(request, result);
  if (request.edits.size() == 1 && result->rows.front() && !stage_.sick) check_read(result->rows.front()->id);
  return result;
}

void Writer::ask_again(const Request& request, const Result& first) {
  stage_.write_down(request);
  const Result second = shard_.write(request.edits, request.options);
  stage_.note(request.name, second);
  if (!second) return;
  for (std::size_t i = 0; i < first->rows.size(); ++i) {
    const auto& one = first->rows[i];
    const auto& two = second->rows[i];
    if (!one || one->sequence == 0) continue;
    if (!two || one->id != two->id || one->revision != two->revision || one->sequence != two->sequence)
      stage_.complain(request.name + ": the retry of edit " + std::to_string(i) + " has another answer");
  }
  learn(request, second);
}

void Writer::learn(const Request& request, const Result& result) {
  const std::string prefix = "p" + std::to_string(thread_) + ".";
  for (std::size_t i = 0; i < result->rows.size(); ++i) {
    const auto& row = result->rows[i];
    const Edit& edit = request.edits[i];
    if (!row || edit.collection != kDefaultCollection || !row->id.starts_with(prefix)) continue;
    const auto [place, fresh] = places_.try_emplace(row->id, own_.size());
    if (fresh) own_.emplace_back();
    Own& own = own_[place->second];
    // The answer to a retry may be older than what is known.
    if (!fresh && row->revision.generation < own.revision.generation) continue;
    own = {row->id, row->revision, edit.kind == Edit::Kind::remove};
  }
}

// Nobody else writes the documents of this thread: what was answered last is what is read.
void Writer::check_read(const std::string& id) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  const Own& own = own_[place->second];
  const auto head = shard_.head(kDefaultCollection, id);
  if (!head) {
    if (!stage_.reads_may_fail) stage_.complain(id + " cannot be read: " + head.error().to_string());
  } else if (!*head || (*head)->revision != own.revision || (*head)->deleted != own.deleted) {
    stage_.complain(id + " is not at " + own.revision.to_string() + ", which was just answered");
  }
}

}  // namespace quire::crash
