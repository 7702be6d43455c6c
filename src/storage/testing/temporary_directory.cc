#include "storage/testing/temporary_directory.h"

#include <cstdlib>

#include "base/check.h"

namespace quire::storage::testing {

TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& parent) {
  std::string name = (parent / "quire-test-XXXXXX").string();
  QUIRE_CHECK(::mkdtemp(name.data()) != nullptr, "no temporary directory");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace quire::storage::testing
