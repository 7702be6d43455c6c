// websocket_bench serve PORT: a server that echoes, for other programs' clients, until its input ends.
// websocket_bench idle CONNECTIONS: what one that waits costs in memory.
// websocket_bench fan CONNECTIONS EVENTS BYTES BURST: how many deliveries a second, where events come in
// bursts of so many as commits would bring them, and how long one takes while little happens.
//
// The clients are a process of their own, so that their memory and their time are theirs.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "net/server.h"
#include "net/websocket.h"

namespace {

using namespace quire;
using namespace quire::net;
using namespace std::chrono_literals;

constexpr std::size_t kAnAddress = 5'000;  // connections from one address: ports are few
constexpr std::size_t kMessageLimit = 64 << 20;

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "websocket_bench: %s\n", what.c_str());
  std::exit(1);
}

// --- The server

class Sockets {
 public:
  void add(std::shared_ptr<WebSocket> socket) {
    const std::lock_guard lock(mutex_);
    sockets_.push_back(std::move(socket));
    changed_.notify_all();
  }
  std::vector<std::shared_ptr<WebSocket>> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 120s, [&] { return sockets_.size() >= count; })) die("too few connections");
    return sockets_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<WebSocket>> sockets_;
};

class Handler final : public WebSocketHandler {
 public:
  explicit Handler(Sockets* sockets) : sockets_(sockets) {}
  void on_open(std::shared_ptr<WebSocket> socket) override {
    if (sockets_ != nullptr) sockets_->add(socket);
    socket_ = std::move(socket);
  }
  // A client that takes no answers is not read either.
  void on_message(std::string_view text) override {
    const auto message = WebSocketMessage::make(std::string(text));
    if (socket_->send(message) != WebSocket::Sent::full) return;
    socket_->pause();
    socket_->on_room([socket = socket_, message] {
      (void)socket->send(message);
      socket->resume();
    });
  }
  void on_close(std::uint16_t) override { socket_.reset(); }

 private:
  Sockets* const sockets_;
  std::shared_ptr<WebSocket> socket_;
};

class WebSocketService final : public Service {
 public:
  explicit WebSocketService(Sockets* sockets) : sockets_(sockets) {}
  Plan plan(const RequestHead&) override { return {}; }
  void handle(Exchange& exchange) override {
    exchange.accept(std::make_shared<Handler>(sockets_), {kMessageLimit, 1 << 20});
  }
  Response refuse(const RequestHead*, unsigned status, const Error&) override {
    Response response;
    response.status = status;
    return response;
  }

 private:
  Sockets* const sockets_;
};

class BenchServer {
 public:
  explicit BenchServer(std::uint16_t port, Sockets* sockets = nullptr) : service_(sockets) {
    ServerOptions options;
    options.listeners.emplace_back().port = port;
    options.limits.connections = options.limits.connections_per_address = 100'000;
    auto started = Server::start(options, service_, events_, system_clock(), *log_);
    if (!started) die(started.error().message());
    server_ = std::move(*started);
  }
  std::uint16_t port() const { return server_->port(0); }
  void stop() { server_->stop(); }

 private:
  WebSocketService service_;
  Events events_;
  std::unique_ptr<Log> log_ = make_silent_log();
  std::unique_ptr<Server> server_;
};

void allow_many_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t resident_bytes() {
  std::ifstream status("/proc/self/statm");
  std::size_t whole = 0;
  std::size_t resident = 0;
  status >> whole >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// --- The clients

int connect_one(std::uint16_t port, std::size_t number) {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(number / kAnAddress));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(handle, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0;
  if (!bound || ::connect(handle, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    die("cannot connect");
  constexpr std::string_view kRequest =
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  if (::send(handle, kRequest.data(), kRequest.size(), 0) < 0) die("cannot ask");
  std::string answer;
  std::array<char, 1024> piece;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const ssize_t size = ::recv(handle, piece.data(), piece.size(), 0);
    if (size <= 0) die("no answer");
    answer.append(piece.data(), static_cast<std::size_t>(size));
  }
  if (!answer.starts_with("HTTP/1.1 101")) die("refused: " + answer);
  return handle;
}

// Connects them all, then takes whatever comes, and answers each ping, until they are closed.
[[noreturn]] void run_clients(std::uint16_t port, std::size_t connections) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < connections; ++i) {
    const int handle = connect_one(port, i);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = handle;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, handle, &event);
  }
  std::vector<char> piece(256 << 10);
  std::array<epoll_event, 256> events;
  for (std::size_t open = connections; open > 0;) {
    const int count = ::epoll_wait(poll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int handle = events[static_cast<std::size_t>(i)].data.fd;
      const ssize_t size = ::recv(handle, piece.data(), piece.size(), MSG_DONTWAIT);
      const bool ping = size == 2 && piece[0] == '\x89';
      if (ping) (void)!::send(handle, "\x8A\x80kkkk", 6, MSG_NOSIGNAL);
      if (size > 0 || (size < 0 && errno == EAGAIN)) continue;
      ::close(handle);
      --open;
    }
  }
  std::_Exit(0);
}

pid_t start_clients(std::uint16_t port, std::size_t connections) {
  const pid_t child = ::fork();
  if (child == 0) run_clients(port, connections);
  return child;
}

// --- The figures

int serve(std::uint16_t port) {
  const BenchServer server(port);
  fmt::print("{}\n", server.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

int idle(std::size_t connections) {
  Sockets sockets;
  BenchServer server(0, &sockets);
  // What the first ones cost is not theirs.
  const pid_t warm = start_clients(server.port(), 100);
  sockets.wait_for(100);
  std::this_thread::sleep_for(3s);
  const std::size_t before = resident_bytes();
  const pid_t clients = start_clients(server.port(), connections);
  sockets.wait_for(100 + connections);
  std::this_thread::sleep_for(5s);
  const auto each = [&] {
    return static_cast<double>(resident_bytes() - before) / static_cast<double>(connections);
  };
  fmt::print("idle: {:.0f} bytes each of {}\n", each(), connections);
  std::this_thread::sleep_for(45s);
  fmt::print("after two pings: {:.0f} bytes each\n", each());
  server.stop();
  ::waitpid(warm, nullptr, 0);
  ::waitpid(clients, nullptr, 0);
  return 0;
}

// Sends to each, and waits for those that are behind, as a feed would.
void publish(const std::vector<std::shared_ptr<WebSocket>>& sockets, const WebSocketMessagePointer& message) {
  for (const auto& socket : sockets) {
    while (socket->send(message) == WebSocket::Sent::full) std::this_thread::sleep_for(100us);
  }
}

void wait_until_sent(const std::vector<std::shared_ptr<WebSocket>>& sockets) {
  for (const auto& socket : sockets) {
    while (socket->waiting() > 0) std::this_thread::sleep_for(50us);
  }
}

int fan(std::size_t connections, std::size_t events, std::size_t bytes, std::size_t burst) {
  Sockets waiting;
  BenchServer server(0, &waiting);
  const pid_t clients = start_clients(server.port(), connections);
  const auto sockets = waiting.wait_for(connections);
  for (int round = 0; round < 3; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < events; ++i) {
      publish(sockets, WebSocketMessage::make(std::string(bytes, 'x')));
      if ((i + 1) % burst == 0) wait_until_sent(sockets);
    }
    wait_until_sent(sockets);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    fmt::print("{} events of {} bytes, {} at once, to {}: {:.0f} deliveries a second\n", events, bytes, burst,
               connections, static_cast<double>(events * connections) / took.count());
  }
  server.stop();
  ::waitpid(clients, nullptr, 0);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  allow_many_files();
  const std::string mode = argc > 1 ? argv[1] : "";
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  if (mode == "serve" && argc == 3) return serve(static_cast<std::uint16_t>(number(2)));
  if (mode == "idle" && argc == 3) return idle(number(2));
  if (mode == "fan" && argc == 6) return fan(number(2), number(3), number(4), number(5));
  std::fprintf(stderr,
               "websocket_bench serve PORT | idle CONNECTIONS | fan CONNECTIONS EVENTS BYTES BURST\n");
  return 2;
}
