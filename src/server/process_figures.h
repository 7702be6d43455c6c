#pragma once

#include <cstdint>
#include <string>

namespace quire::server {

// What the operating system says; 0 where it says nothing.
std::uint64_t resident_bytes();
std::uint64_t free_disk_bytes(const std::string& path);

}  // namespace quire::server
