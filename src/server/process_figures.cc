#include "server/process_figures.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

namespace quire::server {

std::uint64_t resident_bytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                             &std::fclose);
  unsigned long long whole = 0;
  unsigned long long resident = 0;
  if (file == nullptr || std::fscanf(file.get(), "%llu %llu", &whole, &resident) != 2) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t free_disk_bytes(const std::string& path) {
  struct statvfs figures {};
  if (::statvfs(path.c_str(), &figures) != 0) return 0;
  return static_cast<std::uint64_t>(figures.f_bavail) * figures.f_frsize;
}

}  // namespace quire::server
