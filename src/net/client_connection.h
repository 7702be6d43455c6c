#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/call.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/channel.h"
#include "net/client.h"
#include "net/read_buffer.h"

namespace quire::net {

// A client's connection, with waits that have an end. For one thread at a time. Errors of all calls:
// unavailable, deadline, cancelled.
class ClientConnection {
 public:
  // `tls` is null for a plain one.
  static Result<std::unique_ptr<ClientConnection>> open(const Origin& origin, const ClientOptions& options,
                                                        TlsClient* tls, const Clock& clock,
                                                        const Cancellation& cancellation);

  // Whether the server has neither closed it nor said anything unasked.
  bool is_fresh();
  // Sends all of it, unless the server answers first: then `answered_early` is set and the rest is dropped.
  Status send(std::string_view bytes, std::chrono::milliseconds idle, const Cancellation& cancellation,
              bool& answered_early);
  // Sends a beginning of it, at least what goes out before the server says something that is not yet
  // received.
  Result<std::size_t> send_some(std::string_view bytes, std::chrono::milliseconds idle,
                                const Cancellation& cancellation);
  // Receives into `buffer`; false: the server sends no more.
  Result<bool> receive(ReadBuffer& buffer, std::size_t most, std::chrono::milliseconds time,
                       const Cancellation& cancellation);

 private:
  ClientConnection(Channel channel, const Clock& clock) : channel_(std::move(channel)), clock_(clock) {}
  Error broken(const char* what) const;

  Channel channel_;
  const Clock& clock_;
};

}  // namespace quire::net
