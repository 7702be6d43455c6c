#include "cli/commands.h"
#include "cli/session.h"

namespace quire::cli {

namespace {

class Backup final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(
        "directory", directory_,
        "where the copy goes; it must not be there yet. Of a server: its name in the server's folder of "
        "backups");
    place_.define_node(arguments);
  }

  Status run() override {
    QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_an_error));
    return engine::wait<void>(
        [&](auto done) { session.catalog().backup(session.caller(), {}, directory_, std::move(done)); });
  }

 private:
  Place place_;
  std::string directory_;
};

}  // namespace

std::unique_ptr<Command> make_backup() { return std::make_unique<Backup>(); }

}  // namespace quire::cli
