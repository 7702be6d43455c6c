#pragma once

#include <optional>
#include <string_view>

namespace quire::document {

// The values of "format" that can be checked here.
enum class SchemaFormat {
  none,
  date_time,
  date,
  time,
  duration,
  email,
  hostname,
  ipv4,
  ipv6,
  uri,
  uri_reference,
  uuid,
  json_pointer,
  relative_json_pointer,
};

// none for those that are not known or not well enough defined to be checked.
SchemaFormat format_named(std::string_view name);
std::string_view format_name(SchemaFormat format);

// Whether the string has the format; time is linear.
bool has_format(SchemaFormat format, std::string_view text);

}  // namespace quire::document
