#include "cli/commands.h"
#include "cli/output.h"
#include "cli/people.h"
#include "document/extended_json.h"

namespace quire::cli {

namespace {

constexpr std::uint64_t kDayMs = 24ULL * 3600 * 1000;

std::string date_or_dash(WallMs time) { return time == 0 ? "-" : document::iso_date(time).value_or("-"); }

// A key a line: id, right, when it ends, when it was used last, label.
void print_keys(const std::vector<engine::Key>& keys, std::string& out) {
  for (const engine::Key& key : keys) {
    out += key.id + "\t" + std::string(access::name(key.most)) + "\t" + date_or_dash(key.expires_ms) + "\t" +
           date_or_dash(key.last_used_ms) + "\t" + (key.label.empty() ? "-" : key.label) + "\n";
  }
}

class Key final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.required_choice("what", what_, {"add", "list", "revoke"},
                              "make a key, and print it; list an account's keys; end one");
    arguments.optional_positional("id", id_, "of the key to end");
    place_.define_node(arguments);
    arguments.option("--user", user_, "whose; over a server without it: of whose key is shown");
    arguments.option("--label", label_, "what a new key is for");
    right_ = "owner";
    arguments.choice("--right", right_, {"read", "write", "owner"}, "what a new key may do at most");
    arguments.values("--database", databases_, false, "", "the id of a database that a new key is for");
    arguments.number("--days", days_, "how long a new key is good (default: 90)");
  }

  Status run() override {
    if (id_.empty() && what_ == "revoke") return Error(ErrorCode::invalid, "quire key revoke ID: which key?");
    QUIRE_TRY(const auto people, open_people(place_));
    if (what_ == "revoke") return people->revoke_key(user_, id_);
    return what_ == "add" ? add(*people) : list(*people);
  }

 private:
  Status list(People& people) {
    QUIRE_TRY(const auto keys, people.keys(user_));
    Output out;
    print_keys(keys, out.text());
    return out.close();
  }

  Status add(People& people) {
    engine::KeyRequest request;
    request.label = label_;
    request.most = access::right_of(right_).value_or(engine::Right::owner);
    request.databases = databases_;
    if (days_ != 0) request.life = std::chrono::milliseconds(days_ * kDayMs);
    QUIRE_TRY(const engine::NewKey made, people.make_key(user_, request));
    Output out;
    out.text().append(made.text.reveal()).append("\n");
    return out.close();
  }

  Place place_;
  std::string what_;
  std::string id_;
  std::string user_;
  std::string label_;
  std::string right_;
  std::vector<std::string> databases_;
  std::uint64_t days_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_key() { return std::make_unique<Key>(); }

}  // namespace quire::cli
