#include "cli/commands.h"
#include "cli/output.h"
#include "cli/people.h"

namespace quire::cli {

namespace {

class Admin final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.required_choice("what", what_, {"reset-password"},
                              "give an administrator another password and key, and print them");
    name_ = "admin";
    arguments.optional_positional("name", name_, "the administrator's account (default: admin)");
    place_.define_data(arguments);
    arguments.option("--password-file", password_file_,
                     "a file whose first line is the password, - for standard input; without it a random "
                     "one is made");
  }

  Status run() override {
    QUIRE_TRY(ChosenPassword chosen, choose_password(password_file_));
    QUIRE_TRY(const auto people, open_people_of_directory(place_));
    QUIRE_TRY_STATUS(people->set_password(name_, Secret(chosen.text.reveal())));
    QUIRE_TRY(const engine::NewKey key, people->make_key(name_, {}));
    Output out;
    if (chosen.random) out.text().append("password ").append(chosen.text.reveal()).append("\n");
    out.text().append("key ").append(key.text.reveal()).append("\n");
    return out.close();
  }

 private:
  Place place_;
  std::string what_;
  std::string name_;
  std::string password_file_;
};

}  // namespace

std::unique_ptr<Command> make_admin() { return std::make_unique<Admin>(); }

}  // namespace quire::cli
