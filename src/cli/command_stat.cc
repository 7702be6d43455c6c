#include <algorithm>
#include <array>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/text.h"
#include "document/json.h"
#include "engine/position.h"

namespace quire::cli {

namespace {

struct Figures {
  std::string name;
  engine::DatabaseStatistics whole;
  std::vector<engine::CollectionDescription> collections;
};

void print_table(const Figures& figures, std::string& out) {
  out += "database " + figures.name + ": " + counted(figures.whole.counts.documents, "document") + ", " +
         readable_bytes(figures.whole.disk_bytes) + " on disk, position " +
         engine::to_string(figures.whole.position) + "\n";
  std::vector<std::array<std::string, 4>> rows = {{"collection", "documents", "deleted", "bytes"}};
  for (const auto& one : figures.collections) {
    rows.push_back(
        {one.name, grouped(one.counts.documents), grouped(one.counts.deleted), grouped(one.counts.bytes)});
  }
  std::array<std::size_t, 4> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    out += "  " + row[0] + std::string(widths[0] - row[0].size(), ' ');
    for (std::size_t i = 1; i < row.size(); ++i) {
      out += std::string(widths[i] - row[i].size() + 2, ' ') + row[i];
    }
    out += "\n";
  }
}

void print_json(const Figures& figures, std::string& out) {
  const auto number = [&](const char* name, std::uint64_t value) {
    out += std::string(",\"") + name + "\":" + std::to_string(value);
  };
  out += "{\"database\":";
  document::append_json_string(out, figures.name);
  out += ",\"position\":\"" + engine::to_string(figures.whole.position) + "\"";
  out += ",\"oldest\":\"" +
         engine::to_string({figures.whole.position.incarnation, figures.whole.history_edge}) + "\"";
  number("history_ms", figures.whole.database.history_ms);
  number("history_bytes", figures.whole.database.history_bytes);
  number("documents", figures.whole.counts.documents);
  number("deleted", figures.whole.counts.deleted);
  number("bytes", figures.whole.counts.bytes);
  number("disk_bytes", figures.whole.disk_bytes);
  out += ",\"collections\":[";
  for (const auto& one : figures.collections) {
    if (out.back() == '}') out.push_back(',');
    out += "{\"name\":";
    document::append_json_string(out, one.name);
    number("documents", one.counts.documents);
    number("deleted", one.counts.deleted);
    number("bytes", one.counts.bytes);
    number("revision_limit", one.settings.revision_limit);
    out += std::string(",\"history\":") + (one.settings.history ? "true" : "false") + "}";
  }
  out += "]}\n";
}

class Stat final : public Command {
 public:
  void define(Arguments& arguments) override {
    place_.define_node(arguments);
    arguments.option("--database", place_.database, "the database (default: all)");
    arguments.flag("--json", json_, "one JSON object a database");
  }

  Status run() override {
    QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_an_error));
    std::vector<std::string> names = {place_.database};
    if (place_.database.empty()) {
      QUIRE_TRY(names, all_names(session));
    }
    Output out;
    for (const auto& name : names) {
      QUIRE_TRY(const Figures figures, figures_of(session, name));
      json_ ? print_json(figures, out.text()) : print_table(figures, out.text());
    }
    return out.close();
  }

 private:
  static Result<std::vector<std::string>> all_names(Session& session) {
    QUIRE_TRY(auto databases, engine::wait<std::vector<engine::DatabaseDescription>>([&](auto done) {
                session.catalog().databases(session.caller(), {}, std::move(done));
              }));
    std::vector<std::string> names;
    for (auto& database : databases) names.push_back(std::move(database.name));
    return names;
  }

  static Result<Figures> figures_of(Session& session, const std::string& name) {
    const engine::DatabaseAddress address{.name = name};
    Figures figures{.name = name, .whole = {}, .collections = {}};
    QUIRE_TRY(figures.whole, engine::wait<engine::DatabaseStatistics>([&](auto done) {
                session.catalog().statistics(session.caller(), {}, address, std::move(done));
              }));
    QUIRE_TRY(figures.collections, engine::wait<std::vector<engine::CollectionDescription>>([&](auto done) {
                session.catalog().collections(session.caller(), {}, address, std::move(done));
              }));
    return figures;
  }

  Place place_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_stat() { return std::make_unique<Stat>(); }

}  // namespace quire::cli
