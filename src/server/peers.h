#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "net/address_rule.h"
#include "net/http_transport.h"
#include "replication/side.h"

namespace quire::server {

// The network for replications: threads and addresses. Its end waits for requests under way; sides that it
// made answer unavailable from then on. Thread-safe.
class Peers {
 public:
  // `rule`: which addresses may be reached; none: all, for a person at a command line.
  Peers(const Clock& clock, Random& random, std::optional<net::AddressRule> rule);
  ~Peers();

  Result<replication::Side> open(replication::PeerAddress address) const;

 private:
  const Clock& clock_;
  Random& random_;
  const std::optional<net::AddressRule> rule_;
  const std::shared_ptr<net::TransportThreads> threads_;
};

// What an operator lists. Errors: invalid.
Result<net::AddressRule> address_rule(const std::vector<std::string>& networks);

}  // namespace quire::server
