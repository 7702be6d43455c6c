#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/testing/manual_executor.h"
#include "database/catalog.h"
#include "storage/testing/temporary_directory.h"

namespace quire::database::testing {

inline Edit put_edit(std::string id, std::string body) {
  Edit edit;
  edit.id = std::move(id);
  edit.body = std::move(body);
  edit.precondition = Edit::Precondition::any;
  return edit;
}

inline Status write(Shard& shard, std::string id, std::string body) {
  auto result = shard.write({put_edit(std::move(id), std::move(body))}, {});
  if (!result) return result.error();
  return result->rows[0] ? ok() : Status(result->rows[0].error());
}

// A catalog in a directory of its own, with time and threads in the test's hand.
class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() { options_.idle_close = std::chrono::milliseconds(60'000); }

  std::string path() const { return folder_ / "data"; }
  Result<std::unique_ptr<Catalog>> try_open() {
    return Catalog::open(path(), options_, clock_, system_random(), executor_);
  }
  void open() {
    auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().to_string();
    catalog_ = std::move(*opened);
  }
  void reopen() {
    catalog_.reset();
    open();
  }
  Status set_settings(const std::string& id, const ShardSettings& settings) {
    const auto changed = catalog_->change_settings(id, [&](ShardSettings& current) { current = settings; });
    return changed ? ok() : Status(changed.error());
  }
  std::shared_ptr<Shard> use(const std::string& name) {
    auto info = catalog_->find(name);
    EXPECT_TRUE(info) << name;
    auto shard = catalog_->use(info->id);
    EXPECT_TRUE(shard) << shard.error().to_string();
    return *shard;
  }
  std::string body(const std::string& database, const std::string& id) {
    const auto document = use(database)->get(kDefaultCollection, id);
    return document ? std::string(document->body) : document.error().to_string();
  }

  storage::testing::TemporaryDirectory folder_;
  ManualClock clock_;
  ManualExecutor executor_{clock_};
  CatalogOptions options_;
  std::unique_ptr<Catalog> catalog_;
};
}  // namespace quire::database::testing
