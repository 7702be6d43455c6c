// Beast's parser knows the grammar; this file refuses what it lets through: folded lines (it joins them, so
// that a value may not stand in the input), several lengths, codings besides `chunked`, and other
// expectations than 100-continue.

#include "net/request_head.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

#include "net/framing.h"
#include "net/text.h"
#include "net/tuning.h"

namespace quire::net {

namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

std::string_view standard(BeastView view) { return {view.data(), view.size()}; }

Refusal malformed(std::string message) { return {400, Error(ErrorCode::invalid, std::move(message))}; }

Refusal folded() { return malformed("a field of the head is folded over several lines"); }

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Method::get;
    case http::verb::head: return Method::head;
    case http::verb::put: return Method::put;
    case http::verb::post: return Method::post;
    case http::verb::patch: return Method::patch;
    case http::verb::delete_: return Method::remove;
    case http::verb::options: return Method::options;
    case http::verb::copy: return Method::copy;
    default: return Method::other;
  }
}

class Parser final : public http::basic_parser<true> {
 public:
  Parser(std::string_view head, const Limits& limits, ParsedRequest& into)
      : head_(head), limits_(limits), into_(into) {
    header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(head.size(), UINT32_MAX)));
    body_limit(boost::none);
    skip(true);  // bodies are none of its business
  }

  std::optional<Refusal> parse() {
    error_code error;
    const std::size_t used = put({head_.data(), head_.size()}, error);
    if (refusal_) return std::move(refusal_);
    if (error) return explain(error);
    if (used != head_.size() || !is_done()) return malformed("the head is not one");
    into_.keep_alive = keep_alive();
    return finish();
  }

 protected:
  void on_request_impl(http::verb verb, BeastView method, BeastView target, int version,
                       error_code& error) override {
    into_.head.method = method_of(verb);
    into_.head.method_name = standard(method);
    into_.head.target = standard(target);
    into_.http11 = version == 11;
    if (!take_target(into_.head.target)) refuse(malformed("the target of the request is malformed"), error);
  }

  void on_field_impl(http::field known, BeastView name, BeastView value, error_code& error) override {
    if (into_.fields.size() == limits_.fields) {
      return refuse({431, Error(ErrorCode::too_large,
                                "the request has more fields than " + std::to_string(limits_.fields))
                              .over(limits_.fields)},
                    error);
    }
    const bool in_head =
        value.empty() || (value.data() >= head_.data() && value.data() <= head_.data() + head_.size());
    if (!in_head) return refuse(folded(), error);
    into_.fields.push_back({standard(name), standard(value)});
    take_known(known, standard(value), error);
  }

  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

 private:
  void refuse(Refusal refusal, error_code& error) {
    refusal_ = std::move(refusal);
    error = make_error_code(http::error::bad_field);
  }

  void take_known(http::field known, std::string_view value, error_code& error) {
    switch (known) {
      case http::field::host: return take_host(value, error);
      case http::field::content_length: return take_framing(framing_.take_length(value), error);
      case http::field::transfer_encoding:
        return take_framing(framing_.take_coding(value, into_.http11), error);
      case http::field::expect: return take_expectation(value, error);
      default: return;
    }
  }

  void take_host(std::string_view value, error_code& error) {
    if (has_host_) return refuse(malformed("the field Host stands twice"), error);
    has_host_ = true;
    if (!absolute_) into_.host = value;
  }

  void take_framing(const char* problem, error_code& error) {
    if (problem != nullptr) refuse(malformed(problem), error);
  }

  void take_expectation(std::string_view value, error_code& error) {
    if (!same_ignoring_case(value, "100-continue")) {
      return refuse({417, Error(ErrorCode::invalid, "the only expectation that is met is 100-continue")},
                    error);
    }
    into_.expects_continue = into_.http11;
  }

  // RFC 9112's four forms, without that of CONNECT, which only proxies are asked for.
  bool take_target(std::string_view target) {
    if (target.find('#') != std::string_view::npos) return false;
    if (target == "*") {
      into_.head.path = target;
      return into_.head.method == Method::options;
    }
    if (target.front() != '/' && !take_authority(target)) return false;
    const std::size_t mark = target.find('?');
    into_.head.path = target.substr(0, mark);
    if (mark != std::string_view::npos) into_.head.query = target.substr(mark + 1);
    return into_.head.method_name != "CONNECT";
  }

  // Of "http://host/path": takes the host, leaves the path.
  bool take_authority(std::string_view& target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (!same_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
      const std::size_t begin = scheme.size();
      const std::size_t end = std::min(target.find_first_of("/?", begin), target.size());
      into_.host = target.substr(begin, end - begin);
      absolute_ = true;
      target.remove_prefix(end);
      if (target.empty() || target.front() == '?') {
        // "http://host?query": the path is "/", which stands nowhere in the target.
        into_.head.path = "/";
        if (!target.empty()) into_.head.query = target.substr(1);
        return false;  // nobody sends it, and path and query would not be parts of one text
      }
      return true;
    }
    return false;
  }

  std::optional<Refusal> finish() {
    if (!has_host_) return malformed("the field Host is missing");
    RequestHead& head = into_.head;
    head.content_length = framing_.length;
    into_.chunked = framing_.chunked;
    head.fields = into_.fields;
    head.has_body = into_.chunked || head.content_length.value_or(0) > 0;
    if (!head.has_body) into_.expects_continue = false;
    return std::nullopt;
  }

  Refusal explain(const error_code& error) const {
    if (error == http::error::bad_version && names_a_version()) {
      return {505, Error(ErrorCode::invalid, "only HTTP/1.1 and HTTP/1.0 are spoken")};
    }
    if (error == http::error::header_limit) return folded();
    return malformed("the head of the request is malformed: " + error.message());
  }

  // Whether the request line is a good one, of another version.
  bool names_a_version() const {
    const std::string_view line = head_.substr(0, head_.find("\r\n"));
    if (line.size() < 9 || std::count(line.begin(), line.end(), ' ') != 2) return false;
    const std::string_view version = line.substr(line.size() - 9);
    return version.starts_with(" HTTP/") && is_decimal(version[6]) && version[7] == '.' &&
           is_decimal(version[8]);
  }

  std::string_view head_;
  const Limits& limits_;
  ParsedRequest& into_;
  std::optional<Refusal> refusal_;
  Framing framing_;
  bool has_host_ = false;
  bool absolute_ = false;
};

// Whether the bytes, the first of a head, could become one.
bool begins_like_an_answer(std::string_view bytes) {
  constexpr std::string_view kBeginning = "HTTP/1.";
  const std::size_t size = std::min(bytes.size(), kBeginning.size());
  return bytes.substr(0, size) == kBeginning.substr(0, size);
}

bool begins_like_a_request(std::string_view bytes) {
  const std::size_t looked_at = std::min(bytes.size(), kMethodBytes + 1);
  for (std::size_t i = 0; i < looked_at; ++i) {
    if (bytes[i] == ' ') return i > 0;
    if (!is_token_char(bytes[i])) return false;
  }
  return bytes.size() <= kMethodBytes;
}

}  // namespace

void ParsedRequest::clear() {
  head = {};
  fields.clear();
  host = {};
  http11 = keep_alive = chunked = expects_continue = false;
}

std::size_t HeadFinder::find(std::string_view bytes, std::optional<Refusal>& refusal) {
  if (looked_at_ <= kMethodBytes && !begins_well(bytes)) {
    refusal = malformed("this is not HTTP");
    refusal->answered = false;
    return 0;
  }
  for (;;) {
    const std::size_t end = bytes.find('\n', looked_at_);
    if (end == std::string_view::npos) break;
    const std::string_view line = bytes.substr(line_begin_, end - line_begin_);
    if (!first_line_ended_) refusal = check_first_line(line);
    if (!refusal) refusal = too_long(end + 1);
    if (!refusal && !line.ends_with('\r')) refusal = malformed("a line of the head does not end in CRLF");
    if (!refusal && first_line_ended_ && (line.front() == ' ' || line.front() == '\t')) refusal = folded();
    if (refusal) return 0;
    looked_at_ = line_begin_ = end + 1;
    first_line_ended_ = true;
    if (line.size() == 1) return line_begin_;
  }
  looked_at_ = bytes.size();
  if (!first_line_ended_) refusal = check_first_line(bytes);
  if (!refusal) refusal = too_long(bytes.size());
  return 0;
}

bool HeadFinder::begins_well(std::string_view bytes) const {
  return kind_ == Kind::request ? begins_like_a_request(bytes) : begins_like_an_answer(bytes);
}

std::optional<Refusal> HeadFinder::check_first_line(std::string_view line) const {
  const std::size_t limit = limits_->request_line_bytes;
  if (line.size() <= limit) return std::nullopt;
  return Refusal{414, Error(ErrorCode::too_large,
                            std::string(kind_ == Kind::request ? "the request line" : "the status line") +
                                " is longer than " + std::to_string(limit) + " bytes")
                          .over(limit)};
}

std::optional<Refusal> HeadFinder::too_long(std::size_t size) const {
  const std::size_t limit = limits_->head_bytes;
  if (size <= limit) return std::nullopt;
  return Refusal{
      431, Error(ErrorCode::too_large,
                 std::string(kind_ == Kind::request ? "the head of the request" : "the head of the answer") +
                     " is longer than " + std::to_string(limit) + " bytes")
               .over(limit)};
}

std::optional<Refusal> parse_request_head(std::string_view head, const Limits& limits, ParsedRequest& into) {
  return Parser(head, limits, into).parse();
}

}  // namespace quire::net
