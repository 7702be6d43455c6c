#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "cli/place.h"
#include "engine/accounts.h"

namespace quire::cli {

// The accounts of a place, as far as commands care for them: of a data directory by its owner, or of a server
// by whose key is shown. Calls block. An account is named by its name or id. Errors: those of
// engine::Accounts.
class People {
 public:
  virtual ~People() = default;

  virtual Result<engine::User> add(engine::NewUser user) = 0;
  // All, by name.
  virtual Result<std::vector<engine::User>> list() = 0;
  virtual Status set_disabled(std::string_view user, bool disabled) = 0;
  virtual Status set_password(std::string_view user, Secret password) = 0;
  // With its databases.
  virtual Status remove(std::string_view user) = 0;

  // `user` empty: of whose key is shown.
  virtual Result<engine::NewKey> make_key(std::string_view user, const engine::KeyRequest& request) = 0;
  virtual Result<std::vector<engine::Key>> keys(std::string_view user) = 0;
  virtual Status revoke_key(std::string_view user, std::string_view id) = 0;
};

// Errors: as Session::open().
Result<std::unique_ptr<People>> open_people(const Place& place);
// Of a data directory, whatever else the place says.
Result<std::unique_ptr<People>> open_people_of_directory(const Place& place);

// The first line of a file, or of standard input for "-"; of no file: a random one, which is then printed.
struct ChosenPassword {
  Secret text;
  bool random = false;
};
Result<ChosenPassword> choose_password(const std::string& file);

}  // namespace quire::cli
