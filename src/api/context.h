#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/kv/storage.h"
#include "api/open_feeds.h"
#include "api/tuning.h"

namespace quire::api {

// Where the key-value surface of a listener, or of the prefix, keeps its records.
struct KvDoor {
  KvOptions options;
  std::shared_ptr<kv::Storage> storage;
};

// What every handler may use: the parts, the options, and what is counted over all requests. Thread-safe.
class Context {
 public:
  Context(const Parts& parts, const Options& options);

  const Parts& parts() const { return parts_; }
  const Options& options() const { return options_; }
  OpenFeeds& feeds() { return *feeds_; }

  // Of the prefix /kv.
  const KvDoor& kv() const { return kv_; }
  // What a listener serves at its root; null where it has none.
  struct RootDoor {
    std::uint32_t listener;
    Surface surface;
    std::string_view prefix;  // that its paths stand for: "/kv"
    KvDoor kv;
  };
  const RootDoor* root(std::uint32_t listener) const;

  // Names an answer to what is no request.
  std::string next_error_id();

  // Of a listener, or of the first where this one is not known.
  std::uint16_t port(std::uint32_t listener) const;
  void set_port(std::uint32_t listener, std::uint16_t port);

  // A place among the calls that wait for a worker, for a password's hash, or among the streams; given back
  // when the last copy goes. Null where none is left.
  using Place = std::shared_ptr<void>;
  Place take_worker_place() { return take(waiting_, options_.waiting_calls); }
  Place take_password_place() { return take(passwords_, tuning::kWaitingPasswords); }
  Place take_stream_place() { return take(streams_, options_.streams); }

 private:
  using Count = std::shared_ptr<std::atomic<std::uint32_t>>;
  static Place take(const Count& count, std::uint32_t most);

  static constexpr std::size_t kListeners = 64;

  const Parts parts_;
  const Options options_;
  const KvDoor kv_;
  std::vector<RootDoor> roots_;
  const std::shared_ptr<OpenFeeds> feeds_;
  const std::uint64_t first_error_;
  std::atomic<std::uint64_t> errors_{0};
  std::array<std::atomic<std::uint16_t>, kListeners> ports_{};
  const Count waiting_ = std::make_shared<std::atomic<std::uint32_t>>(0);
  const Count passwords_ = std::make_shared<std::atomic<std::uint32_t>>(0);
  const Count streams_ = std::make_shared<std::atomic<std::uint32_t>>(0);
};

}  // namespace quire::api
