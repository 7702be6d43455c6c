#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "quire/quire.h"

namespace quire::cli {

namespace {

class Version final : public Command {
 public:
  void define(Arguments& arguments) override { place_.define_server(arguments); }

  Status run() override {
    Output out;
    out.text() = "quire " + std::string(v1::version()) + "\n";
    QUIRE_TRY(const std::string url, place_.server_url());
    if (!url.empty()) {
      QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_an_error));
      QUIRE_TRY(const std::string version, session.backend().version());
      out.text() += "server " + version + "\n";
    }
    return out.close();
  }

 private:
  Place place_;
};

}  // namespace

std::unique_ptr<Command> make_version() { return std::make_unique<Version>(); }

}  // namespace quire::cli
