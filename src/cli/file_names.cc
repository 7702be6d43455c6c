#include "cli/file_names.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace quire::cli {

namespace {

// File systems take 255 bytes; an ending and ".partial" come behind.
constexpr std::size_t kLongest = 230;
constexpr std::size_t kHashBytes = 16;

bool plain(std::string_view id, std::size_t at) {
  const auto byte = static_cast<unsigned char>(id[at]);
  if (byte < 0x20 || byte == 0x7F || byte == '/' || byte == '%' || byte == '~') return false;
  return byte != '.' || at != 0;
}

}  // namespace

std::string file_name(std::string_view id) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string name;
  for (std::size_t at = 0; at < id.size(); ++at) {
    if (plain(id, at)) {
      name.push_back(id[at]);
      continue;
    }
    const auto byte = static_cast<unsigned char>(id[at]);
    name += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  if (name.size() <= kLongest) return name;
  std::string digest(kHashBytes, '\0');
  Blake2b hash(kHashBytes);
  hash.update(id);
  hash.finish(digest.data());
  name.resize(kLongest - 2 * kHashBytes - 1);
  // Not within a character of several bytes, and not within an escape.
  while ((static_cast<unsigned char>(name.back()) & 0xC0) == 0x80) name.pop_back();
  if ((static_cast<unsigned char>(name.back()) & 0xC0) == 0xC0) name.pop_back();
  if (const auto escape = name.rfind('%'); escape != std::string::npos && escape + 3 > name.size())
    name.resize(escape);
  return name + "~" + to_hex(digest);
}

std::optional<std::string> id_of_file_name(std::string_view name) {
  std::string id;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] == '~') return std::nullopt;
    if (name[at] != '%') {
      id.push_back(name[at]);
      continue;
    }
    std::string digits(name.substr(at + 1, 2));
    for (char& digit : digits) {
      if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
    }
    const auto byte = digits.size() == 2 ? from_hex(digits) : std::nullopt;
    if (!byte) return std::nullopt;
    id += *byte;
    at += 2;
  }
  return id;
}

}  // namespace quire::cli
