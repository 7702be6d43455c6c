#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/body_reader.h"
#include "net/channel.h"
#include "net/crossing.h"
#include "net/exchange.h"
#include "net/output.h"
#include "net/read_buffer.h"
#include "net/request_head.h"
#include "net/taking_rate.h"
#include "net/worker.h"

namespace quire::net {

// One client's connection, and the exchange that is under way on it: there is one at a time, and answers to
// pipelined requests go out in order. It lives on its worker's thread; what other threads say through
// Exchange crosses over in `crossing_` and by tasks posted to the loop.
//
// It is destroyed by its worker once it is closed and no exchange is left.
class Connection final : public Exchange, public WorkerConnection {
 public:
  Connection(Worker& worker, Arrival& arrival);
  ~Connection() override;

  // --- For its worker, on its thread.
  void on_events(std::uint32_t events) override;
  void on_tick() override;
  void on_drain() override;
  void on_stop() override;
  int socket() const override { return channel_.socket(); }

  // --- Exchange, for services.
  const RequestHead& request() const override { return request_.head; }
  std::uint32_t route() const override { return plan_.route; }
  std::string_view body() const override { return body_view_; }
  Result<std::size_t> read(std::span<char> into) override;
  Result<std::optional<std::size_t>> try_read(std::span<char> into) override;
  void on_body(std::function<void()> then) override;
  Cancellation cancellation() override;
  void send(Response response) override;
  void begin(Response head, std::optional<std::uint64_t> length) override;
  Status write(std::string_view bytes) override;
  bool offer(std::string bytes) override;
  void on_room(std::function<void()> then) override;
  void end() override;
  void abort() override;
  void cut() override;
  void accept(std::shared_ptr<WebSocketHandler> handler, WebSocketOptions options) override;

 private:
  enum class State : std::uint8_t {
    head,     // between requests, or within a head
    body,     // of a request that is handled when its body is there
    serving,  // handled; until its answer is sent
    closing,  // sends what is left, then waits for the client to go
    closed,
  };
  enum class Answered : std::uint8_t { no, whole, stream, abandoned, accepted };

  // connection.cc: the life of a connection.
  void advance();
  bool step();
  void leave();
  void yield();
  bool step_head();
  bool step_closing();
  void start_request(std::size_t head_bytes);
  void finish_request();
  void refuse(const Refusal& refusal);
  Refusal body_too_large() const;
  Transfer receive(std::span<char> into);
  bool flush();
  void lose();    // the connection is broken
  void vanish();  // tells the service that the client has gone, or may have
  void close_now();
  void check_answer_rate(SteadyTime now);
  std::uint64_t bytes_taken() const;
  void check_head_time(SteadyTime now);
  void check_body_rate(SteadyTime now);
  void release_buffers();

  // connection_body.cc: the body of a request.
  bool step_body();
  bool take_body_in_place();
  std::optional<Refusal> take_body(std::string_view input, std::size_t& used);
  void keep_body(std::string_view data);
  void pump_body();
  bool pump_body_once();
  bool may_receive_body();
  void end_body(std::optional<Error> error);
  void want_body();  // these three with the mutex of crossing_ held
  bool body_has_come() const;
  Result<std::size_t> take_from_inbox(std::span<char> into);
  void tell_reader(std::unique_lock<std::mutex>& lock);

  // connection_answer.cc: answers.
  bool step_serving();
  void handle();
  void answer(Response&& response);
  void start_stream();
  bool pump_stream();
  void move_to_output(std::string&& bytes);
  void end_stream();
  void after_sending();
  void note();  // with the mutex of crossing_ held
  void answer_upgrade();
  std::optional<UpgradeProblem> upgrade_problem() const;
  void become_websocket();
  AnswerFraming plain_framing() const;
  bool has_no_body(unsigned status) const;
  void tell_start();
  void tell_complete(unsigned status, std::uint64_t bytes);
  void tell_end();

  Worker& worker_;
  Channel channel_;
  const std::string peer_;
  const AddressCounts::Key key_;
  const std::uint32_t listener_;

  State state_ = State::head;
  bool readable_ = false;       // receiving may give something
  bool peer_finished_ = false;  // the client sends no more
  bool broken_ = false;         // the connection is lost
  bool counted_ = true;         // it is one of its address
  bool finished_sending_ = false;
  bool advancing_ = false;
  bool yielded_ = false;  // a task of our own is posted

  // Input.
  ReadBuffer in_;    // heads, and what came with them
  ReadBuffer more_;  // what of a body came later: the head stays where it is
  HeadFinder finder_;
  bool fresh_ = true;          // nothing that is a request was read yet
  bool skipped_line_ = false;  // an empty one, in front of this request
  std::size_t lingered_ = 0;   // bytes that were dropped behind the last answer

  // The request.
  ParsedRequest request_;
  bool has_head_ = false;
  bool handling_ = false;  // the exchange is its service's
  bool close_ = false;     // the connection, behind the answer
  bool crossed_ = false;   // crossing_ was used; written by whoever holds the exchange
  Answered answered_ = Answered::no;
  Plan plan_;
  std::size_t used_ = 0;  // of in_, by this request
  BodyReader body_reader_;
  bool body_done_ = true;
  bool body_failed_ = false;
  bool body_paused_ = false;  // its reader is slower than its client
  bool body_allowed_ = true;  // 100 Continue was sent, or is not due
  std::uint64_t body_bytes_ = 0;
  std::string body_;
  std::string_view body_view_;

  // Output.
  Output output_;
  bool streaming_ = false;  // the head of a streamed answer is on its way
  bool chunked_ = false;
  bool cut_ = false;                          // the answer ends without its end
  std::optional<std::uint64_t> stream_left_;  // of the length that was said

  SteadyTime since_;       // when this phase began
  SteadyTime rate_since_;  // of the body, with the bytes that were there then
  std::uint64_t rate_bytes_ = 0;
  std::uint64_t bytes_sent_ = 0;
  TakingRate taking_rate_;

  // For those who look on; null where nobody does.
  std::shared_ptr<const Events::List> watching_;
  SteadyTime head_time_;
  Observer::Outcome outcome_;

  Response pending_;  // an answer of another thread, until the loop has it
  struct Acceptance {
    std::shared_ptr<WebSocketHandler> handler;
    WebSocketOptions options;
  };
  std::unique_ptr<Acceptance> acceptance_;  // until it is a WebSocket
  Crossing crossing_;
};

}  // namespace quire::net
