#include <poll.h>

#include <cstdio>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/tuning.h"
#include "document/extended_json.h"
#include "document/json.h"
#include "engine/body.h"
#include "engine/position.h"

namespace quire::cli {

namespace {

class Changes final : public Command {
 public:
  void define(Arguments& arguments) override {
    place_.define_node(arguments);
    place_.define_database(arguments);
    place_.define_collection(arguments, "the collection (default: all)");
    arguments.option("--since", since_, "changes behind this position, as an earlier line has it");
    arguments.flag("--follow", follow_, "wait for more, until interrupted");
    arguments.flag("--current", options_.current_only, "only the last change of each document");
    arguments.flag("--documents", options_.bodies, "print the documents too, as far as they are kept");
    arguments.number("--limit", limit_, "end after so many");
  }

  Status run() override {
    QUIRE_TRY(engine::Position since, engine::parse_position(since_));
    options_.collection = place_.collection;
    QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_an_error));
    if (follow_) take_interrupts();
    for (;;) {
      const auto page = read(session, since);
      if (!page && comes_back(page.error())) continue;
      if (!page) return page.error();
      reached_ = true;
      away_ = false;
      QUIRE_TRY_STATUS(print(*page));
      since = page->next;
      if (shown_ >= limit_ || interrupted()) break;
      if (!page->at_end) continue;
      if (!follow_) break;
      QUIRE_TRY_STATUS(out_.flush());
      QUIRE_TRY(const bool go_on, wait(session, since));
      if (!go_on) break;
    }
    return out_.close();
  }

 private:
  Result<engine::FeedPage> read(Session& session, const engine::Position& since) const {
    return engine::wait<engine::FeedPage>([&](auto done) {
      session.feeds().read(session.caller(), {}, place_.database_address(), since, options_, std::move(done));
    });
  }

  // A server that is followed may be started again: then the feed goes on where it was. Waits a while; false
  // where that is no such case, or after an interrupt.
  bool comes_back(const Error& error) {
    if (!follow_ || !reached_ || error.code() != ErrorCode::unavailable || interrupted()) return false;
    if (!away_) std::fprintf(stderr, "quire: %s; waiting for it\n", error.to_string().c_str());
    away_ = true;
    ::poll(nullptr, 0, static_cast<int>(tuning::kReconnectMs));
    return !interrupted();
  }

  // False: interrupted.
  Result<bool> wait(Session& session, const engine::Position& since) {
    constexpr std::chrono::milliseconds kLookMs{200};  // how soon an interrupt is seen
    while (!interrupted()) {
      CallLimits limits;
      limits.deadline = system_clock().steady() + kLookMs;
      const auto grown = engine::wait<engine::Position>([&](auto done) {
        session.feeds().wait(session.caller(), limits, place_.database_address(), since, std::move(done));
      });
      // Whatever it is that cannot be reached, reading finds it too.
      if (grown || grown.error().code() == ErrorCode::unavailable) return true;
      if (grown.error().code() != ErrorCode::deadline) return grown.error();
    }
    return false;
  }

  Status print(const engine::FeedPage& page) {
    for (const auto& row : page.rows) {
      if (shown_ >= limit_) return ok();
      ++shown_;
      print(row, page.next.incarnation, out_.text());
      QUIRE_TRY_STATUS(out_.step());
    }
    return ok();
  }

  void print(const engine::FeedRow& row, std::uint64_t incarnation, std::string& out) const {
    out += "{\"position\":\"" + engine::to_string({incarnation, row.sequence}) + "\",\"time\":\"";
    out += document::iso_date(row.time_ms).value_or("");
    out += "\",\"operation\":\"";
    out += name(row.operation);
    out += "\",\"collection\":";
    document::append_json_string(out, row.collection);
    if (row.revision) {
      out += ",\"id\":";
      document::append_json_string(out, row.id);
      out += ",\"revision\":";
      document::append_json_string(out, row.revision.to_string());
      if (row.deleted) out += ",\"deleted\":true";
    }
    if (row.has_body) {
      out += ",\"document\":";
      out += row.body;
    }
    out += "}\n";
  }

  Place place_;
  std::string since_ = "0";
  bool follow_ = false;
  std::uint64_t limit_ = ~std::uint64_t{0};
  bool reached_ = false;  // it answered once
  bool away_ = false;     // it was said that it does not
  engine::FeedOptions options_;
  std::uint64_t shown_ = 0;
  Output out_;
};

}  // namespace

std::unique_ptr<Command> make_changes() { return std::make_unique<Changes>(); }

}  // namespace quire::cli
