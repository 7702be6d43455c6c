#include "net/channel.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/tuning.h"

namespace quire::net {

namespace {

using Outcome = Transfer::Outcome;

Transfer failed() {
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {later ? Outcome::again : Outcome::broken, 0};
}

}  // namespace

Transfer Channel::receive(std::span<char> into) {
  if (tls_) return tls_->receive(into);
  const ssize_t size = ::recv(socket_, into.data(), into.size(), 0);
  if (size < 0) return failed();
  if (size == 0) return {Outcome::closed, 0};
  return {Outcome::done, static_cast<std::size_t>(size)};
}

Transfer Channel::send(std::string_view first, std::string_view second) {
  if (tls_) return tls_->send(first.empty() ? second : first);
  ssize_t size = 0;
  if (second.empty()) {
    size = ::send(socket_, first.data(), first.size(), MSG_NOSIGNAL);
  } else {
    std::array<iovec, 2> parts = {iovec{const_cast<char*>(first.data()), first.size()},
                                  iovec{const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    size = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
  }
  if (size < 0) return failed();
  return {Outcome::done, static_cast<std::size_t>(size)};
}

Transfer Channel::send(std::span<const std::string_view> parts) {
  if (tls_) return send_record(parts);
  std::array<iovec, kPartsInARow> vector;
  const std::size_t count = std::min(parts.size(), vector.size());
  for (std::size_t i = 0; i < count; ++i) vector[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
  msghdr message{};
  message.msg_iov = vector.data();
  message.msg_iovlen = count;
  const ssize_t size = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
  if (size < 0) return failed();
  return {Outcome::done, static_cast<std::size_t>(size)};
}

// Small parts go out in one record, and one call.
Transfer Channel::send_record(std::span<const std::string_view> parts) {
  if (parts.size() == 1 || parts.front().size() >= kTlsRecord) return tls_->send(parts.front());
  std::array<char, kTlsRecord> record;
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.copy(record.data() + size, record.size() - size);
  return tls_->send({record.data(), size});
}

std::size_t Channel::unconfirmed() const {
  int size = 0;
  return ::ioctl(socket_, SIOCOUTQ, &size) == 0 && size > 0 ? static_cast<std::size_t>(size) : 0;
}

void Channel::finish_sending() {
  if (tls_) tls_->finish_sending();
  ::shutdown(socket_, SHUT_WR);
}

void Channel::reset_on_close() {
  const linger at_once{1, 0};
  if (is_open()) ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Channel::close() {
  if (socket_ < 0) return;
  tls_.reset();
  ::close(socket_);
  socket_ = -1;
}

}  // namespace quire::net
