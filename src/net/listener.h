#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/tls.h"
#include "net/worker.h"

namespace quire::net {

// A socket that listens, and gives the connections that it takes to the worker that has fewest. Made on any
// thread; then on the loop's that it was given.
class Listener final : public EventSink {
 public:
  // Errors: unavailable (the address is taken or not this machine's; names it), invalid (it is no address, or
  // the certificate is bad), io.
  static Result<std::unique_ptr<Listener>> make(const ListenerOptions& options, std::uint32_t index,
                                                Shared& shared);
  ~Listener();

  const std::string& address() const { return address_; }
  std::uint16_t port() const { return port_; }
  // From any thread. Errors: as TlsServer::reload().
  Status reload() { return tls_ ? tls_->reload() : ok(); }

  // The workers outlive the listener. Errors: io.
  Status start(Loop& loop, const std::vector<std::unique_ptr<Worker>>& workers);
  // Takes nothing more.
  void stop();

  void on_events(std::uint32_t events) override;

 private:
  Listener(const ListenerOptions& options, std::uint32_t index, Shared& shared);
  Status open();
  bool accept_one();
  void take(int socket, const sockaddr_storage& address);
  void refuse(int socket);

  const std::string address_;
  std::uint16_t port_;
  const std::uint32_t index_;
  Shared& shared_;
  std::unique_ptr<TlsServer> tls_;
  int socket_ = -1;
  int spare_ = -1;  // given up for a moment where no more descriptors can be had
  Loop* loop_ = nullptr;
  const std::vector<std::unique_ptr<Worker>>* workers_ = nullptr;
};

}  // namespace quire::net
