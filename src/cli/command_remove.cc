#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "engine/body.h"

namespace quire::cli {

namespace {

class Remove final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.positional("document", address_, "ID, COLLECTION/ID or DATABASE/COLLECTION/ID");
    place_.define_node(arguments);
    place_.define_database(arguments);
    place_.define_collection(arguments);
    arguments.option("--rev", revision_, "only if it is at this revision");
    define_durability(arguments, durability_);
  }

  Status run() override {
    engine::Change change;
    change.kind = engine::Change::Kind::remove;
    change.condition = engine::Change::Condition::any;
    QUIRE_TRY(change.id, place_.take_address(address_));
    if (!revision_.empty()) {
      QUIRE_TRY(change.expected, document::Revision::parse(revision_));
      change.condition = engine::Change::Condition::revision;
    }
    QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_an_error));
    engine::WriteOptions options;
    options.durability = durability_of(durability_);
    change.collection = place_.collection_address().collection;
    QUIRE_TRY(const auto written, session.write_one(place_, std::move(change), options));
    Output out;
    engine::print_document(written.id, written.revision.to_string(), true, "{}", out.text());
    out.text().push_back('\n');
    return out.close();
  }

 private:
  Place place_;
  std::string address_;
  std::string revision_;
  std::string durability_;
};

}  // namespace

std::unique_ptr<Command> make_remove() { return std::make_unique<Remove>(); }

}  // namespace quire::cli
