#include "net/address_rule.h"

#include <gtest/gtest.h>

namespace quire::net {
namespace {

bool allowed(std::string_view address, const AddressRule& rule = {}) {
  return rule.allows(*address_bytes(address));
}

TEST(AddressRule, WhatIsNotPublicIsRefusedHoweverItIsWritten) {
  for (const auto* address : {"127.0.0.1",
                              "127.9.9.9",
                              "0.0.0.0",
                              "10.1.2.3",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "169.254.169.254",
                              "100.100.100.200",
                              "198.18.0.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::1",
                              "::",
                              "::127.0.0.1",
                              "::ffff:127.0.0.1",
                              "::ffff:169.254.169.254",
                              "fe80::1",
                              "fc00::1",
                              "fd00:ec2::254",
                              "ff02::1",
                              "64:ff9b::7f00:1",
                              "64:ff9b::a9fe:a9fe",
                              "2002:7f00:1::",
                              "2002:c0a8:101::1",
                              "2001:db8::1",
                              "2001::1"}) {
    EXPECT_FALSE(allowed(address)) << address;
  }
}

TEST(AddressRule, WhatIsPublicIsNot) {
  for (const auto* address : {"1.1.1.1", "8.8.8.8", "172.32.0.1", "193.0.0.1", "2606:4700::1111", "2a00::1",
                              "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    EXPECT_TRUE(allowed(address)) << address;
  }
}

TEST(AddressRule, AnOperatorListsWhatElseMayBeReached) {
  const AddressRule rule({*AddressRange::parse("10.0.0.0/8"), *AddressRange::parse("127.0.0.1"),
                          *AddressRange::parse("fd00::/8")});
  EXPECT_TRUE(allowed("10.200.0.1", rule));
  EXPECT_TRUE(allowed("127.0.0.1", rule));
  EXPECT_TRUE(allowed("fd12::1", rule));
  EXPECT_TRUE(allowed("64:ff9b::a00:1", rule)) << "10.0.0.1, translated";
  EXPECT_FALSE(allowed("127.0.0.2", rule));
  EXPECT_FALSE(allowed("11.0.0.1", {}) == allowed("192.168.0.1", rule));
}

TEST(AddressRange, IsRead) {
  for (const auto* bad :
       {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "a", "10.0.0.0/8x"}) {
    EXPECT_FALSE(AddressRange::parse(bad).has_value()) << bad;
  }
  EXPECT_TRUE(AddressRange::parse("0.0.0.0/0")->has(*address_bytes("9.9.9.9")));
  EXPECT_FALSE(AddressRange::parse("0.0.0.0/0")->has(*address_bytes("2a00::1")));
}

}  // namespace
}  // namespace quire::net
