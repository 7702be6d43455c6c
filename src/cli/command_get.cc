#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "engine/body.h"

namespace quire::cli {

namespace {

class Get final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.positional("document", address_, "ID, COLLECTION/ID or DATABASE/COLLECTION/ID");
    place_.define_node(arguments);
    place_.define_database(arguments);
    place_.define_collection(arguments);
    arguments.option("--rev", revision_, "this revision instead of the winning one");
  }

  Status run() override {
    QUIRE_TRY(const std::string id, place_.take_address(address_));
    engine::GetOptions options;
    if (!revision_.empty()) {
      QUIRE_TRY(options.revision, document::Revision::parse(revision_));
    }
    QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_an_error));
    QUIRE_TRY(const engine::Document found, engine::wait<engine::Document>([&](auto done) {
                session.documents().get(session.caller(), {}, place_.collection_address(), id, options,
                                        std::move(done));
              }));
    Output out;
    engine::print_document(id, found.revision.to_string(), found.deleted, found.body, out.text());
    out.text().push_back('\n');
    return out.close();
  }

 private:
  Place place_;
  std::string address_;
  std::string revision_;
};

}  // namespace

std::unique_ptr<Command> make_get() { return std::make_unique<Get>(); }

}  // namespace quire::cli
