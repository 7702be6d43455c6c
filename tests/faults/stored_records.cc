#include <cstdio>
#include <string>

#include "base/random.h"
#include "database/catalog.h"

// stored_records DIRECTORY: keys and values of every record of every database, as they are before tables are
// compressed. What must not be stored is looked for in it.

namespace {

int fail(const std::string& what) {
  std::fprintf(stderr, "stored_records: %s\n", what.c_str());
  return 1;
}

void print(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace

int main(int count, char** words) {
  using namespace quire;
  if (count != 2) return fail("expected a data directory");
  const auto executor = make_thread_pool(1);
  database::CatalogOptions options;
  options.create = false;
  const auto catalog = database::Catalog::open(words[1], options, system_clock(), system_random(), *executor);
  if (!catalog) return fail(catalog.error().to_string());
  for (const database::DatabaseInfo& info : (*catalog)->list()) {
    print(info.name);
    const auto shard = (*catalog)->use(info.id);
    if (!shard) return fail(shard.error().to_string());
    for (std::size_t family = 0; family < storage::kFamilies; ++family) {
      const auto records = (*shard)->store().iterate(static_cast<storage::Family>(family));
      for (records->seek_to_first(); records->valid(); records->next()) {
        print(records->key());
        print(records->value());
      }
    }
  }
  return 0;
}
