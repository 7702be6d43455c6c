#include "net/message.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "net/text.h"

namespace quire::net {

std::string_view name(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::put: return "PUT";
    case Method::post: return "POST";
    case Method::patch: return "PATCH";
    case Method::remove: return "DELETE";
    case Method::options: return "OPTIONS";
    case Method::copy: return "COPY";
    case Method::other: return "OTHER";
  }
  return "OTHER";
}

std::string RequestHead::id_text() const {
  std::string bytes;
  put_u64(bytes, id);
  return to_hex(bytes);
}

std::string_view RequestHead::field(std::string_view field_name) const {
  for (const Field& field : fields) {
    if (same_ignoring_case(field.name, field_name)) return field.value;
  }
  return {};
}

void Response::add_field(std::string_view field_name, std::string_view value) {
  QUIRE_CHECK(is_token(field_name), "a field's name is a token");
  QUIRE_CHECK(is_field_value(value), "a field's value has no control characters");
  more_fields_.append(field_name).append(": ").append(value).append("\r\n");
}

}  // namespace quire::net
