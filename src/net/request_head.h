#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/message.h"
#include "net/server.h"

// The head of a request, from bytes. Strict, because whoever reads a request otherwise than the proxy before
// it can be made to answer one client with what is meant for another: what RFC 9112 lets a server repair is
// refused.
namespace quire::net {

// Why a request is answered without its service.
struct Refusal {
  unsigned status = 400;
  Error error;
  bool answered = true;  // false: it is not HTTP, so the connection is closed without a word
};

// A head that was read. Views show the bytes that it was read from.
struct ParsedRequest {
  RequestHead head;
  std::vector<Field> fields;  // head.fields shows them
  std::string_view host;      // of the target where that is absolute, else of the field
  bool http11 = false;
  bool keep_alive = false;
  bool chunked = false;
  bool expects_continue = false;

  // Forgets the request, keeps the memory.
  void clear();
};

// Finds where a head ends, in bytes that arrive bit by bit, and refuses as early as may be: what does not
// begin like a request, a line that ends in a bare LF, and what is longer than the limits.
class HeadFinder {
 public:
  enum class Kind : std::uint8_t { request, answer };
  explicit HeadFinder(const Limits& limits, Kind kind = Kind::request) : limits_(&limits), kind_(kind) {}

  // `bytes` begin where the head does, and hold at least what they held at the last call. Answers the length
  // of the whole head, its empty line included; 0: more is needed.
  std::size_t find(std::string_view bytes, std::optional<Refusal>& refusal);
  // The next head begins.
  void reset() {
    looked_at_ = line_begin_ = 0;
    first_line_ended_ = false;
  }

 private:
  std::optional<Refusal> check_first_line(std::string_view line) const;
  std::optional<Refusal> too_long(std::size_t size) const;

  bool begins_well(std::string_view bytes) const;

  const Limits* limits_;
  Kind kind_;
  std::size_t looked_at_ = 0;
  std::size_t line_begin_ = 0;
  bool first_line_ended_ = false;
};

// Reads a whole head, as HeadFinder found it, into `into`, which is clear. The caller fills peer, listener
// and secure. Never allocates but for the list of fields.
std::optional<Refusal> parse_request_head(std::string_view head, const Limits& limits, ParsedRequest& into);

}  // namespace quire::net
