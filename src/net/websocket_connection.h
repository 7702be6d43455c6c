#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/channel.h"
#include "net/read_buffer.h"
#include "net/taking_rate.h"
#include "net/websocket.h"
#include "net/websocket_handle.h"
#include "net/websocket_output.h"
#include "net/websocket_reader.h"
#include "net/worker.h"
#include "net/worker_connection.h"

namespace quire::net {

// What a connection hands over when it turns from HTTP to WebSocket.
struct WebSocketArrival {
  Channel channel;
  std::string peer;
  AddressCounts::Key key{};
  std::string_view input;  // what came behind the request; copied
  std::string output;      // what is not yet sent: the answer to the request last
  bool peer_finished = false;
  std::shared_ptr<WebSocketHandler> handler;
  WebSocketOptions options;
};

// A connection that speaks WebSocket. It lives on its worker's thread; services hold its handle, through
// which messages cross over. It is destroyed by its worker once it is closed.
class WebSocketConnection final : public WorkerConnection {
 public:
  WebSocketConnection(Worker& worker, WebSocketArrival arrival);
  ~WebSocketConnection() override;

  void on_events(std::uint32_t events) override;
  void on_tick() override;
  void on_drain() override;
  void on_stop() override;
  int socket() const override { return channel_.socket(); }
  // Something was sent from elsewhere, or it asked for another turn.
  void on_wake();

  // A list of those to wake, which is the worker's: guarded by its mutex.
  WebSocketConnection* next_to_wake = nullptr;
  bool to_wake = false;

 private:
  enum class State : std::uint8_t {
    open,
    closing,  // our close frame is queued or sent; the client's is waited for
    ending,  // the client's has come, or it is not to be trusted: sends what is left, then waits for it to go
    closed,
  };

  void advance();
  void leave();
  void open();

  // In
  bool may_read() const;
  void read();
  bool receive(std::span<char>& input);
  void take(std::span<char>& input);
  void take(const WebSocketReader::Event& event);

  // Out
  void write();
  std::optional<WebSocketHandle::Closing> take_waiting();
  bool flush();
  void send_control(WebSocketMessagePointer frame);
  void drop_waiting();

  // The end
  void begin_close(const WebSocketHandle::Closing& closing);
  void hurry_close();
  void answer_close(std::uint16_t code);
  void fail(std::uint16_t code, std::string_view why);
  void end_handler(std::uint16_t code);
  void finish_sending();
  void lose();
  void close_now();

  // Time
  void begin_end(SteadyTime now);
  void look_at_end(SteadyTime now);
  void look_whether_alive(SteadyTime now);
  bool shows_life() const;
  void look_at_rate(SteadyTime now);
  std::uint64_t bytes_taken() const;
  const Limits& limits() const { return worker_.limits(); }

  Worker& worker_;
  Channel channel_;
  const std::string peer_;
  const AddressCounts::Key key_;
  std::shared_ptr<WebSocketHandler> handler_;  // until its last call
  const std::shared_ptr<WebSocketHandle> handle_;

  State state_ = State::open;
  bool opened_ = false;
  bool readable_ = true;
  bool peer_finished_;
  bool finished_sending_ = false;

  WebSocketReader reader_;
  ReadBuffer in_;  // what came and was not yet read, where the reading was paused
  WebSocketOutput output_;
  std::vector<WebSocketMessagePointer> taken_;  // kept for its memory
  WebSocketMessagePointer close_frame_;
  std::uint64_t bytes_sent_ = 0;
  std::size_t lingered_ = 0;

  SteadyTime since_;  // when the end began
  SteadyTime ping_at_;
  bool heard_ = true;               // something came since the last ping
  std::uint64_t taken_before_ = 0;  // bytes that the client had at the last ping, or when the end began
  TakingRate taking_rate_;
};

}  // namespace quire::net
