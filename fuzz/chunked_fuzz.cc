// A chunked body: it must not matter how it arrives, and a lenient reader must see the same data where ours
// takes it.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>

#include "base/check.h"
#include "input.h"
#include "net/chunked.h"

namespace {

using namespace quire;
using namespace quire::net;

struct Decoded {
  std::string data;
  std::size_t used = 0;
  bool done = false;
  bool refused = false;

  friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(std::string_view bytes, std::size_t step) {
  ChunkedDecoder decoder;
  Decoded decoded;
  while (decoded.used < bytes.size() && !decoder.done()) {
    const auto piece = decoder.decode(bytes.substr(decoded.used, step));
    if (!piece) {
      decoded.refused = true;
      decoded.used = 0;  // where it is refused depends on how it arrives
      return decoded;
    }
    decoded.data += piece->data;
    decoded.used += piece->used;
  }
  decoded.done = decoder.done();
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t step = input.byte() % 16U + 1U;
  const std::string_view bytes = input.rest();
  const Decoded whole = decode(bytes, bytes.size() + 1);
  QUIRE_CHECK(whole == decode(bytes, step), "it does not matter how a body arrives");
  if (!whole.done) return 0;

  namespace http = boost::beast::http;
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  parser.body_limit(boost::none);
  const std::string request =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(bytes.substr(0, whole.used));
  boost::system::error_code error;
  parser.put(boost::asio::buffer(request), error);
  if (error) return 0;  // it folds trailers' fields otherwise, and has bounds of its own
  QUIRE_CHECK(parser.is_done(), "others see the same end");
  QUIRE_CHECK(parser.get().body() == whole.data, "others see the same data");
  return 0;
}
