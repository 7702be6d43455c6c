#pragma once

#include <memory>
#include <mutex>

#include "api/streams/socket.h"
#include "engine/change_streams.h"

namespace quire::api::streams {

// Of /changes: the first message says what is watched, then every change is a message.
class ChangesSocket final : public Socket, public engine::ChangeWatcher {
 public:
  using Socket::Socket;

  void on_close(std::uint16_t code) override;
  void tick(SteadyTime now) override;

  // --- engine::ChangeWatcher
  bool take(const engine::ChangeEventPointer& event) override;
  void on_room(std::function<void()> then) override;
  void ended(const Error& error, const engine::Position& position) override;

 protected:
  Status handle(Message& message) override;

 private:
  Status begin(const Message& message);

  std::mutex stream_mutex_;
  bool begun_ = false;                            // guarded by stream_mutex_
  bool closed_ = false;                           // guarded by stream_mutex_
  std::shared_ptr<engine::ChangeStream> stream_;  // guarded by stream_mutex_
};

// What a first message asks for. Errors: invalid.
Result<engine::WatchOptions> watch_options(const Message& message);

}  // namespace quire::api::streams
