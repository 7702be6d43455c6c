// The scan looks at colons and brackets outside strings only (text_blocks.h). It counts how deep it is; at
// the depth of the object whose members are wanted, each colon ends a name, which is compared backwards from
// it; deeper down only brackets count. Wanted steps form a tree: where a step that goes on leads to an
// object, the members of that object become the wanted ones until it ends or all of them are found.
#include "document/member_scanner.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "document/text_blocks.h"
#include "document/text_scan.h"
#include "document/tuning.h"

namespace quire::document {

namespace {
constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kPrefetchedLines = 4;  // the front of a record: its head, and the first members

bool is_written_as_it_is(std::string_view name) {
  return name.find_first_of("\"\\") == std::string_view::npos;
}
}  // namespace

MemberScanner::MemberScanner(std::span<const Path> paths) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < paths.size(); ++i) {
    if (paths[i].empty()) {
      order_.push_back(i);  // ends at the document itself
    } else {
      all.push_back(i);
    }
  }
  steps_.emplace_back();
  steps_[0].paths_end_here = static_cast<std::uint32_t>(order_.size());
  add_children(0, paths, std::move(all));
}

void MemberScanner::add_children(std::uint32_t parent, std::span<const Path> paths,
                                 std::vector<std::uint32_t> under) {
  const std::uint16_t depth = steps_[parent].depth;
  const auto name_of = [&](std::uint32_t path) -> const std::string& {
    return paths[path].steps()[depth].name;
  };
  std::stable_sort(under.begin(), under.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return name_of(a) < name_of(b); });
  const auto first = static_cast<std::uint32_t>(steps_.size());
  std::vector<std::vector<std::uint32_t>> of_children;
  for (const std::uint32_t path : under) {
    if (of_children.empty() || name_of(of_children.back().front()) != name_of(path))
      of_children.emplace_back();
    of_children.back().push_back(path);
  }
  steps_[parent].first_child = first;
  steps_[parent].children = static_cast<std::uint32_t>(of_children.size());
  for (const auto& of_child : of_children) {
    Step step;
    step.name = name_of(of_child.front());
    step.depth = static_cast<std::uint16_t>(depth + 1);
    step.set_tail();
    name_ends_.add(step.name);
    if (step.name.starts_with('$')) steps_[parent].opaque = true;
    steps_.push_back(std::move(step));
  }
  for (std::uint32_t i = 0; i < of_children.size(); ++i) {
    const std::uint32_t child = first + i;
    std::vector<std::uint32_t> further;
    steps_[child].paths_begin = static_cast<std::uint32_t>(order_.size());
    for (const std::uint32_t path : of_children[i]) {
      if (paths[path].steps().size() == depth + 1U) {
        order_.push_back(path);
      } else {
        further.push_back(path);
      }
    }
    steps_[child].paths_end_here = static_cast<std::uint32_t>(order_.size());
    if (depth + 1U >= kMaxScanSteps) {
      // Deeper than this the scan does not go: what is there is as good as behind an array.
      steps_[child].opaque = true;
      order_.insert(order_.end(), further.begin(), further.end());
    } else if (!further.empty()) {
      add_children(child, paths, std::move(further));
    }
    steps_[child].paths_end = static_cast<std::uint32_t>(order_.size());
  }
}

void MemberScanner::Step::set_tail() {
  if (!is_written_as_it_is(name)) {
    tail = 1;  // without a mask nothing is equal to it
    return;
  }
  const std::string quoted = "\"" + name + "\"";
  const std::size_t size = std::min(quoted.size(), kWord);
  std::array<char, kWord> bytes{};
  std::array<unsigned char, kWord> mask{};
  std::memcpy(bytes.data() + kWord - size, quoted.data() + quoted.size() - size, size);
  std::fill(mask.end() - static_cast<std::ptrdiff_t>(size), mask.end(), 0xFF);
  std::memcpy(&tail, bytes.data(), kWord);
  std::memcpy(&tail_mask, mask.data(), kWord);
}

// One scan of one text.
class MemberScan {
 public:
  using Step = MemberScanner::Step;

  MemberScan(const MemberScanner& scanner, std::string_view text, std::span<ScannedMember> out)
      : scanner_(scanner), text_(text), out_(out), reader_(text, scanner.name_ends_.bytes()) {}

  // False: the text is damaged.
  bool run() {
    if (text_.size() < 2 || text_[0] != '{') return false;
    enter(&scanner_.steps_[0]);
    if (leave_complete()) return true;
    std::array<TextBlock, kBlocksAtOnce> blocks;
    // Wanted members often stand near the front.
    std::size_t wanted = kFirstBlocks;
    std::size_t base = 0;
    for (;;) {
      const std::size_t count = reader_.read(std::span(blocks).first(wanted));
      if (count == 0) return false;  // the document has not ended
      for (std::size_t i = 0; i < count; ++i, base += BlockReader::kBlockBytes) {
        if (look(blocks[i], base)) return !failed_;
      }
      wanted = blocks.size();
    }
  }

 private:
  static constexpr std::size_t kFirstBlocks = 2;
  static constexpr std::size_t kBlocksAtOnce = 8;

  // An object whose members are wanted.
  struct Frame {
    const Step* step;
    std::uint32_t depth;  // of its members
    std::uint32_t left;   // wanted members that were not met
  };

  void enter(const Step* step) { frames_[frame_count_++] = {step, depth_ + 1, step->children}; }

  // True where the scan has ended.
  bool look(const TextBlock& block, std::size_t base) {
    const std::uint64_t brackets = block.opens | block.closes;
    std::uint64_t ahead = ~std::uint64_t{0};
    for (;;) {
      const bool at_members = depth_ == frames_[frame_count_ - 1].depth;
      const std::uint64_t events = (at_members ? brackets | block.colons : brackets) & ahead;
      if (events == 0) return false;
      const std::uint64_t bit = events & -events;
      ahead = ~(bit | (bit - 1));
      const std::size_t at = base + static_cast<std::size_t>(__builtin_ctzll(events));
      if ((block.opens & bit) != 0) {
        ++depth_;
      } else if ((block.closes & bit) != 0) {
        if (close(at)) return true;
      } else if (take_member(at)) {
        return true;
      }
    }
  }

  bool fail() {
    failed_ = true;
    return true;
  }

  bool close(std::size_t at) {
    if (depth_-- == 1) {
      failed_ = at + 1 != text_.size();
      return true;
    }
    if (depth_ + 1 == frames_[frame_count_ - 1].depth) --frame_count_;
    return leave_complete();
  }

  // Leaves objects of which every wanted member was met; true where that is the document.
  bool leave_complete() {
    while (frame_count_ > 0 && frames_[frame_count_ - 1].left == 0) --frame_count_;
    return frame_count_ == 0;
  }

  // The colon at `colon` is that of a member of the innermost frame.
  bool take_member(std::size_t colon) {
    if (colon < 3 || text_[colon - 1] != '"') return fail();
    Frame& frame = frames_[frame_count_ - 1];
    const Step* const step = find(*frame.step, colon);
    if (step == nullptr) return false;
    if (frame.left > 0) --frame.left;
    if (!take_value(*step, colon + 1)) return fail();
    return leave_complete();
  }

  const Step* find(const Step& parent, std::size_t colon) const {
    const Step* const steps = scanner_.steps_.data() + parent.first_child;
    if (parent.children > kComparedSteps) return search(steps, parent.children, raw_name(colon));
    const std::uint64_t tail = tail_before(colon);
    for (std::uint32_t i = 0; i < parent.children; ++i) {
      if ((tail & steps[i].tail_mask) == steps[i].tail && is_name(steps[i].name, colon)) return &steps[i];
    }
    if (!reader_.has_backslash()) return nullptr;
    const std::string_view raw = raw_name(colon);
    return raw.find('\\') == std::string_view::npos ? nullptr : search(steps, parent.children, raw);
  }

  std::uint64_t tail_before(std::size_t colon) const {
    std::uint64_t tail = 0;
    if (colon >= kWord) {
      std::memcpy(&tail, text_.data() + colon - kWord, kWord);
      return tail;
    }
    std::array<char, kWord> bytes{};
    std::memcpy(bytes.data() + kWord - colon, text_.data(), colon);
    std::memcpy(&tail, bytes.data(), kWord);
    return tail;
  }

  // A name whose tail is that before the colon; a quote inside another name has a backslash before it.
  bool is_name(std::string_view name, std::size_t colon) const {
    const std::size_t quoted = name.size() + 2;
    if (colon <= quoted || text_[colon - quoted - 1] == '\\') return false;
    return quoted <= kWord || (text_[colon - quoted] == '"' &&
                               std::memcmp(text_.data() + colon - quoted + 1, name.data(), name.size()) == 0);
  }

  // The name before the colon, between its quotes.
  std::string_view raw_name(std::size_t colon) const {
    const std::size_t end = colon - 1;
    std::size_t quote = end;
    for (;;) {
      quote = text_.rfind('"', quote - 1);
      if (quote == std::string_view::npos || quote == 0) return {};
      std::size_t backslashes = 0;
      while (backslashes < quote && text_[quote - 1 - backslashes] == '\\') ++backslashes;
      if (backslashes % 2 == 0) return text_.substr(quote + 1, end - quote - 1);
    }
  }

  static const Step* search(const Step* steps, std::size_t count, std::string_view raw) {
    std::string unescaped;
    if (raw.find('\\') != std::string_view::npos) {
      unescape(raw, unescaped);
      raw = unescaped;
    }
    const auto less = [](const Step& step, std::string_view name) { return step.name < name; };
    const Step* const found = std::lower_bound(steps, steps + count, raw, less);
    return found != steps + count && found->name == raw ? found : nullptr;
  }

  // False: the text ends before the value does.
  bool take_value(const Step& step, std::size_t at) {
    const char* const begin = text_.data() + at;
    const char* const end = text_.data() + text_.size();
    if (begin == end) return false;
    const bool goes_on = step.paths_end != step.paths_end_here;
    const bool into = *begin == '{' && !step.opaque;
    const bool open = goes_on && (*begin == '[' || (*begin == '{' && step.opaque));
    if (goes_on && into) enter(&step);
    if (!open && step.paths_begin == step.paths_end_here) return true;

    bool escaped = false;
    const char* const behind = *begin == '"' ? skip_string(begin + 1, end, escaped) : skip_value(begin, end);
    if (behind == nullptr || behind == end || behind == begin) return false;
    ScannedMember member{.state = ScannedMember::State::found,
                         .escaped = escaped,
                         .steps = step.depth,
                         .size = static_cast<std::uint32_t>(behind - begin),
                         .begin = begin};
    put(member, step.paths_begin, step.paths_end_here);
    if (!open) return true;
    member.state = ScannedMember::State::open;
    put(member, step.paths_end_here, step.paths_end);
    return true;
  }

  void put(const ScannedMember& member, std::uint32_t from, std::uint32_t to) {
    for (std::uint32_t i = from; i < to; ++i) out_[scanner_.order_[i]] = member;
  }

  const MemberScanner& scanner_;
  const std::string_view text_;
  const std::span<ScannedMember> out_;
  BlockReader reader_;
  std::uint32_t depth_ = 0;
  bool failed_ = false;
  std::size_t frame_count_ = 0;
  std::array<Frame, kMaxScanSteps + 1> frames_;
};

Status MemberScanner::scan(std::string_view minified, std::span<ScannedMember> out) const {
  if (!scan_text(minified, out)) return Error(ErrorCode::corrupt, "a stored text is not minified JSON");
  return ok();
}

bool MemberScanner::scan_text(std::string_view minified, std::span<ScannedMember> out) const {
  QUIRE_CHECK(out.size() == order_.size(), "a scan's results are not as many as its paths");
  // Where documents stand one behind the other, as in a store's block, the next one's front is on its way
  // while this one is looked at.
  for (std::size_t line = 0; line < kPrefetchedLines; ++line) {
    prefetch(minified.data(), minified.size() + line * BlockReader::kBlockBytes);
  }
  std::fill(out.begin(), out.end(), ScannedMember());
  return MemberScan(*this, minified, out).run();
}

}  // namespace quire::document
