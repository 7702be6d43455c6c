#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

// open_loop PORT CONNECTIONS RATE SECONDS TARGETS: sends GET requests to 127.0.0.1 on a schedule, whatever
// the server does, and prints how long answers took from the time that their requests were due.
//
// A generator that sends the next request once it has an answer sends none while the server stalls, so that a
// stall counts once however many it would have met. Here a request that is due waits for a free connection,
// and the wait counts. The first fifth of the time warms up and is not counted. The generator never sleeps:
// it wants a core of its own, and in exchange it is on time.
//
// The key of the requests comes in $QUIRE_KEY.

namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "open_loop: %s\n", what.c_str());
  std::exit(1);
}

struct Plan {
  std::uint16_t port = 0;
  std::size_t connections = 0;
  double rate = 0;
  double seconds = 0;
  std::vector<std::string> requests;
};

struct Connection {
  int handle = -1;
  std::string received;
  Clock::time_point due;  // of the request under way
  bool counts = false;
  bool busy = false;
};

struct Figures {
  std::vector<std::int64_t> nanoseconds;
  std::uint64_t failed = 0;
};

int connect_to(std::uint16_t port) {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    die("cannot connect to port " + std::to_string(port));
  }
  const int on = 1;
  ::setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return handle;
}

// The length of the answer at the start of the text; 0: it is not whole yet.
std::size_t answer_length(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kLength = "content-length: ";
  const auto same = [](char left, char right) {
    return (left >= 'A' && left <= 'Z' ? static_cast<char>(left + 32) : left) == right;
  };
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(head);
  const auto found = std::search(text.begin(), end, kLength.begin(), kLength.end(), same);
  if (found == end) die("an answer without a length");
  const char* const digits = text.data() + (found - text.begin()) + kLength.size();
  std::size_t length = 0;
  std::from_chars(digits, text.data() + head, length);
  const std::size_t whole = head + 4 + length;
  return text.size() < whole ? 0 : whole;
}

class Generator {
 public:
  explicit Generator(const Plan& plan)
      : plan_(plan), connections_(plan.connections), poll_(::epoll_create1(0)) {
    for (Connection& connection : connections_) {
      connection.handle = connect_to(plan.port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.handle, &event);
      free_.push_back(&connection);
    }
    figures_.nanoseconds.reserve(static_cast<std::size_t>(plan.rate * plan.seconds) + 1);
  }
  ~Generator() {
    for (const Connection& connection : connections_) ::close(connection.handle);
    ::close(poll_);
  }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  Figures run() {
    const auto start = Clock::now();
    const auto total = static_cast<std::uint64_t>(plan_.rate * plan_.seconds);
    const std::uint64_t warm = total / kWarmPart;
    const auto due = [&](std::uint64_t number) {
      return start + Nanoseconds(static_cast<std::int64_t>(static_cast<double>(number) * 1e9 / plan_.rate));
    };
    std::uint64_t next = 0;
    while (next < total || free_.size() < connections_.size()) {
      const auto now = Clock::now();
      if (now > due(total) + kPatience) die("the server does not keep up");
      while (next < total && !free_.empty() && due(next) <= now) {
        Connection& connection = *free_.front();
        free_.pop_front();
        connection.due = due(next);
        connection.counts = next >= warm;
        send(connection, plan_.requests[next % plan_.requests.size()]);
        ++next;
      }
      receive_what_is_there();
    }
    return std::move(figures_);
  }

 private:
  static constexpr std::uint64_t kWarmPart = 5;
  static constexpr std::chrono::seconds kPatience{30};

  static void send(Connection& connection, const std::string& request) {
    connection.busy = true;
    const auto sent = ::send(connection.handle, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) die("the server closed a connection");
  }

  void receive_what_is_there() {
    constexpr int kEvents = 64;
    epoll_event events[kEvents];
    const int count = ::epoll_wait(poll_, events, kEvents, 0);
    for (int i = 0; i < count; ++i) receive(*static_cast<Connection*>(events[i].data.ptr));
  }

  void receive(Connection& connection) {
    char piece[8192];
    const auto got = ::recv(connection.handle, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || !connection.busy) die("the server closed a connection");
    connection.received.append(piece, static_cast<std::size_t>(got));
    const std::size_t length = answer_length(connection.received);
    if (length == 0) return;
    const bool good = connection.received.starts_with("HTTP/1.1 2");
    if (!good) ++figures_.failed;
    if (connection.counts) figures_.nanoseconds.push_back(Nanoseconds(Clock::now() - connection.due).count());
    connection.received.erase(0, length);
    connection.busy = false;
    free_.push_back(&connection);
  }

  const Plan& plan_;
  std::vector<Connection> connections_;
  std::deque<Connection*> free_;
  const int poll_;
  Figures figures_;
};

std::vector<std::string> read_requests(const std::string& path, std::uint16_t port) {
  const char* const key = std::getenv("QUIRE_KEY");
  std::string tail = fmt::format(" HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", port);
  if (key != nullptr) tail += fmt::format("Authorization: Bearer {}\r\n", key);
  tail += "\r\n";
  std::vector<std::string> requests;
  std::ifstream file(path);
  for (std::string target; std::getline(file, target);) requests.push_back("GET " + target + tail);
  if (requests.empty()) die("no targets in " + path);
  return requests;
}

void print(Figures figures, double seconds) {
  std::vector<std::int64_t>& times = figures.nanoseconds;
  if (times.empty()) die("no answers");
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(times.size() - 1));
    return static_cast<double>(times[index]) / 1e3;
  };
  fmt::print(
      "{{\"seconds\":{},\"counted\":{},\"failed\":{},\"p50\":{:.1f},\"p90\":{:.1f},\"p99\":{:.1f},\"p99.9\":{"
      ":.1f},"
      "\"max\":{:.1f}}}\n",
      seconds, times.size(), figures.failed, at(0.5), at(0.9), at(0.99), at(0.999), at(1));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) die("PORT CONNECTIONS RATE SECONDS TARGETS");
  Plan plan;
  plan.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  plan.connections = static_cast<std::size_t>(std::atoi(argv[2]));
  plan.rate = std::atof(argv[3]);
  plan.seconds = std::atof(argv[4]);
  if (plan.port == 0 || plan.connections == 0 || plan.rate <= 0 || plan.seconds <= 0) die("numbers above 0");
  plan.requests = read_requests(argv[5], plan.port);
  print(Generator(plan).run(), plan.seconds);
  return 0;
}
