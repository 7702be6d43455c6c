#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/context.h"
#include "api/open_feeds.h"
#include "document/arena.h"
#include "document/json.h"
#include "document/value.h"
#include "net/websocket.h"

namespace quire::api::streams {

// How a WebSocket of this surface is closed, beside the codes of the protocol.
namespace close_code {
inline constexpr std::uint16_t kNotAllowed = 4401;  // the identity or its right has ended
inline constexpr std::uint16_t kTooSlow = net::websocket_code::kTooSlow;
inline constexpr std::uint16_t kHistoryLost = 4410;
}  // namespace close_code

// A message of a client's: a JSON object. Owns what it shows; movable, for it is answered on another thread.
class Message {
 public:
  // Errors: invalid; where the text is an object all the same, its request_id() can be shown with the error.
  static Result<Message> parse(std::string_view text, const document::JsonLimits& limits);

  std::string_view action() const { return action_; }
  bool authenticates() const { return action_ == "auth"; }
  // JSON; empty where there was none.
  const std::string& request_id() const { return request_id_; }
  const document::Value* find(std::string_view name) const;
  // Errors: invalid, for a member of another name than these, "action" and "reqID".
  Status allow(std::initializer_list<std::string_view> names) const;
  // A string; empty where it is not there. Errors: invalid.
  Result<std::string> text(std::string_view name) const;
  // Of the member "collection": empty where it is not there, or null. Errors: invalid; "" is no name.
  Result<std::string> collection() const;
  // The JSON of a member; empty where it is not there.
  std::string json(std::string_view name) const;

 private:
  std::unique_ptr<std::string> text_;
  std::unique_ptr<document::Arena> arena_;
  document::Value object_;
  std::string action_;
  std::string request_id_;
};

struct Answering;

// One WebSocket of this surface, whatever its path: who asks, how messages are answered, and what ends it.
// Messages are handled on workers, several at a time, up to a bound past which the client is not read.
class Socket : public net::WebSocketHandler, public OpenFeed, public std::enable_shared_from_this<Socket> {
 public:
  // `database` as it stands in the address.
  Socket(Context& context, engine::Caller caller, std::string database);

  void on_open(std::shared_ptr<net::WebSocket> socket) override;
  void on_message(std::string_view text) final;
  void on_close(std::uint16_t code) override;
  void tick(SteadyTime now) override;
  void stop() override;

  using Next = std::function<Result<std::optional<std::string>>()>;

 protected:
  // On a worker. An error is answered.
  virtual Status handle(Message& message) = 0;

  Context& context() { return context_; }
  const Parts& parts() const { return context_.parts(); }
  net::WebSocket& socket() { return *socket_; }
  // What a call is made with: who asks now, and about what.
  struct Asker {
    engine::Caller caller;
    NamedDatabase database;
    CallLimits limits;
  };
  Asker asker();

  // An answer of a request. False where the client has gone; past the bound of what may wait it is given up.
  bool answer(const std::string& request_id, std::string_view members);
  void answer_error(const std::string& request_id, const Error& error);
  // An answer of many messages, on the calling worker and others: `next` makes one, or none at the end; while
  // the client is slow no thread is held.
  void answer_many(std::string request_id, Next next);

 private:
  // A message, and its place among the calls that are under way.
  struct Admitted {
    bool authenticates() const { return message.authenticates(); }

    Message message;
    Context::Place place;
  };

  void work_off(Admitted admitted);
  void run(Message message);
  void end_authentication();
  Status authenticate(const Message& message);
  void begin_request();
  void end_request();
  void send_on(const std::shared_ptr<Answering>& answering);
  bool wait_behind_others(const std::shared_ptr<Answering>& answering);
  void wait_for_room(const std::shared_ptr<Answering>& answering);
  void go_on();

  Context& context_;
  const std::string database_text_;
  std::shared_ptr<net::WebSocket> socket_;

  std::mutex mutex_;
  engine::Caller caller_;                           // guarded by mutex_
  NamedDatabase database_;                          // guarded by mutex_
  std::size_t running_ = 0;                         // guarded by mutex_
  bool paused_ = false;                             // guarded by mutex_
  bool authenticating_ = false;                     // guarded by mutex_
  std::deque<Admitted> behind_authentication_;      // guarded by mutex_
  std::deque<std::shared_ptr<Answering>> waiting_;  // guarded by mutex_; for room
  bool asked_for_room_ = false;                     // guarded by mutex_
};

}  // namespace quire::api::streams
