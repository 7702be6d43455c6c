#include "server/peers.h"

#include "replication/couch_peer.h"
#include "replication/quire_peer.h"
#include "server/tuning.h"

namespace quire::server {

Peers::Peers(const Clock& clock, Random& random, std::optional<net::AddressRule> rule)
    : clock_(clock),
      random_(random),
      rule_(std::move(rule)),
      threads_(std::make_shared<net::TransportThreads>(tuning::kPeerWorkers, tuning::kPeerWaiters)) {}
Peers::~Peers() { threads_->close(); }

Result<replication::Side> Peers::open(replication::PeerAddress address) const {
  QUIRE_TRY(const net::Origin origin, net::Origin::parse(address.origin));
  net::ClientOptions options;
  options.addresses = rule_;
  QUIRE_TRY(auto transport, net::make_http_transport(origin, options, threads_, clock_));
  if (address.quire && address.create) {
    return Error(ErrorCode::invalid,
                 "databases are made at addresses of CouchDB's protocol only (/couch/NAME of another Quire)");
  }
  if (address.quire) {
    return replication::Side::of(std::make_shared<replication::QuirePeer>(
        replication::QuirePeerOptions{std::move(transport), std::move(address.path), std::move(address.key),
                                      std::move(address.authorization)}));
  }
  return replication::Side::of(std::make_shared<replication::CouchPeer>(replication::CouchPeerOptions{
      std::move(transport), std::move(address.path), std::move(address.database), std::move(address.key),
      std::move(address.authorization), random_, address.create}));
}

Result<net::AddressRule> address_rule(const std::vector<std::string>& networks) {
  std::vector<net::AddressRange> ranges;
  for (const std::string& network : networks) {
    QUIRE_TRY(const net::AddressRange range, net::AddressRange::parse(network));
    ranges.push_back(range);
  }
  return net::AddressRule(std::move(ranges));
}

}  // namespace quire::server
