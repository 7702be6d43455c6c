#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "documents.h"
#include "figures.h"
#include "node.h"

// Memory and disk: what an idle database costs, what records take beside LZMA, what stays after deletes.

namespace quire::bench {

namespace {

void idle_databases(Report& report) {
  const std::string name = "an open idle database with 3 collections";
  if (!report.wants(name)) return;
  constexpr int kDatabases = 100;
  Row row{.name = name, .unit = "MB", .ours = {}, .peer = {}, .goal = {1.0, 0.5, true}};
  const TemporaryDirectory directory("idle");
  Node node(directory.path("ours"), 256 * kMiB);
  std::vector<std::shared_ptr<database::Shard>> open;
  const std::uint64_t before = resident_bytes();
  for (int i = 0; i < kDatabases; ++i) {
    const auto info = node.catalog().create("d" + std::to_string(i));
    if (!info) die(info.error().to_string());
    auto shard = node.catalog().use(info->id);
    if (!shard) die(shard.error().to_string());
    for (const auto* collection : {"a", "b", "c"}) {
      if (!(*shard)->create_collection(collection)) die("a collection was refused");
    }
    open.push_back(std::move(*shard));
  }
  row.ours.push_back(static_cast<double>(resident_bytes() - before) / kDatabases / kMiB);
  report.add(std::move(row));
}

// The records of Debian's package index, as one text each.
std::vector<std::string> package_index() {
  std::vector<std::string> records;
  std::FILE* pipe = popen("apt-cache dumpavail", "r");
  if (pipe == nullptr) die("apt-cache is not here");
  std::string record;
  std::array<char, 1 << 16> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
    const std::string_view text = line.data();
    if (text == "\n") {
      records.push_back(std::move(record));
      record.clear();
    } else {
      record += text;
    }
  }
  pclose(pipe);
  if (!record.empty()) records.push_back(std::move(record));
  return records;
}

void append_escaped(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else
      out.push_back(c);
  }
  out.push_back('"');
}

// "Name: value" lines, with continuation lines that begin with a space, as a JSON object.
std::string to_json(std::string_view record) {
  std::string json = "{";
  std::string value;
  std::string field;
  const auto finish = [&] {
    if (field.empty()) return;
    if (json.size() > 1) json.push_back(',');
    append_escaped(json, field);
    json.push_back(':');
    append_escaped(json, value);
  };
  while (!record.empty()) {
    const auto end = record.find('\n');
    const std::string_view line = record.substr(0, end);
    record.remove_prefix(end == std::string_view::npos ? record.size() : end + 1);
    const auto colon = line.find(':');
    if (line.starts_with(' ')) {
      value.append("\n").append(line);
    } else if (colon != std::string_view::npos) {
      finish();
      field = line.substr(0, colon);
      value = line.substr(std::min(line.size(), colon + 2));
    }
  }
  finish();
  return json += "}";
}

// The bytes of one LZMA file for each 256 records, made by xz as it comes.
std::uint64_t lzma_bytes(const std::vector<std::string>& documents, const std::string& directory) {
  std::filesystem::create_directories(directory);
  for (std::size_t from = 0; from < documents.size(); from += 256) {
    std::ofstream out(directory + "/" + std::to_string(from));
    for (std::size_t i = from; i < std::min(documents.size(), from + 256); ++i) out << documents[i] << '\n';
  }
  const std::string command = "xz --format=lzma -q " + directory + "/*";
  if (std::system(("sh -c '" + command + "'").c_str()) != 0) die("xz failed");
  std::uint64_t total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) total += entry.file_size();
  return total;
}

void package_disk(Report& report) {
  const std::string name = "disk of the Debian package index, to LZMA";
  if (!report.wants(name)) return;
  std::vector<std::string> documents;
  for (const auto& record : package_index()) documents.push_back(to_json(record));
  const TemporaryDirectory directory("packages");
  Row row{.name = name, .unit = "MB", .ours = {}, .peer = {}, .goal = {2.0, 1.5, true}};
  row.peer.push_back(static_cast<double>(lzma_bytes(documents, directory.path("lzma"))) / kMiB);
  {
    Node node(directory.path("ours"), 256 * kMiB);
    node.fill([&](std::uint64_t number) { return documents[number]; }, 0, documents.size());
    const auto shard = node.shard();
    (void)shard->store().flush();
    for (const auto family : {storage::Family::documents, storage::Family::history, storage::Family::index}) {
      (void)shard->store().compact(family, {}, {});
    }
  }
  row.ours.push_back(static_cast<double>(disk_bytes(directory.path("ours"))) / kMiB);
  report.add(std::move(row));
}

void compact_all(Node& node) {
  (void)node.shard()->store().flush();
  for (std::size_t family = 0; family < storage::kFamilies; ++family) {
    (void)node.shard()->store().compact(static_cast<storage::Family>(family), {}, {});
  }
}

void remove_nine_of_ten(Node& node, std::uint64_t documents) {
  std::vector<engine::Change> changes;
  for (std::uint64_t number = 0; number < documents; ++number) {
    if (number % 10 == 0) continue;
    engine::Change change;
    change.id = DocumentMaker::id(number);
    change.kind = engine::Change::Kind::remove;
    change.condition = engine::Change::Condition::any;
    changes.push_back(std::move(change));
    if (changes.size() == 500) node.write(std::exchange(changes, {}));
  }
  node.write(std::move(changes));
}

void wait_ten_minutes(const std::string& directory) {
  for (int minute = 0; minute <= 10; ++minute) {
    std::fprintf(stderr, "  %d min: %.1f MB\n", minute, static_cast<double>(disk_bytes(directory)) / kMiB);
    if (minute < 10) std::this_thread::sleep_for(std::chrono::minutes(1));
  }
}

// What time would do to a database of fewer documents, with as much less of replaced texts.
void settle(Node& node, double share) {
  database::ShardSettings settings;
  settings.history_bytes = static_cast<std::uint64_t>(static_cast<double>(settings.history_bytes) * share);
  node.shard()->set_settings(settings);
  if (!node.shard()->maintain({})) die("a shard could not be cared for");
  compact_all(node);
}

// After 90 % of a million documents are deleted and ten minutes have gone by, beside an import of those that
// are left.
void deleted_disk(Report& report, const FootprintOptions& options) {
  const std::string name = "disk 10 min after 90 % are deleted, to a fresh import";
  if (!report.wants(name)) return;
  constexpr std::uint64_t kMillion = 1'000'000;
  const DocumentMaker maker;
  const TemporaryDirectory own("deleted");
  const std::string directory = options.directory.empty() ? own.path() : options.directory;
  Row row{.name = name, .unit = "MB", .ours = {}, .peer = {}, .goal = {1.5, 1.3, true}};
  {  // measured open, as the other is: the log of an open catalog has its first megabyte set aside
    Node fresh(directory + "/fresh", 256 * kMiB);
    fresh.fill([&](std::uint64_t number) { return maker.make(number * 10); }, 0, options.documents / 10);
    compact_all(fresh);
    row.peer.push_back(static_cast<double>(disk_bytes(directory + "/fresh")) / kMiB);
  }
  {
    Node node(directory + "/ours", 256 * kMiB);
    node.fill([&](std::uint64_t number) { return maker.make(number); }, 0, options.documents);
    remove_nine_of_ten(node, options.documents);
    if (options.documents < kMillion) {
      settle(node, static_cast<double>(options.documents) / kMillion);
    } else {
      wait_ten_minutes(directory + "/ours");
    }
    row.ours.push_back(static_cast<double>(disk_bytes(directory + "/ours")) / kMiB);
  }
  report.add(std::move(row));
}

}  // namespace

void footprint_figures(Report& report, const FootprintOptions& options) {
  idle_databases(report);
  package_disk(report);
  deleted_disk(report, options);
}

}  // namespace quire::bench
