#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "net/tls.h"

namespace quire::net {

// What came of one attempt to receive or send.
struct Transfer {
  enum class Outcome : std::uint8_t {
    done,    // `size` bytes
    again,   // nothing now
    closed,  // receiving: the other side sends no more
    broken,  // the connection is lost
  };
  Outcome outcome = Outcome::again;
  std::size_t size = 0;
};

// A connected, non-blocking socket, plain or under TLS. Owns it. For one thread at a time.
class Channel {
 public:
  Channel() = default;
  explicit Channel(int socket, std::unique_ptr<TlsSession> tls = nullptr)
      : socket_(socket), tls_(std::move(tls)) {}
  ~Channel() { close(); }
  Channel(Channel&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), tls_(std::move(other.tls_)) {}
  Channel& operator=(Channel&& other) noexcept {
    close();
    socket_ = std::exchange(other.socket_, -1);
    tls_ = std::move(other.tls_);
    return *this;
  }

  int socket() const { return socket_; }
  bool is_open() const { return socket_ >= 0; }
  bool secure() const { return tls_ != nullptr; }
  // From here on everything goes through TLS.
  void protect(std::unique_ptr<TlsSession> tls) { tls_ = std::move(tls); }
  // Null where it is plain.
  const TlsSession* tls() const { return tls_.get(); }

  Transfer receive(std::span<char> into);
  // The bytes of `first`, then those of `second`; perhaps not all.
  Transfer send(std::string_view first, std::string_view second = {});
  // The same of many parts, none of them empty. Under TLS, whoever was told `again` comes with the same bytes
  // in front the next time.
  Transfer send(std::span<const std::string_view> parts);
  // Bytes that were sent, and of which the other side's system has not said that it has them.
  std::size_t unconfirmed() const;
  // Says that nothing more is sent.
  void finish_sending();
  // What is sent but not yet read is dropped when this is closed, and the other side sees that it was not the
  // end.
  void reset_on_close();
  void close();

 private:
  Transfer send_record(std::span<const std::string_view> parts);

  int socket_ = -1;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace quire::net
