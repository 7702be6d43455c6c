#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "database/testing/test_shard.h"
#include "node.h"
#include "server/serve.h"
#include "server/settings.h"

// `quire serve` with a kind of index, which the program itself has not yet, so that writes are measured with
// an index hook in their path.
//
//   indexed_server prepare DIRECTORY        makes a data directory with collections that have an index each
//   indexed_server serve --NAME=VALUE...    the settings of quire serve

namespace quire::bench {

namespace {

const database::testing::MemberIndexes& members() {
  static const database::testing::MemberIndexes kind;
  return kind;
}

void must(const Status& status) {
  if (!status) die(status.error().to_string());
}

template <class T>
T must(Result<T> result) {
  if (!result) die(result.error().to_string());
  return *std::move(result);
}

void add_collection(database::Shard& shard, const char* name, const database::CollectionSettings& settings,
                    const char* member) {
  const auto made = must(shard.create_collection(name, settings));
  must(shard.create_index(made.id, "member", member));
}

// As the surfaces make them, and with an index.
void prepare(const std::string& directory) {
  const auto executor = make_thread_pool(2);
  database::CatalogOptions options;
  options.index_kinds = {&members()};
  const auto catalog =
      must(database::Catalog::open(directory, options, system_clock(), system_random(), *executor));
  const auto shard = must(catalog->use(must(catalog->find("main")).id));
  add_collection(*shard, "kv", {.revision_limit = 8, .history = false}, "v");
  add_collection(*shard, "stations", {}, "name");
}

Result<server::Config> config_of(int count, char** words) {
  server::ConfigBuilder builder;
  for (int i = 0; i < count; ++i) {
    const std::string_view word = words[i];
    const std::string_view flag = word.substr(0, word.find('='));
    const std::string value(word.substr(std::min(word.size(), flag.size() + 1)));
    const server::Setting* known = nullptr;
    for (const server::Setting& setting : server::settings()) {
      if (setting.flag_name() == flag) known = &setting;
    }
    if (known == nullptr) return Error(ErrorCode::invalid, "no setting is called " + std::string(flag));
    QUIRE_TRY_STATUS(builder.take_flag(known->name, {value}));
  }
  return builder.finish();
}

int run(int count, char** words) {
  if (count == 2 && std::string_view(words[0]) == "prepare") {
    prepare(words[1]);
    return 0;
  }
  if (count == 0 || std::string_view(words[0]) != "serve") die("prepare DIRECTORY, or serve --NAME=VALUE...");
  const auto config = must(config_of(count - 1, words + 1));
  must(server::serve(config,
                     [](const std::string& line) {
                       std::printf("%s\n", line.c_str());
                       std::fflush(stdout);
                     },
                     {&members()}));
  return 0;
}

}  // namespace

}  // namespace quire::bench

int main(int count, char** words) { return quire::bench::run(count - 1, words + 1); }
