#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quire::cli {

// "1,234,567"
std::string grouped(std::uint64_t number);
// "1.5 MiB"
std::string readable_bytes(std::uint64_t bytes);
// "1 document", "2 documents"
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace quire::cli
