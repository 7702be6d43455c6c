#include "api/streams/socket.h"

#include <algorithm>
#include <utility>

#include "api/answer.h"
#include "api/fields.h"
#include "api/json_out.h"
#include "api/proof.h"
#include "document/json.h"

namespace quire::api::streams {

using document::Value;

Result<Message> Message::parse(std::string_view text, const document::JsonLimits& limits) {
  Message message;
  message.text_ = std::make_unique<std::string>();
  message.arena_ = std::make_unique<document::Arena>();
  QUIRE_TRY_STATUS(document::minify(text, limits, *message.text_));
  QUIRE_TRY(message.object_, Value::parse(*message.arena_, *message.text_));
  if (!message.object_.is_object()) return Error(ErrorCode::invalid, "a message is an object");
  message.request_id_ = message.json("reqID");
  if (const Value* const action = message.find("action")) {
    if (action->is_string()) message.action_ = action->to_string();
  }
  return message;
}

const Value* Message::find(std::string_view name) const { return object_.find(name); }

Status Message::allow(std::initializer_list<std::string_view> names) const {
  for (const document::Member& member : object_.members()) {
    const std::string name = member.name.to_string();
    if (name == "action" || name == "reqID") continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return Error(ErrorCode::invalid, "the message has a member that is not known").at(shown_name(name));
    }
  }
  return ok();
}

Result<std::string> Message::text(std::string_view name) const {
  const Value* const value = find(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return Error(ErrorCode::invalid, "this is a string").at(std::string(name));
  return value->to_string();
}

Result<std::string> Message::collection() const {
  const Value* const value = find("collection");
  if (value == nullptr || value->is_null()) return std::string();
  QUIRE_TRY(std::string name, text("collection"));
  if (name.empty())
    return Error(ErrorCode::invalid, "a collection's name is not empty; leave it out to name none")
        .at("collection");
  return name;
}

std::string Message::json(std::string_view name) const {
  const Value* const value = find(name);
  return value == nullptr ? std::string() : value->to_json();
}

// An answer of many messages under way.
struct Answering {
  std::string request_id;
  Socket::Next next;
  std::optional<std::string> unsent;  // made, and not taken yet
};

Socket::Socket(Context& context, engine::Caller caller, std::string database)
    : context_(context),
      database_text_(std::move(database)),
      caller_(std::move(caller)),
      database_(named_database(context.parts(), caller_, database_text_)) {}

void Socket::on_open(std::shared_ptr<net::WebSocket> socket) {
  socket_ = std::move(socket);
  if (caller_.kind() != engine::Caller::Kind::anonymous) {
    socket_->set_message_limit(context_.options().body_bytes);
  }
  const auto added = context_.feeds().add(shared_from_this(), std::string(caller_.account()));
  if (!added) {
    if (added.error().code() == ErrorCode::unavailable) return stop();
    answer_error({}, added.error());
    socket_->close(net::websocket_code::kPolicy, name(added.error().code()));
  }
}

void Socket::on_close(std::uint16_t) { context_.feeds().remove(shared_from_this()); }

// Keys end, and accounts are disabled, while nothing is asked.
void Socket::tick(SteadyTime) {
  const Asker now = asker();
  if (now.caller.kind() != engine::Caller::Kind::user) return;
  const auto seen = parts().accounts.reservation(now.caller, now.database.address());
  if (seen || seen.error().code() != ErrorCode::unauthenticated) return;
  socket_->close(close_code::kNotAllowed, seen.error().message());
}

void Socket::stop() { socket_->close(net::websocket_code::kGoingAway, "the server stops"); }

Socket::Asker Socket::asker() {
  const std::lock_guard lock(mutex_);
  Asker asker{.caller = caller_, .database = database_, .limits = {}};
  asker.limits.cancellation = socket_->cancellation();
  return asker;
}

void Socket::on_message(std::string_view text) {
  Result<Message> message = Message::parse(text, {});
  if (!message) return answer_error({}, message.error());
  Context::Place place = context_.take_worker_place();
  if (!place) {
    return answer_error(message->request_id(),
                        Error(ErrorCode::exhausted, "too many calls are under way; come back later"));
  }
  begin_request();
  Admitted admitted{*std::move(message), std::move(place)};
  {
    // Who asks in what comes behind an authentication is known when that is done.
    const std::lock_guard lock(mutex_);
    if (authenticating_) return behind_authentication_.push_back(std::move(admitted));
    authenticating_ = admitted.authenticates();
  }
  work_off(std::move(admitted));
}

void Socket::work_off(Admitted admitted) {
  parts().workers.post([self = shared_from_this(), shared = std::make_shared<Admitted>(std::move(admitted))] {
    const bool authenticates = shared->authenticates();
    self->run(std::move(shared->message));
    if (authenticates) self->end_authentication();
    self->end_request();
  });
}

// Those that waited go on, up to another one of its kind.
void Socket::end_authentication() {
  std::vector<Admitted> ready;
  {
    const std::lock_guard lock(mutex_);
    authenticating_ = false;
    while (!authenticating_ && !behind_authentication_.empty()) {
      ready.push_back(std::move(behind_authentication_.front()));
      behind_authentication_.pop_front();
      authenticating_ = ready.back().authenticates();
    }
  }
  for (Admitted& admitted : ready) work_off(std::move(admitted));
}

void Socket::run(Message message) {
  Status handled = ok();
  try {
    handled = message.authenticates() ? authenticate(message) : handle(message);
  } catch (const std::exception& fault) {
    parts().log.error("a message failed", {{"cause", fault.what()}});
    handled = Error(ErrorCode::internal, "the server failed");
  }
  if (!handled) answer_error(message.request_id(), handled.error());
}

Status Socket::authenticate(const Message& message) {
  QUIRE_TRY_STATUS(message.allow({"apiKey"}));
  QUIRE_TRY(const std::string key, message.text("apiKey"));
  auto caller = parts().accounts.authenticate(key);
  if (!caller) return Error(ErrorCode::unauthenticated, "the key proves no identity").at("apiKey");
  {
    NamedDatabase database = named_database(parts(), *caller, database_text_);
    const std::lock_guard lock(mutex_);
    caller_ = *std::move(caller);
    database_ = std::move(database);
  }
  socket_->set_message_limit(context_.options().body_bytes);
  answer(message.request_id(), R"("authenticated":true)");
  return ok();
}

void Socket::begin_request() {
  const std::lock_guard lock(mutex_);
  if (++running_ < tuning::kSocketRequests || paused_) return;
  paused_ = true;
  socket_->pause();
}

void Socket::end_request() {
  const std::lock_guard lock(mutex_);
  if (--running_ >= tuning::kSocketRequests || !paused_) return;
  paused_ = false;
  socket_->resume();
}

namespace {
std::string with_request_id(const std::string& request_id, std::string_view members) {
  std::string text = "{";
  if (!request_id.empty()) text += "\"reqID\":" + request_id + ",";
  text += members;
  text += '}';
  return text;
}
}  // namespace

bool Socket::answer(const std::string& request_id, std::string_view members) {
  return socket_->send_or_give_up(net::WebSocketMessage::make(with_request_id(request_id, members)));
}

void Socket::answer_error(const std::string& request_id, const Error& error) {
  const bool ours = status_of(error) == 500;
  if (ours) parts().log.error("a message failed", {{"cause", error.to_string()}});
  std::string members = "\"error\":";
  ObjectOut object(members);
  object.text("code", name(error.code()));
  object.text("message", ours ? "the server failed; its log says why" : error.message());
  if (!ours && !error.field().empty()) object.text("field", error.field());
  if (error.retry_after_ms() != 0) object.number("retryAfterMs", error.retry_after_ms());
  object.end();
  answer(request_id, members);
}

void Socket::answer_many(std::string request_id, Next next) {
  begin_request();
  const auto answering =
      std::make_shared<Answering>(Answering{std::move(request_id), std::move(next), std::nullopt});
  // Behind those that wait for a slow client, so that only the first of them has documents in memory.
  if (wait_behind_others(answering)) return;
  send_on(answering);
}

void Socket::send_on(const std::shared_ptr<Answering>& answering) {
  for (;;) {
    if (!answering->unsent) {
      auto made = answering->next();
      if (!made) answer_error(answering->request_id, made.error());
      if (!made || !*made) break;
      answering->unsent = with_request_id(answering->request_id, **made);
    }
    const auto sent = socket_->send(*answering->unsent);
    if (sent == net::WebSocket::Sent::closed) break;
    if (sent == net::WebSocket::Sent::full) return wait_for_room(answering);
    answering->unsent.reset();
  }
  end_request();
  go_on();
}

bool Socket::wait_behind_others(const std::shared_ptr<Answering>& answering) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return false;
  waiting_.push_back(answering);
  return true;
}

// The one that was being sent goes on first.
void Socket::wait_for_room(const std::shared_ptr<Answering>& answering) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_front(answering);
    if (std::exchange(asked_for_room_, true)) return;
  }
  socket_->on_room([self = shared_from_this()] {
    {
      const std::lock_guard lock(self->mutex_);
      self->asked_for_room_ = false;
    }
    self->go_on();
  });
}

// The next one of those that wait; it calls the one behind it once it is sent, or waits again.
void Socket::go_on() {
  std::shared_ptr<Answering> next;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty() || asked_for_room_) return;
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  parts().workers.post([self = shared_from_this(), next] { self->send_on(next); });
}

}  // namespace quire::api::streams
