#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"

namespace quire::cli {

namespace {

class Verify final : public Command {
 public:
  void define(Arguments& arguments) override { place_.define_data(arguments); }

  Status run() override {
    QUIRE_TRY(Session session, Session::open_directory(place_, Session::Missing::is_an_error));
    Output out;
    std::uint64_t findings = 0;
    const auto damaged = [&](const std::string& line) {
      ++findings;
      out.text() += line + "\n";
    };
    QUIRE_TRY_STATUS(engine::wait<void>(
        [&](auto done) { session.catalog().verify(session.caller(), {}, damaged, std::move(done)); }));
    if (findings == 0) out.text() += "Every byte that is stored was read, and nothing is damaged.\n";
    QUIRE_TRY_STATUS(out.close());
    if (findings == 0) return ok();
    return Error(ErrorCode::corrupt, std::to_string(findings) + (findings == 1 ? " finding" : " findings") +
                                         " in '" + place_.data_directory() +
                                         "'; restore a backup, and keep the directory until then");
  }

 private:
  Place place_;
};

}  // namespace

std::unique_ptr<Command> make_verify() { return std::make_unique<Verify>(); }

}  // namespace quire::cli
