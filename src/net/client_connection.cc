#include "net/client_connection.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/tuning.h"

namespace quire::net {

namespace {

using Outcome = Transfer::Outcome;
using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// Waits for events of a socket until a time, and looks at the cancellation now and then. Answers the events.
Result<short> wait_for(int socket, short events, SteadyTime until, const Clock& clock,
                       const Cancellation& cancellation, const char* what) {
  for (;;) {
    if (cancellation.cancelled()) return Error(ErrorCode::cancelled, "the caller gave the call up");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock.steady());
    if (left.count() <= 0)
      return Error(ErrorCode::deadline, std::string("the server took too long to ") + what);
    pollfd descriptor{socket, events, 0};
    const auto slice = std::min<std::chrono::milliseconds>(left, kCancellationLook);
    if (::poll(&descriptor, 1, static_cast<int>(slice.count())) > 0) return descriptor.revents;
  }
}

Result<Addresses> resolve(const Origin& origin) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  // No name is loopback's own, whatever a resolver knows of it (RFC 6761, section 6.3).
  const char* host = origin.host == "localhost" ? nullptr : origin.host.c_str();
  const int problem = ::getaddrinfo(host, std::to_string(origin.port).c_str(), &hints, &found);
  if (problem != 0) return Error(ErrorCode::unavailable, origin.host + ": " + gai_strerror(problem));
  return Addresses(found, freeaddrinfo);
}

Error unreachable(const Origin& origin, int problem) {
  return {ErrorCode::unavailable, "cannot connect to " + origin.authority() + ": " + std::strerror(problem)};
}

Result<int> connect_to(const Origin& origin, const addrinfo& address, SteadyTime until, const Clock& clock,
                       const Cancellation& cancellation) {
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return unreachable(origin, errno);
  const int one = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(socket, address.ai_addr, address.ai_addrlen) == 0) return socket;
  int problem = errno;
  if (problem == EINPROGRESS) {
    const Result<short> events = wait_for(socket, POLLOUT, until, clock, cancellation, "accept a connection");
    if (!events) {
      ::close(socket);
      return events.error();
    }
    socklen_t size = sizeof problem;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem == 0) return socket;
  }
  ::close(socket);
  return unreachable(origin, problem);
}

bool may_reach(const ClientOptions& options, const addrinfo& address) {
  if (!options.addresses) return true;
  char text[INET6_ADDRSTRLEN] = "";
  const void* bytes = nullptr;
  if (address.ai_family == AF_INET) {
    bytes = &reinterpret_cast<const sockaddr_in*>(address.ai_addr)->sin_addr;
  } else if (address.ai_family == AF_INET6) {
    bytes = &reinterpret_cast<const sockaddr_in6*>(address.ai_addr)->sin6_addr;
  }
  if (bytes == nullptr || ::inet_ntop(address.ai_family, bytes, text, sizeof text) == nullptr) return false;
  const auto known = address_bytes(text);
  return known && options.addresses->allows(*known);
}

}  // namespace

Result<std::unique_ptr<ClientConnection>> ClientConnection::open(const Origin& origin,
                                                                 const ClientOptions& options, TlsClient* tls,
                                                                 const Clock& clock,
                                                                 const Cancellation& cancellation) {
  QUIRE_TRY(const Addresses addresses, resolve(origin));
  Error last(ErrorCode::unavailable, origin.host + " has no address");
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    if (!may_reach(options, *address)) {
      last = Error(ErrorCode::forbidden, origin.host + " is at an address that may not be reached from here");
      continue;
    }
    const SteadyTime until = clock.steady() + options.connect_time;
    Result<int> socket = connect_to(origin, *address, until, clock, cancellation);
    if (!socket) {
      last = std::move(socket).error();
      if (last.code() == ErrorCode::cancelled) break;
      continue;
    }
    Channel channel(*socket);
    if (tls != nullptr) {
      QUIRE_TRY(auto session, tls->connect(*socket, origin.host));
      channel.protect(std::move(session));
    }
    return std::unique_ptr<ClientConnection>(new ClientConnection(std::move(channel), clock));
  }
  return last;
}

bool ClientConnection::is_fresh() {
  pollfd descriptor{channel_.socket(), POLLIN, 0};
  if (::poll(&descriptor, 1, 0) == 0) return true;
  // Under TLS the server may have sent tickets; its end shows when something is sent.
  char byte = 0;
  return channel_.secure() && ::recv(channel_.socket(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

Error ClientConnection::broken(const char* what) const {
  std::string message = std::string("the connection was lost while ") + what;
  if (channel_.secure() && !channel_.tls()->problem().empty()) message = "TLS: " + channel_.tls()->problem();
  return {ErrorCode::unavailable, std::move(message)};
}

Status ClientConnection::send(std::string_view bytes, std::chrono::milliseconds idle,
                              const Cancellation& cancellation, bool& answered_early) {
  QUIRE_TRY(const std::size_t sent, send_some(bytes, idle, cancellation));
  answered_early = sent < bytes.size();
  return ok();
}

Result<std::size_t> ClientConnection::send_some(std::string_view bytes, std::chrono::milliseconds idle,
                                                const Cancellation& cancellation) {
  SteadyTime until = clock_.steady() + idle;
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const Transfer transfer = channel_.send(bytes.substr(sent));
    if (transfer.outcome == Outcome::done) {
      sent += transfer.size;
      until = clock_.steady() + idle;
      continue;
    }
    if (transfer.outcome != Outcome::again) return broken("the request was sent");
    const bool secure = channel_.secure();
    const bool only_reading = secure && !channel_.tls()->wants_write();
    const auto events = static_cast<short>(only_reading ? POLLIN : secure ? POLLOUT : POLLIN | POLLOUT);
    QUIRE_TRY(const short got,
              wait_for(channel_.socket(), events, until, clock_, cancellation, "take the request"));
    if (!secure && (got & POLLIN) != 0 && (got & POLLOUT) == 0) {
      return sent;
    }
  }
  return sent;
}

Result<bool> ClientConnection::receive(ReadBuffer& buffer, std::size_t most, std::chrono::milliseconds time,
                                       const Cancellation& cancellation) {
  const SteadyTime until = clock_.steady() + time;
  for (;;) {
    const Transfer transfer = channel_.receive(buffer.room(kBodyRead, most));
    if (transfer.outcome == Outcome::done) {
      buffer.add(transfer.size);
      return true;
    }
    if (transfer.outcome == Outcome::closed) return false;
    if (transfer.outcome == Outcome::broken) return broken("the answer was read");
    const bool writes = channel_.secure() && channel_.tls()->wants_write();
    const auto events = static_cast<short>(writes ? POLLOUT : POLLIN);
    QUIRE_TRY_STATUS(wait_for(channel_.socket(), events, until, clock_, cancellation, "answer"));
  }
}

}  // namespace quire::net
