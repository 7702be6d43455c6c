#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/json.h"
#include "document/json_fault.h"
#include "document/json_names.h"

namespace quire::document {

// The walk behind minify() and split_document(): over the tokens of a text, from left to right, with a stack
// of open containers; checks everything and copies all but white space.
//
// Text is copied in runs: run_begin_ is the first byte not copied yet, token_end_ the end of the last token.
// A token that does not begin there has white space before it, and the run is copied.
class JsonWalk {
 public:
  // A top-level member whose name begins with "_", as offsets in the output.
  struct Reserved {
    std::string name;
    std::size_t member_begin;
    std::size_t value_begin;
    std::size_t member_end;
  };

  struct Container {
    NameSet::Mark names;
    std::uint32_t members;
    bool object;
  };
  // Memory that is worth keeping between walks.
  struct Scratch {
    std::vector<Container> open;
    NameSet names;
  };

  ~JsonWalk();
  JsonWalk(const JsonWalk&) = delete;
  JsonWalk& operator=(const JsonWalk&) = delete;
  // `out` has room for all of the text.
  JsonWalk(std::string_view text, const JsonLimits& limits, Scratch& scratch, char* out);

  // False: fault() says why.
  bool run();
  const JsonFault& fault() const { return fault_; }
  std::size_t bytes_written() const { return written_; }
  const std::vector<Reserved>& reserved() const { return reserved_; }
  void look_for_reserved_members() { split_ = true; }

 private:
  bool begin_value();
  bool end_value();
  bool open_container(bool object);
  void close_container();
  bool take_name();
  // `escaped` becomes true where the string holds escapes.
  bool take_string(bool* escaped = nullptr);
  std::string_view name_at(std::size_t begin, bool escaped);
  bool check_escapes(std::string_view raw, std::size_t offset);
  bool take_number();
  bool take_literal(std::string_view literal);
  bool end_scalar(std::size_t end);
  void end_reserved();

  // Moves to the next token; false at the end of the text.
  bool next();
  // Takes the next token where it is this byte.
  bool take_if(char c);
  void copy_run();
  std::size_t written_at(std::size_t offset) const { return written_ + (offset - run_begin_); }
  bool fail(const char* what, std::size_t offset, std::uint64_t limit = 0);

  const std::string_view text_;
  const JsonLimits& limits_;
  const std::uint32_t max_depth_;
  char* const out_;

  const std::uint32_t* positions_ = nullptr;
  std::uint32_t next_token_ = 0;
  std::uint32_t token_count_ = 0;
  std::size_t at_ = 0;         // of the current token
  std::size_t token_end_ = 0;  // behind the last token that was taken
  std::size_t run_begin_ = 0;
  std::size_t written_ = 0;
  std::size_t next_backslash_ = 0;

  std::vector<Container>& open_;
  NameSet& names_;
  JsonFault fault_;
  bool split_ = false;
  bool in_reserved_ = false;
  std::vector<Reserved> reserved_;
};

}  // namespace quire::document
