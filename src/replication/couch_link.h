#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "replication/couch_peer.h"
#include "replication/couch_text.h"
#include "replication/tuning.h"
#include "replication/whole_answer.h"

// For the sources of CouchPeer only.
namespace quire::replication {

class CouchPeer::Link : public std::enable_shared_from_this<CouchPeer::Link> {
 public:
  explicit Link(CouchPeerOptions options) : options_(std::move(options)) {}

  const CouchPeerOptions& options() const { return options_; }
  std::string path(std::string_view below) const {
    return options_.root + "/" + options_.database + std::string(below);
  }

  HttpRequest request(const CallLimits& limits, std::string method, std::string target) const;
  // Sends, and reads an answer of at most so many bytes, whatever its status.
  void ask(HttpRequest request, std::uint64_t most, Completion<WholeAnswer> done) const;
  // The same where every status but 2xx is an error.
  void ask_well(HttpRequest request, std::uint64_t most, Completion<std::string> done) const;

  // Documents that one question names, going by the sizes that came before.
  std::size_t documents_for(std::uint64_t bytes) const;
  void documents_came(std::size_t documents, std::uint64_t bytes);
  void documents_were_too_large(std::size_t documents);

  // The server has answered that it has no _bulk_get.
  bool lacks_bulk_get() const { return lacks_bulk_get_.load(); }
  void set_lacks_bulk_get(bool lacks) { lacks_bulk_get_ = lacks; }

  // The server's id, where it has told it.
  std::optional<std::string> server() const;
  void set_server(std::string id);
  std::string draw_boundary() const;

 private:
  const CouchPeerOptions options_;
  std::atomic<std::uint64_t> document_bytes_{kFetchBytes / kFirstDocuments};  // of one, of late
  std::atomic<bool> lacks_bulk_get_{false};
  mutable std::mutex mutex_;
  std::optional<std::string> server_;  // guarded by mutex_
};

}  // namespace quire::replication
