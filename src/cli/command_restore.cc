#include "cli/commands.h"
#include "cli/place.h"
#include "engine/local_node.h"

namespace quire::cli {

namespace {

class Restore final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.positional("backup", backup_, "what quire backup made");
    place_.define_data(arguments);
  }

  Status run() override { return engine::restore(backup_, place_.data_directory()); }

 private:
  Place place_;
  std::string backup_;
};

}  // namespace

std::unique_ptr<Command> make_restore() { return std::make_unique<Restore>(); }

}  // namespace quire::cli
