#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/arena.h"
#include "document/path.h"
#include "document/text_blocks.h"
#include "document/value.h"

namespace quire::document {

// What a path leads to in a document's text.
struct ScannedMember {
  enum class State : std::uint8_t {
    missing,  // nothing
    found,    // `text` is the value's, minified
    open,  // the way goes through an array (or a name that begins with "$"): `text` is that container's, and
           // `steps` of the path lead to it; the rest is for whoever knows what arrays on a way mean
  };
  State state = State::missing;
  bool escaped = false;  // of a string that is found: it holds a backslash
  std::uint16_t steps = 0;
  std::uint32_t size = 0;
  const char* begin = nullptr;

  std::string_view text() const { return {begin, size}; }
  bool is_found() const { return state == State::found; }
  bool is_open() const { return state == State::open; }
  // '"', '{', '[', 't', 'f', 'n', or the first byte of a number; only where there is a text.
  char first() const { return *begin; }
  // Of a string that is found and not escaped: what it says.
  std::string_view plain_string() const { return {begin + 1, size - 2}; }
  // The tree of the text. Errors: corrupt.
  Result<Value> value(Arena& arena) const { return Value::parse(arena, text()); }
};

// Finds the values at a few paths in minified documents without building their trees: 64 bytes at a time, and
// no further than to the last of them.
//
//   MemberScanner scanner(paths);
//   std::vector<ScannedMember> found(paths.size());
//   QUIRE_TRY_STATUS(scanner.scan(body, found));
//
// A path goes through objects only (see ScannedMember::open). Never changes once it is built: every thread
// may use it.
class MemberScanner {
 public:
  MemberScanner() = default;
  // A path of no steps is never found.
  explicit MemberScanner(std::span<const Path> paths);

  // `minified` is an object that minify() made and outlives what is found, which stands in `out` in the order
  // of the paths; `out` is as long as they are many. Allocates nothing but for names with escapes. Errors:
  // corrupt, where the scan notices that the text is not minified JSON; what stands behind the last member
  // that is found is not looked at. The text is never read past its end.
  Status scan(std::string_view minified, std::span<ScannedMember> out) const;

  // The same for those who look at very many: false where scan() has an error.
  bool scan_text(std::string_view minified, std::span<ScannedMember> out) const;

  std::size_t path_count() const { return order_.size(); }

 private:
  friend class MemberScan;
  // A step of one or more paths. The steps below it stand beside each other.
  struct Step {
    std::string name;
    // The last eight bytes of what stands before the colon, `"name"` with its quotes, and which of them to
    // compare.
    std::uint64_t tail = 0;
    std::uint64_t tail_mask = 0;
    std::uint32_t first_child = 0;
    std::uint32_t children = 0;
    // Of order_: the paths that end here, then those that go on.
    std::uint32_t paths_begin = 0;
    std::uint32_t paths_end_here = 0;
    std::uint32_t paths_end = 0;
    std::uint16_t depth = 0;
    bool opaque =
        false;  // a name below begins with "$": whether it is a member depends on what stands beside it

    void set_tail();
  };
  void add_children(std::uint32_t parent, std::span<const Path> paths, std::vector<std::uint32_t> under);

  std::vector<Step> steps_;           // the first is the document
  std::vector<std::uint32_t> order_;  // indexes of paths, those under a step beside each other
  NameEnds name_ends_;                // of all steps
};

}  // namespace quire::document
