#include "net/channel.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

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
