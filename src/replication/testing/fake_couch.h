#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/http_transport.h"
#include "replication/testing/memory_store.h"

namespace quire::replication::testing {

// A server of CouchDB's protocol over a MemoryStore, without a network: as much of it as a replication asks
// for. The store outlives it. One thread.
class FakeCouch final : public HttpTransport {
 public:
  FakeCouch(MemoryStore& store, Executor& executor) : store_(store), executor_(executor) {}

  void send(HttpRequest request, std::function<void(Result<HttpAnswer>)> done) override;

  struct Answer {
    unsigned status = 200;
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields{};
  };
  // Answers in the place of the server where it answers something.
  std::function<std::optional<Answer>(const HttpRequest&)> instead;
  std::vector<std::string> asked;    // methods and targets
  bool packs = false;                // answers to who accepts a coding
  unsigned instead_of_bulk_get = 0;  // the status of a server that knows no _bulk_get; 0: it does
  std::size_t longest_target = 0;
  std::size_t most_in_flight = 0;  // requests that were not answered yet

 private:
  Answer answer(const std::string& method, const std::string& target, const std::string& body);
  Answer changes(const std::string& query);
  Answer revs_diff(const std::string& body);
  Answer bulk_get(const std::string& body);
  Answer open_revisions(const std::string& id, const std::string& query);
  Answer bulk_docs(const std::string& body);
  Answer local(const std::string& method, const std::string& name, const std::string& body);
  Answer attachment(const std::string& path, const std::string& query);
  Answer put_multipart(const std::string& path, const std::string& body);

  MemoryStore& store_;
  Executor& executor_;
  std::size_t in_flight_ = 0;
};

}  // namespace quire::replication::testing
