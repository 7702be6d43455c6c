#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "checker.h"
#include "database/keys.h"
#include "event_log.h"
#include "record.h"
#include "round.h"
#include "sabotage.h"
#include "storage/testing/temporary_directory.h"

// A checker that is silent proves nothing until it has been heard. Each test breaks one promise, below the
// database or in the log, and wants the finding.
namespace quire::crash {
namespace {

namespace keys = database::keys;
using storage::Family;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Fate = Sabotage::Fate;

constexpr std::uint64_t kMostRounds = 12;

class CrashCheckerTest : public ::testing::Test {
 protected:
  // The findings of a fresh shard after one round.
  std::vector<std::string> round(Kind kind, const Sabotage& sabotage, std::uint64_t seed,
                                 const std::function<void(const std::string& log)>& before_check = {}) {
    const storage::testing::TemporaryDirectory directory;
    RoundOptions options;
    options.directory = directory / "shard";
    options.log_path = directory / "log";
    options.kind = kind;
    options.seed = seed;
    options.most_requests = 400;
    options.wrap = [&](auto store) { return sabotaged(std::move(store), sabotage); };
    const Status done = run_round(options);
    EXPECT_TRUE(done) << done.error().to_string();
    if (before_check) before_check(options.log_path);
    return check_directory(options.directory, options.log_path, seed).findings;
  }

  // Rounds until one has a finding of one of these kinds.
  void expect_found(Kind kind, const Sabotage& sabotage, const std::vector<std::string>& kinds) {
    std::vector<std::string> all;
    for (std::uint64_t seed = 1; seed <= kMostRounds; ++seed) {
      for (const auto& finding : round(kind, sabotage, seed)) {
        const std::string word = finding.substr(0, finding.find(':'));
        if (std::find(kinds.begin(), kinds.end(), word) != kinds.end()) return;
        all.push_back(finding);
      }
    }
    FAIL() << "not found; instead: " << ::testing::PrintToString(all);
  }

  // Drops one in `one_of` of the records of a family whose keys begin as this one does.
  static Sabotage drop(Family family, const std::string& example, unsigned one_of) {
    auto count = std::make_shared<std::atomic<unsigned>>(0);
    Sabotage sabotage;
    sabotage.on_put = [=](Family at, std::string_view key, std::string&) {
      const bool such = at == family && key.front() == example.front();
      return such && ++*count % one_of == 0 ? Fate::drop : Fate::keep;
    };
    return sabotage;
  }

  // Changes the last byte of one in `one_of`.
  static Sabotage flip(Family family, const std::string& example, unsigned one_of) {
    auto count = std::make_shared<std::atomic<unsigned>>(0);
    Sabotage sabotage;
    sabotage.on_put = [=](Family at, std::string_view key, std::string& value) {
      const bool such = at == family && key.front() == example.front() && !value.empty();
      if (such && ++*count % one_of == 0) value.back() = static_cast<char>(value.back() ^ 1);
      return Fate::keep;
    };
    return sabotage;
  }
};

TEST_F(CrashCheckerTest, HasNothingToSayWhereNothingIsBroken) {
  for (const Kind kind : {Kind::none, Kind::powercut, Kind::ncall, Kind::diskfull}) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      EXPECT_THAT(round(kind, {}, seed), IsEmpty()) << "kind " << static_cast<int>(kind) << ", seed " << seed;
    }
  }
}

TEST_F(CrashCheckerTest, SeesThatAcknowledgedWritesWereNeverSynced) {
  Sabotage sabotage;
  sabotage.sync_lies = true;
  expect_found(Kind::powercut, sabotage, {"lost"});
}

TEST_F(CrashCheckerTest, SeesThatAFollowerSawWhatWasNotSynced) {
  Sabotage sabotage;
  sabotage.sync_lies = true;
  expect_found(Kind::powercut, sabotage, {"seen"});
}

TEST_F(CrashCheckerTest, SeesAHoleInTheHistory) {
  expect_found(Kind::none, drop(Family::history, keys::history(1), 90), {"order"});
}

TEST_F(CrashCheckerTest, SeesThatASupersededChangeIsNotMarked) {
  expect_found(Kind::none, drop(Family::history, keys::superseded(1), 20), {"state"});
}

TEST_F(CrashCheckerTest, SeesThatAnIndexLacksAnEntry) {
  expect_found(Kind::none, drop(Family::index, keys::index_entries(1), 50), {"state"});
}

TEST_F(CrashCheckerTest, SeesThatCountsAreOff) {
  expect_found(Kind::none, drop(Family::meta, keys::counts(1), 1), {"state"});
}

TEST_F(CrashCheckerTest, SeesThatARetryIsDoneTwice) {
  expect_found(Kind::ncall, drop(Family::meta, keys::request("r", 0), 1), {"doubled", "retry"});
}

TEST_F(CrashCheckerTest, SeesThatAnAttachmentIsDamaged) {
  expect_found(Kind::none, flip(Family::blobs, keys::blob_chunk(1, 0), 3), {"state"});
}

TEST_F(CrashCheckerTest, SeesThatADocumentIsNotWritten) {
  expect_found(Kind::none, drop(Family::documents, keys::head(1, "a"), 60), {"state", "effect", "broken"});
}

TEST_F(CrashCheckerTest, SeesThatATextIsAnother) {
  expect_found(Kind::none, flip(Family::documents, keys::head(1, "a"), 60), {"state", "effect", "alien"});
}

TEST_F(CrashCheckerTest, SeesThatTheTextOfABranchIsGone) {
  expect_found(Kind::none, drop(Family::documents, keys::revision(1, "a", {}), 2), {"state"});
}

TEST_F(CrashCheckerTest, SeesHalfABatch) {
  Sabotage sabotage;
  sabotage.halve_batch = 40;
  expect_found(Kind::none, sabotage, {"order", "state", "torn", "effect", "failed"});
}

// --- findings that no store can cause: the log is made to say more, or less, than what happened

TEST_F(CrashCheckerTest, SeesAnAcknowledgementWithoutItsWrite) {
  const auto findings = round(Kind::none, {}, 1, [](const std::string& path) {
    const auto log = EventLog::open(path);
    Request request;
    request.name = "invented";
    request.edits.emplace_back().id = "nowhere";
    (*log)->add("ask", to_fields(request));
    Answer answer;
    answer.request = request.name;
    answer.rows.push_back({std::nullopt, 1'000'000, "nowhere", "1-00"});
    (*log)->add("answer", to_fields(answer));
  });
  EXPECT_THAT(findings, Contains(StartsWith("lost: invented.0")));
}

using Events = std::vector<Event>;

// Writes the log anew, as `change` leaves its events.
void rewrite(const std::string& path, const std::function<void(Events&)>& change) {
  Events events = *read_events(path);
  change(events);
  std::ofstream out(path, std::ios::trunc);
  for (const Event& event : events) out << line_of(event);
}

bool is_of(const Event& event, const std::string& request) {
  return (event.kind == "ask" || event.kind == "answer") && event.fields[0] == request;
}

// A request that was asked once and answered once, and of which `fits` says yes: the last such, or nothing.
std::string some_request(const std::string& path, const std::function<bool(const Asked&)>& fits) {
  const auto record = Record::read(path);
  const Asked* found = nullptr;
  for (const auto& [name, asked] : record->asked) {
    const bool once = asked.times == 1 && asked.answers.size() == 1 && !asked.answers[0].answer.failed;
    if (once && fits(asked) && (found == nullptr || found->first_at < asked.first_at)) found = &asked;
  }
  return found == nullptr ? "" : found->request.name;
}

bool is_one_taken_edit(const Asked& asked) {
  return asked.request.edits.size() == 1 && asked.answers[0].answer.rows[0].sequence != 0;
}

// One edit of several failed alone.
bool is_partly_refused(const Asked& asked) {
  const auto& rows = asked.answers[0].answer.rows;
  const auto failed = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return !!row.failed; });
  return failed > 0 && failed < std::ssize(rows);
}

// Rounds until one has a request that fits; what the checker says once the log has been made to lie about it.
using Lie = std::function<void(Events& events, const std::string& request)>;
struct Told {
  std::string request;
  std::vector<std::string> findings;
};

class LyingLogTest : public CrashCheckerTest {
 protected:
  Told lie(const std::function<bool(const Asked&)>& fits, const Lie& lie) {
    Told told;
    for (std::uint64_t seed = 1; told.request.empty() && seed <= kMostRounds; ++seed) {
      told.findings = round(Kind::none, {}, seed, [&](const std::string& path) {
        told.request = some_request(path, fits);
        if (!told.request.empty()) rewrite(path, [&](Events& events) { lie(events, told.request); });
      });
    }
    EXPECT_NE(told.request, "") << "no round had such a request";
    return told;
  }
};

TEST_F(LyingLogTest, SeesAChangeThatNobodyAskedFor) {
  const auto told = lie(is_one_taken_edit, [](Events& events, const std::string& request) {
    std::erase_if(events, [&](const Event& event) { return is_of(event, request); });
  });
  EXPECT_THAT(told.findings, Contains(StartsWith("alien: nobody asked")));
}

// Of a change that is still there: of one that was trimmed the follower's word is all there is.
TEST_F(LyingLogTest, SeesThatWhatAFollowerSawIsAnother) {
  std::uint64_t last = 0;
  const auto findings = round(Kind::none, {}, 1, [&](const std::string& path) {
    const auto record = Record::read(path);
    for (const Sighting& seen : record->sightings) last = std::max(last, seen.sequence);
    (*EventLog::open(path))->add("seen", {std::to_string(last) + "/1/1/1-00/nowhere"});
  });
  ASSERT_NE(last, 0U);
  EXPECT_THAT(findings,
              Contains(StartsWith("seen: a follower saw change " + std::to_string(last) + ", 1-00")));
}

TEST_F(LyingLogTest, SeesAWriteThatWasRefusedAndIsThere) {
  const auto told = lie(is_one_taken_edit, [](Events& events, const std::string& request) {
    for (Event& event : events) {
      if (event.kind == "answer" && is_of(event, request)) event.fields = {request, "!conflict", "made up"};
    }
  });
  EXPECT_THAT(told.findings, Contains(StartsWith("alien: " + told.request + ".0 was refused and is change")));
}

TEST_F(LyingLogTest, SeesAPartOfAnAtomicWrite) {
  const auto told = lie(is_partly_refused, [](Events& events, const std::string& request) {
    for (Event& event : events) {
      if (event.kind == "ask" && is_of(event, request)) event.fields[2] = "1";  // it was to be atomic
    }
  });
  EXPECT_THAT(told.findings, Contains(StartsWith("torn: " + told.request)));
}

TEST_F(LyingLogTest, SeesAnAnswerThatCameBeforeAnEarlierChangeWasAskedFor) {
  const auto told = lie(is_one_taken_edit, [](Events& events, const std::string& request) {
    std::stable_partition(events.begin() + 2, events.end(),
                          [&](const Event& event) { return is_of(event, request); });
  });
  EXPECT_THAT(told.findings, Contains(HasSubstr("was asked for after change")));
}

TEST_F(CrashCheckerTest, SeesThatACollectionIsNotThere) {
  const auto findings = round(Kind::none, {}, 1, [&](const std::string& path) {
    rewrite(path, [&](Events& events) {
      events.push_back({0, "create", {"r", "c"}});
      events.push_back({0, "created", {"r", "c", "99"}});
    });
  });
  EXPECT_THAT(findings, Contains("lost: making collection c"));
}

TEST(EventLogTest, ATornLastLineIsLeftOutAndOtherDamageIsNot) {
  const storage::testing::TemporaryDirectory directory;
  const std::string path = directory / "log";
  (*EventLog::open(path))->add("seen", {"a\tb", "c\nd"});
  { std::ofstream(path, std::ios::app) << "0123abcd 17\tans"; }
  ASSERT_EQ(read_events(path)->size(), 2U);
  EXPECT_EQ(read_events(path)->at(1).fields, (std::vector<std::string>{"a b", "c d"}));
  (*EventLog::open(path))->add("late", {"20"});
  EXPECT_EQ(read_events(path)->size(), 4U);
  { std::ofstream(path, std::ios::app) << "0123abcd 17\tans\n"; }
  { std::ofstream(path, std::ios::app) << "0123abcd 17\tans\n"; }
  EXPECT_EQ(read_events(path).error().code(), ErrorCode::corrupt);
}

}  // namespace
}  // namespace quire::crash
