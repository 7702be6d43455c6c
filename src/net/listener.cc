#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/tuning.h"

namespace quire::net {

namespace {

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n";

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

// "127.0.0.1" or "::1" and a port, as the system has them; 0 bytes where it is no address.
socklen_t to_system(const std::string& address, std::uint16_t port, sockaddr_storage& into) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(into);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(into);
  if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return sizeof v6;
  }
  return 0;
}

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in&>(address).sin_port
                                            : reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
}

std::string name_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes =
      address.ss_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr)
          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return ::inet_ntop(address.ss_family, bytes, text.data(), text.size()) != nullptr ? text.data() : "";
}

}  // namespace

Listener::Listener(const ListenerOptions& options, std::uint32_t index, Shared& shared)
    : address_(options.address), port_(options.port), index_(index), shared_(shared) {}

Listener::~Listener() {
  if (socket_ >= 0) ::close(socket_);
  if (spare_ >= 0) ::close(spare_);
}

Result<std::unique_ptr<Listener>> Listener::make(const ListenerOptions& options, std::uint32_t index,
                                                 Shared& shared) {
  auto listener = std::unique_ptr<Listener>(new Listener(options, index, shared));
  if (options.tls) {
    QUIRE_TRY(listener->tls_, TlsServer::make(*options.tls));
  }
  QUIRE_TRY_STATUS(listener->open());
  return listener;
}

Status Listener::open() {
  const auto unavailable = [this] {
    return Error(ErrorCode::unavailable, "cannot listen on " + address_ + " port " + std::to_string(port_) +
                                             ": " + std::strerror(errno));
  };
  sockaddr_storage address{};
  const socklen_t size = to_system(address_, port_, address);
  if (size == 0) return Error(ErrorCode::invalid, "this is no address to listen on: " + address_);
  socket_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return unavailable();
  const int one = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (address.ss_family == AF_INET6) ::setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0) return unavailable();
  if (::listen(socket_, kBacklog) != 0) return unavailable();
  sockaddr_storage bound{};
  socklen_t bound_size = sizeof bound;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &bound_size) != 0) return unavailable();
  port_ = port_of(bound);
  spare_ = open_spare();
  return ok();
}

Status Listener::start(Loop& loop, const std::vector<std::unique_ptr<Worker>>& workers) {
  loop_ = &loop;
  workers_ = &workers;
  return loop.add_listener(socket_, *this);
}

void Listener::stop() {
  if (socket_ < 0) return;
  if (loop_ != nullptr) loop_->remove(socket_);
  ::close(socket_);
  socket_ = -1;
}

void Listener::on_events(std::uint32_t) {
  for (int i = 0; i < kAcceptsInARow && accept_one(); ++i) {
  }
}

bool Listener::accept_one() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const int socket =
      ::accept4(socket_, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket >= 0) {
    take(socket, address);
    return true;
  }
  const bool no_descriptor = errno == EMFILE || errno == ENFILE;
  if (!no_descriptor || spare_ < 0) return errno == ECONNABORTED || errno == EINTR;
  // The client that waits would make the listener ready for ever: it is taken and turned away.
  shared_.log.warning("no more connections: the limit of open files is reached", {{"port", port_}});
  ::close(spare_);
  const int unwanted = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (unwanted >= 0) ::close(unwanted);
  spare_ = open_spare();
  return false;
}

void Listener::take(int socket, const sockaddr_storage& address) {
  Arrival arrival;
  arrival.socket = socket;
  arrival.key = AddressCounts::key(address);
  arrival.listener = index_;
  if (!shared_.counts.add(arrival.key)) return refuse(socket);
  if (tls_) {
    Result<std::unique_ptr<TlsSession>> session = tls_->accept(socket);
    if (!session) {
      shared_.counts.remove(arrival.key);
      return refuse(socket);
    }
    arrival.tls = std::move(*session);
  }
  arrival.peer = name_of(address);
  const int one = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const auto least = std::min_element(workers_->begin(), workers_->end(),
                                      [](const auto& a, const auto& b) { return a->load() < b->load(); });
  (*least)->adopt(std::move(arrival));
}

// Too many connections. Not waited for: whoever has too many may not read either.
void Listener::refuse(int socket) {
  if (!tls_) [[maybe_unused]]
    const auto sent = ::send(socket, kFull.data(), kFull.size(), MSG_NOSIGNAL);
  ::close(socket);
}

}  // namespace quire::net
