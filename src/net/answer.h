#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/message.h"

// The bytes of an answer's head.
namespace quire::net {

// "Not Found"; empty for a status that has no name here.
std::string_view reason(unsigned status);

// Whether answers of this status never have a body.
constexpr bool never_has_body(unsigned status) { return status < 200 || status == 204 || status == 304; }

// "Date: Thu, 26 Nov 2026 09:10:00 GMT\r\n", made anew once a second.
class DateLine {
 public:
  std::string_view at(WallMs now);

 private:
  WallMs second_ = -1;
  std::string line_;
};

struct AnswerFraming {
  std::optional<std::uint64_t> length;  // none: no Content-Length
  bool chunked = false;
  bool close = false;
  bool keep_alive_10 = false;  // says so to a client of HTTP/1.0, which expects the connection to be closed
};

void append_head(std::string& out, const Response& response, const AnswerFraming& framing,
                 std::string_view date_line, std::string_view common_fields);

// "1f\r\n", in front of a chunk of so many bytes.
void append_chunk_size(std::string& out, std::uint64_t size);

}  // namespace quire::net
