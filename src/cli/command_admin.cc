#include <cstdio>

#include "cli/commands.h"
#include "cli/place.h"
#include "server/serve.h"

namespace quire::cli {

namespace {

class Admin final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.required_choice("what", what_, {"reset-key"},
                              "reset-key: make another administrator's key, and print it");
    place_.define_data(arguments);
  }

  Status run() override {
    return server::reset_admin_key(place_.data_directory(),
                                   [](const std::string& key) { std::printf("%s\n", key.c_str()); });
  }

 private:
  Place place_;
  std::string what_;
};

}  // namespace

std::unique_ptr<Command> make_admin() { return std::make_unique<Admin>(); }

}  // namespace quire::cli
