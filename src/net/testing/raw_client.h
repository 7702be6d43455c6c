#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quire::net {

// A client that sends bytes as they are, for what no proper client would send. Blocking; every wait has a
// bound, and what was not there by then is missing from the answer.
class RawClient {
 public:
  // An answer, as far as it came.
  struct Answer {
    unsigned status = 0;  // 0: none came
    std::string head;
    std::string body;
    bool whole = false;
    // The value of the first field of this name; empty where there is none.
    std::string field(std::string_view name) const;
  };

  explicit RawClient(std::uint16_t port, std::string_view address = "127.0.0.1");
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return socket_ >= 0; }
  // As long as nobody reads, small buffers make the other side wait early. Before anything is received.
  void shrink_buffers(int bytes);
  // Each send() goes out by itself.
  void send_at_once();
  // False where the connection was lost before all was sent, or it could not be in time.
  bool send(std::string_view bytes);
  // Sends what can be sent now; answers how much.
  std::size_t send_some(std::string_view bytes);
  void finish_sending();
  // As a program that dies: what was sent may not arrive.
  void reset();
  void close();

  // Reads one answer; what follows it stays for the next. `to_head`: the request was HEAD.
  Answer receive(bool to_head = false);
  // Whatever comes until the other side ends or `wait` is over.
  std::string receive_all();
  // One piece of it; empty at the end.
  std::string receive_some();
  // Whether the other side closes without another byte.
  bool is_closed();

  std::chrono::milliseconds wait{10'000};

 private:
  bool wait_for(short events);
  bool fill();
  void take_chunks(Answer& answer);
  std::optional<std::string> take_line();
  bool take(std::size_t count, std::string& into);

  int socket_ = -1;
  std::string input_;
};

}  // namespace quire::net
