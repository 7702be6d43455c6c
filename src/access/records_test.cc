#include "access/records.h"

#include <gtest/gtest.h>

#include <sstream>

#include "access/testing/access_world.h"

namespace quire::access {
namespace {

constexpr WallMs kThen = 1'767'225'600'000;

Digest digest_of(char byte) {
  Digest digest;
  digest.fill(byte);
  return digest;
}

UserRecord sample_user() {
  UserRecord record;
  record.user = {.id = "u_00112233445566ff",
                 .name = "Ada",
                 .email = "ada@example.org",
                 .role = Role::admin,
                 .disabled = false,
                 .created_ms = kThen};
  record.password =
      "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  record.keys.push_back({.id = "01234567",
                         .digest = digest_of('\x11'),
                         .label = "laptop",
                         .most = Right::write,
                         .databases = {"00112233445566ff"},
                         .single = true,
                         .created_ms = kThen,
                         .expires_ms = kThen + 1000,
                         .used_ms = 0});
  record.sessions.push_back({.id = "89ABCDEF",
                             .digest = digest_of('\x22'),
                             .created_ms = kThen,
                             .expires_ms = kThen + 2000,
                             .idle_ms = kThen + 1000});
  return record;
}

GrantRecord sample_grant() { return {"00112233445566ff", "u_00112233445566ff", Right::read}; }
ReservationRecord sample_reservation() {
  return {"00112233445566ff", "u_00112233445566ff", kThen + 300'000, 7};
}
AuditRecord sample_event() {
  return {.time_ms = kThen,
          .event = "login",
          .user = "u_00112233445566ff",
          .credential = "89ABCDEF",
          .on = "u_00112233445566ff",
          .address = "192.0.2.1"};
}

std::string samples() {
  return "user " + encode(sample_user()) + "\ngrant " + encode(sample_grant()) + "\neverybody " +
         encode(GrantRecord{"00112233445566ff", std::string(kEverybody), Right::write}) + "\nreservation " +
         encode(sample_reservation()) + "\nevent " + encode(sample_event()) + "\n";
}

TEST(AccessRecords, AreWrittenAsTheFixtureAndThePageHaveThem) {
  EXPECT_EQ(testing::read_text("tests/formats/1/access.txt"), samples());
  EXPECT_NE(testing::read_text("docs/formats/access.md").find(samples()), std::string::npos) << samples();
}

TEST(AccessRecords, OfTheFixtureAreRead) {
  std::istringstream lines(testing::read_text("tests/formats/1/access.txt"));
  std::string line;
  int read = 0;
  while (std::getline(lines, line)) {
    const std::string kind = line.substr(0, line.find(' '));
    const std::string text = line.substr(kind.size() + 1);
    if (kind == "user") {
      const auto record = decode_user(text);
      ASSERT_TRUE(record);
      EXPECT_EQ(record->user.id, sample_user().user.id);
      EXPECT_EQ(record->user.role, Role::admin);
      EXPECT_EQ(record->password, sample_user().password);
      EXPECT_EQ(record->keys, sample_user().keys);
      EXPECT_EQ(record->sessions, sample_user().sessions);
      ++read;
    } else if (kind == "grant") {
      const auto record = decode_grant(text);
      ASSERT_TRUE(record);
      EXPECT_EQ(*record, sample_grant());
      ++read;
    } else if (kind == "reservation") {
      const auto record = decode_reservation(text);
      ASSERT_TRUE(record);
      EXPECT_EQ(*record, sample_reservation());
      ++read;
    } else if (kind == "event") {
      const auto record = decode_audit(text);
      ASSERT_TRUE(record);
      EXPECT_EQ(*record, sample_event());
      ++read;
    }
  }
  EXPECT_EQ(read, 4);
}

TEST(AccessRecords, OfALaterVersionAreRefusedAsSuch) {
  std::string text = encode(sample_reservation());
  text.replace(text.find("\"version\":1"), 11, "\"version\":2");
  const auto record = decode_reservation(text);
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code(), ErrorCode::not_implemented);
}

// Takes each member away, and puts each in another kind.
TEST(AccessRecords, ThatLackAMemberAreDamaged) {
  const std::string whole = encode(sample_user());
  for (std::size_t at = whole.find("\":"); at != std::string::npos; at = whole.find("\":", at + 1)) {
    std::string renamed = whole;
    renamed[at - 1] = '~';
    EXPECT_FALSE(decode_user(renamed)) << renamed;
    std::string other = whole;
    other.insert(at + 2, "[");
    EXPECT_FALSE(decode_user(other)) << other;
  }
  for (const char* text : {"", "{}", "[]", "1", "{\"version\":1}", "{\"version\":\"1\"}"}) {
    const auto record = decode_user(text);
    ASSERT_FALSE(record) << text;
    EXPECT_EQ(record.error().code(), ErrorCode::corrupt) << text;
  }
}

TEST(AccessRecords, KeepWhatNeedsEscapes) {
  UserRecord record = sample_user();
  record.user.name = "a\"b\\c";
  record.keys[0].label = "tab\there";
  const auto read = decode_user(encode(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user.name, record.user.name);
  EXPECT_EQ(read->keys, record.keys);
}

}  // namespace
}  // namespace quire::access
