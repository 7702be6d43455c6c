#include <cstdio>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/people.h"

namespace quire::cli {

namespace {

// An account a line: name, id, role, whether it is disabled, e-mail.
void print_users(const std::vector<engine::User>& users, std::string& out) {
  for (const engine::User& user : users) {
    out += user.name + "\t" + user.id + "\t" + std::string(access::name(user.role));
    out += user.disabled ? "\tdisabled\t" : "\t-\t";
    out += user.email.empty() ? "-\n" : user.email + "\n";
  }
}

class User final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.required_choice("what", what_, {"add", "list", "disable", "enable", "password", "remove"},
                              "add an account; list all; disable, enable or remove one; set its password");
    arguments.optional_positional("name", name_, "the account's name");
    place_.define_node(arguments);
    arguments.option("--email", email_, "of a new account");
    arguments.flag("--admin", admin_, "a new account that may do everything");
    arguments.option("--password-file", password_file_,
                     "a file whose first line is the password, - for standard input; without it a random "
                     "one is made, and printed");
  }

  Status run() override {
    if (name_.empty() && what_ != "list") {
      return Error(ErrorCode::invalid, "quire user " + what_ + " NAME: which account?");
    }
    QUIRE_TRY(const auto people, open_people(place_));
    if (what_ == "list") return list(*people);
    if (what_ == "add") return add(*people);
    if (what_ == "password") return set_password(*people);
    if (what_ == "remove") return people->remove(name_);
    return people->set_disabled(name_, what_ == "disable");
  }

 private:
  static Status list(People& people) {
    QUIRE_TRY(const auto users, people.list());
    Output out;
    print_users(users, out.text());
    return out.close();
  }

  Status add(People& people) {
    QUIRE_TRY(ChosenPassword chosen, choose_password(password_file_));
    engine::NewUser user;
    user.name = name_;
    user.password = Secret(chosen.text.reveal());
    user.email = email_;
    user.role = admin_ ? engine::Role::admin : engine::Role::user;
    QUIRE_TRY(const engine::User made, people.add(std::move(user)));
    Output out;
    out.text() += made.id + "\n";
    show(chosen, out);
    return out.close();
  }

  Status set_password(People& people) {
    QUIRE_TRY(ChosenPassword chosen, choose_password(password_file_));
    QUIRE_TRY_STATUS(people.set_password(name_, Secret(chosen.text.reveal())));
    Output out;
    show(chosen, out);
    return out.close();
  }

  static void show(const ChosenPassword& chosen, Output& out) {
    if (chosen.random) out.text().append("password ").append(chosen.text.reveal()).append("\n");
  }

  Place place_;
  std::string what_;
  std::string name_;
  std::string email_;
  std::string password_file_;
  bool admin_ = false;
};

}  // namespace

std::unique_ptr<Command> make_user() { return std::make_unique<User>(); }

}  // namespace quire::cli
