#include "cli/commands.h"
#include "cli/output.h"
#include "quire/quire.h"

namespace quire::cli {

namespace {

class Version final : public Command {
 public:
  void define(Arguments&) override {}
  Status run() override {
    Output out;
    out.text() = "quire " + std::string(v1::version()) + "\n";
    return out.close();
  }
};

}  // namespace

std::unique_ptr<Command> make_version() { return std::make_unique<Version>(); }

}  // namespace quire::cli
