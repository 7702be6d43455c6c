#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// What travels: the head of a request, and an answer.
namespace quire::net {

enum class Method : std::uint8_t { get, head, put, post, patch, remove, options, copy, other };

// As it stands in a request line: "GET", "DELETE".
std::string_view name(Method method);

struct Field {
  std::string_view name;  // as it was sent
  std::string_view value;
};

// The head of a request, checked. Its views show the connection's buffer: valid as long as the exchange.
struct RequestHead {
  Method method = Method::other;
  std::string_view method_name;  // as it was sent, also where it is `other`
  std::string_view target;       // as it was sent
  std::string_view path;         // of it, up to the '?', still percent-encoded
  std::string_view query;        // of it, behind the '?', still percent-encoded
  std::span<const Field> fields;
  std::optional<std::uint64_t> content_length;  // none: no body, or a chunked one
  bool has_body = false;
  std::string_view peer;       // the client's address, without its port
  std::uint32_t listener = 0;  // which of the server's listeners took the connection
  bool secure = false;         // by TLS
  // Of this request: a server gives no other one the same. Answers that are errors and logs name it.
  std::uint64_t id = 0;

  // The value of the first field of this name, whatever its case; empty where there is none.
  std::string_view field(std::string_view field_name) const;
  // 16 hexadecimal digits.
  std::string id_text() const;
};

// An answer. Content-Length, Date, Connection and the fields that every answer has are added when it is sent.
struct Response {
  unsigned status = 200;
  std::string_view content_type = "application/json";  // a constant; empty: none
  std::string body;

  // A field of the head. Values with line ends or other control characters are a defect of the caller.
  void add_field(std::string_view field_name, std::string_view value);
  const std::string& more_fields() const { return more_fields_; }

 private:
  std::string more_fields_;  // whole lines
};

}  // namespace quire::net
