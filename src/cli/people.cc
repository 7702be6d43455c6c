#include "cli/people.h"

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "cli/files.h"
#include "cli/remote/remote_people.h"
#include "engine/local_node.h"

namespace quire::cli {

namespace {

constexpr std::uint64_t kLargestPasswordFile = 64 << 10;
constexpr std::size_t kPageOfUsers = 1000;

class DirectoryPeople final : public People {
 public:
  static Result<std::unique_ptr<People>> open(const std::string& directory) {
    auto people = std::make_unique<DirectoryPeople>();
    engine::NodeOptions options;
    options.create = false;
    options.accounts = engine::AccountsOptions{};
    QUIRE_TRY(people->node_, engine::LocalNode::open(directory, options, system_clock(), system_random(),
                                                     *people->executor_));
    return std::unique_ptr<People>(std::move(people));
  }

  Result<engine::User> add(engine::NewUser user) override {
    return accounts().register_user(owner_, std::move(user));
  }
  Result<std::vector<engine::User>> list() override {
    std::vector<engine::User> all;
    while (true) {
      const std::string after = all.empty() ? std::string() : all.back().name;
      QUIRE_TRY(auto page, accounts().users(owner_, after, kPageOfUsers));
      if (page.empty()) return all;
      std::move(page.begin(), page.end(), std::back_inserter(all));
    }
  }
  Status set_disabled(std::string_view user, bool disabled) override {
    return accounts().set_disabled(owner_, user, disabled);
  }
  Status set_password(std::string_view user, Secret password) override {
    return accounts().set_password(owner_, user, std::move(password));
  }
  Status remove(std::string_view user) override { return accounts().remove_user(owner_, {}, user); }

  Result<engine::NewKey> make_key(std::string_view user, const engine::KeyRequest& request) override {
    QUIRE_TRY_STATUS(named(user));
    return accounts().make_key(owner_, user, request);
  }
  Result<std::vector<engine::Key>> keys(std::string_view user) override {
    QUIRE_TRY_STATUS(named(user));
    return accounts().keys(owner_, user);
  }
  Status revoke_key(std::string_view user, std::string_view id) override {
    QUIRE_TRY_STATUS(named(user));
    return accounts().revoke_key(owner_, user, id);
  }

 private:
  // Who owns the process has no account.
  static Status named(std::string_view user) {
    if (!user.empty()) return ok();
    return Error(ErrorCode::invalid, "--user names whose keys are meant, where no server is asked");
  }
  engine::Accounts& accounts() { return *node_->accounts(); }

  const std::unique_ptr<Executor> executor_ = make_thread_pool(usable_cores());
  std::unique_ptr<engine::LocalNode> node_;
  const engine::Caller owner_ = engine::Caller::admin();
};

// 26 characters of 32 that are not mistaken for each other: 130 bits.
Secret random_password() {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  constexpr std::size_t kLength = 26;
  std::string text(kLength, '\0');
  system_random().fill(text.data(), text.size());
  for (char& c : text) c = kLetters[static_cast<unsigned char>(c) % kLetters.size()];
  Secret password(text);
  std::fill(text.begin(), text.end(), '\0');
  return password;
}

}  // namespace

Result<std::unique_ptr<People>> open_people(const Place& place) {
  QUIRE_TRY(const std::string url, place.server_url());
  if (url.empty()) return open_people_of_directory(place);
  return remote::connect_people(url, place.key_file);
}

Result<std::unique_ptr<People>> open_people_of_directory(const Place& place) {
  return DirectoryPeople::open(place.data_directory());
}

Result<ChosenPassword> choose_password(const std::string& file) {
  if (file.empty()) return ChosenPassword{.text = random_password(), .random = true};
  FileSource source;
  QUIRE_TRY_STATUS(source.open(file));
  QUIRE_TRY(const std::string text, source.read_all(kLargestPasswordFile));
  const std::string_view line = std::string_view(text).substr(0, text.find_first_of("\r\n"));
  return ChosenPassword{.text = Secret(line), .random = false};
}

}  // namespace quire::cli
