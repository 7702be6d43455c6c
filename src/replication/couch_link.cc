#include "replication/couch_link.h"

#include "base/bytes.h"
#include "replication/couch_answers.h"

namespace quire::replication {

HttpRequest CouchPeer::Link::request(const CallLimits& limits, std::string method, std::string target) const {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.fields.emplace_back("Accept", "application/json");
  if (!options_.authorization.empty()) {
    request.fields.emplace_back("Authorization", std::string(options_.authorization.reveal()));
  }
  request.answer_time = kCallTime;
  request.cancellation = limits.cancellation;
  return request;
}

void CouchPeer::Link::ask(HttpRequest request, std::uint64_t most, Completion<WholeAnswer> done) const {
  if (!request.body.empty()) request.fields.emplace_back("Content-Type", "application/json");
  // Not from CouchDB itself, but from what stands before it, and from express-pouchdb.
  request.fields.emplace_back("Accept-Encoding", "gzip");
  options_.transport->send(std::move(request), [most, done = std::move(done)](Result<HttpAnswer> answer) {
    if (!answer) return done(std::move(answer).error());
    read_whole(std::move(*answer), most, done);
  });
}

void CouchPeer::Link::ask_well(HttpRequest request, std::uint64_t most, Completion<std::string> done) const {
  ask(std::move(request), most, [done = std::move(done)](Result<WholeAnswer> answer) {
    if (!answer) return done(std::move(answer).error());
    if (auto error = error_of_status(answer->status)) return done(*std::move(error));
    done(std::move(answer->text));
  });
}

std::size_t CouchPeer::Link::documents_for(std::uint64_t bytes) const {
  return static_cast<std::size_t>(
      std::max<std::uint64_t>(1, bytes / std::max<std::uint64_t>(1, document_bytes_.load())));
}

void CouchPeer::Link::documents_came(std::size_t documents, std::uint64_t bytes) {
  const std::uint64_t now = bytes / std::max<std::size_t>(1, documents);
  document_bytes_ = std::max<std::uint64_t>(1, (document_bytes_.load() + now) / 2);
}

void CouchPeer::Link::documents_were_too_large(std::size_t documents) {
  document_bytes_ =
      std::max<std::uint64_t>(document_bytes_.load(), 4 * kFetchBytes / std::max<std::size_t>(1, documents));
}

std::optional<std::string> CouchPeer::Link::server() const {
  const std::lock_guard lock(mutex_);
  return server_;
}

void CouchPeer::Link::set_server(std::string id) {
  const std::lock_guard lock(mutex_);
  server_ = std::move(id);
}

std::string CouchPeer::Link::draw_boundary() const {
  char bytes[kSessionRandomBytes];
  options_.random.fill(bytes, sizeof bytes);
  return to_hex({bytes, sizeof bytes});
}

}  // namespace quire::replication
