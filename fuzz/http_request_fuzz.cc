// Requests of a connection, as bytes, through finder, head and body, without a socket: at once, and cut into
// pieces as the first bytes of the input say. Both must see the same requests, and refuse at the same one.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "input.h"
#include "net/body_reader.h"
#include "net/host.h"
#include "net/request_head.h"
#include "net/target.h"

namespace {

using namespace quire;
using namespace quire::net;

struct Seen {
  std::vector<std::string> requests;  // head and body
  unsigned refused = 0;
  bool incomplete = false;

  friend bool operator==(const Seen&, const Seen&) = default;
};

void check_views(std::string_view head, const ParsedRequest& request) {
  const auto inside = [head](std::string_view view) {
    return view.empty() ||
           (view.data() >= head.data() && view.data() + view.size() <= head.data() + head.size());
  };
  QUIRE_CHECK(inside(request.head.target) && inside(request.head.path) && inside(request.head.query),
              "views show the head");
  for (const Field& field : request.fields) {
    QUIRE_CHECK(inside(field.name) && inside(field.value), "fields show the head");
    QUIRE_CHECK(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
                "values are one line");
  }
  QUIRE_CHECK(!(request.chunked && request.head.content_length), "a body has one length");
}

// Another reader, which is more lenient, must not see another request where ours takes one.
void check_against_beast(std::string_view head, const ParsedRequest& request) {
  namespace http = boost::beast::http;
  http::request_parser<http::string_body> parser;
  parser.header_limit(UINT32_MAX);
  parser.body_limit(boost::none);  // how long a body may be, is for routes to say
  boost::system::error_code error;
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  QUIRE_CHECK(!error && parser.is_header_done(), "what is taken is a request to others");
  QUIRE_CHECK(parser.chunked() == request.chunked, "others see chunks where we do");
  const auto length = parser.content_length();
  QUIRE_CHECK(length.has_value() == request.head.content_length.has_value() &&
                  (!length || *length == *request.head.content_length),
              "others see the same length");
  QUIRE_CHECK(
      std::string_view(parser.get().target().data(), parser.get().target().size()) == request.head.target,
      "others see the same target");
}

// Takes requests off the bytes that have arrived; false once one is refused.
class Reader {
 public:
  Reader() : finder_(limits_) {}

  bool arrive(std::string_view bytes) {
    arrived_ += bytes;
    while (step()) {
    }
    return seen_.refused == 0;
  }
  Seen finish() {
    seen_.incomplete = !arrived_.empty() || body_.has_value();
    return seen_;
  }

 private:
  bool step() {
    if (seen_.refused != 0) return false;
    if (body_) return take_body();
    std::optional<Refusal> refusal;
    const std::size_t size = arrived_.empty() ? 0 : finder_.find(arrived_, refusal);
    if (refusal) return refuse(refusal->status);
    if (size == 0) return false;
    const std::string_view head = std::string_view(arrived_).substr(0, size);
    ParsedRequest request;
    if (refusal = parse_request_head(head, limits_, request); refusal) return refuse(refusal->status);
    check_views(head, request);
    check_against_beast(head, request);
    (void)host_name(request.host);
    (void)parse_query(request.head.query);
    seen_.requests.emplace_back(head);
    body_ = request.chunked ? BodyReader::of_chunks()
                            : BodyReader::of_length(request.head.content_length.value_or(0));
    arrived_.erase(0, size);
    finder_.reset();
    return true;
  }

  bool take_body() {
    if (body_->done()) {
      body_.reset();
      return true;
    }
    const auto piece = body_->take(arrived_);
    if (!piece) return refuse(piece.error().code() == ErrorCode::too_large ? 413 : 400);
    seen_.requests.back() += piece->data;
    arrived_.erase(0, piece->used);
    return piece->used > 0 || body_->done();
  }

  bool refuse(unsigned status) {
    seen_.refused = status;
    body_.reset();
    arrived_.clear();
    return false;
  }

  const Limits limits_;
  HeadFinder finder_;
  std::optional<BodyReader> body_;
  std::string arrived_;
  Seen seen_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t steps[] = {input.byte() % 64U + 1U, input.byte() % 7U + 1U};
  const std::string_view bytes = input.rest();

  Reader whole;
  whole.arrive(bytes);
  Reader pieces;
  std::size_t at = 0;
  for (std::size_t i = 0; at < bytes.size(); ++i) {
    const std::string_view piece = bytes.substr(at, steps[i % 2]);
    if (!pieces.arrive(piece)) break;
    at += piece.size();
  }
  QUIRE_CHECK(whole.finish() == pieces.finish(), "it does not matter how a request arrives");
  return 0;
}
