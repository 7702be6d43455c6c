#include "net/answer_head.h"

#include <boost/beast/http/basic_parser.hpp>

#include "net/text.h"

namespace quire::net {

namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

std::string_view standard(BeastView view) { return {view.data(), view.size()}; }

Error malformed(const std::string& what) {
  return {ErrorCode::invalid, "the server's answer is malformed: " + what};
}

class Parser final : public http::basic_parser<false> {
 public:
  Parser(std::string_view head, std::size_t most_fields) : head_(head), most_fields_(most_fields) {
    header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(head.size(), UINT32_MAX)));
    body_limit(boost::none);
    skip(true);  // bodies are none of its business
  }

  Result<ParsedAnswer> parse() {
    error_code error;
    const std::size_t used = put({head_.data(), head_.size()}, error);
    if (problem_) return std::move(*problem_);
    if (error) return malformed(error.message());
    if (used != head_.size() || !is_done()) return malformed("its head is not one");
    answer_.keep_alive = keep_alive();
    return std::move(answer_);
  }

 protected:
  void on_response_impl(int code, BeastView, int version, error_code& error) override {
    http11_ = version == 11;
    if (code < 100 || code > 599) return refuse(malformed("its status"), error);
    answer_.status = static_cast<unsigned>(code);
  }

  void on_field_impl(http::field known, BeastView name, BeastView value, error_code& error) override {
    if (answer_.fields.size() == most_fields_) {
      return refuse(Error(ErrorCode::too_large,
                          "the server's answer has more fields than " + std::to_string(most_fields_))
                        .over(most_fields_),
                    error);
    }
    const bool in_head =
        value.empty() || (value.data() >= head_.data() && value.data() <= head_.data() + head_.size());
    if (!in_head) return refuse(malformed("a folded field"), error);
    answer_.fields.push_back({standard(name), standard(value)});
    const char* problem = nullptr;
    if (known == http::field::content_length) problem = answer_.framing.take_length(standard(value));
    if (known == http::field::transfer_encoding)
      problem = answer_.framing.take_coding(standard(value), http11_);
    if (problem != nullptr) refuse(malformed(problem), error);
  }

  void on_request_impl(http::verb, BeastView, BeastView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

 private:
  void refuse(Error problem, error_code& error) {
    problem_ = std::move(problem);
    error = make_error_code(http::error::bad_field);
  }

  std::string_view head_;
  std::size_t most_fields_;
  std::optional<Error> problem_;
  ParsedAnswer answer_;
  bool http11_ = false;
};

}  // namespace

std::string_view ParsedAnswer::field(std::string_view name) const {
  for (const Field& field : fields) {
    if (same_ignoring_case(field.name, name)) return field.value;
  }
  return {};
}

Result<ParsedAnswer> parse_answer_head(std::string_view head, std::size_t most_fields) {
  return Parser(head, most_fields).parse();
}

}  // namespace quire::net
