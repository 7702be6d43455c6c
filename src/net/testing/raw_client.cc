#include "net/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "net/text.h"

namespace quire::net {

std::string RawClient::Answer::field(std::string_view name) const {
  std::size_t begin = head.find("\r\n");
  while (begin != std::string::npos && begin + 2 < head.size()) {
    begin += 2;
    const std::size_t end = head.find("\r\n", begin);
    const std::string_view line = std::string_view(head).substr(begin, end - begin);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos && same_ignoring_case(line.substr(0, colon), name)) {
      return std::string(line.substr(colon + 2));
    }
    begin = end;
  }
  return {};
}

RawClient::RawClient(std::uint16_t port, std::string_view address) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, std::string(address).c_str(), &to.sin_addr);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) close();
}

RawClient::~RawClient() { close(); }

void RawClient::shrink_buffers(int bytes) {
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

void RawClient::send_at_once() {
  const int one = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

bool RawClient::wait_for(short events) {
  pollfd descriptor{socket_, events, 0};
  return ::poll(&descriptor, 1, static_cast<int>(wait.count())) > 0;
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EAGAIN || !wait_for(POLLOUT)) {
      return false;
    }
  }
  return true;
}

std::size_t RawClient::send_some(std::string_view bytes) {
  const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void RawClient::finish_sending() { ::shutdown(socket_, SHUT_WR); }

void RawClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void RawClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

bool RawClient::fill() {
  if (!wait_for(POLLIN)) return false;
  std::array<char, 65536> piece;
  const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
  if (count <= 0) return false;
  input_.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

RawClient::Answer RawClient::receive(bool to_head) {
  Answer answer;
  std::size_t end = 0;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return answer;
  }
  answer.head = input_.substr(0, end + 2);
  input_.erase(0, end + 4);
  answer.status = static_cast<unsigned>(std::atoi(answer.head.substr(9, 3).c_str()));
  if (to_head || answer.status < 200 || answer.status == 204 || answer.status == 304) {
    answer.whole = true;
  } else if (answer.field("Transfer-Encoding") == "chunked") {
    take_chunks(answer);
  } else if (const std::string length = answer.field("Content-Length"); !length.empty()) {
    answer.whole = take(std::strtoull(length.c_str(), nullptr, 10), answer.body);
  } else {
    answer.body = receive_all();
    answer.whole = true;
  }
  return answer;
}

void RawClient::take_chunks(Answer& answer) {
  for (;;) {
    const std::optional<std::string> size = take_line();
    if (!size) return;
    const std::size_t count = std::strtoull(size->c_str(), nullptr, 16);
    if (count > 0 && !take(count, answer.body)) return;
    const std::optional<std::string> end = take_line();
    if (!end || !end->empty()) return;
    if (count == 0) {
      answer.whole = true;
      return;
    }
  }
}

std::optional<std::string> RawClient::take_line() {
  std::size_t end = 0;
  while ((end = input_.find("\r\n")) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 2);
  return line;
}

bool RawClient::take(std::size_t count, std::string& into) {
  while (input_.size() < count && fill()) {
  }
  const bool all = input_.size() >= count;
  into += input_.substr(0, count);
  input_.erase(0, count);
  return all;
}

std::string RawClient::receive_all() {
  while (fill()) {
  }
  return std::exchange(input_, {});
}

std::string RawClient::receive_some() {
  if (input_.empty()) fill();
  return std::exchange(input_, {});
}

bool RawClient::is_closed() {
  if (!input_.empty() || !wait_for(POLLIN)) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) <= 0;
}

}  // namespace quire::net
