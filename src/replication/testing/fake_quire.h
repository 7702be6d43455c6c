#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/http_transport.h"
#include "replication/testing/memory_replica.h"

namespace quire::replication::testing {

// Another Quire's exchange over a MemoryReplica, without a network. Counts what would be on the wire, with
// heads as long as they are in practice. Packs what it answers, but for attachments. One thread.
class FakeQuire final : public HttpTransport {
 public:
  FakeQuire(MemoryReplica& replica, MemoryStore& store, Executor& executor)
      : replica_(replica), store_(store), executor_(executor) {}
  void send(HttpRequest request, std::function<void(Result<HttpAnswer>)> done) override;

  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
  // Answers in the place of the server, packed, where it is not empty.
  std::string bomb;

 private:
  void answer(unsigned status, std::string body, const std::function<void(Result<HttpAnswer>)>& done);

  MemoryReplica& replica_;
  MemoryStore& store_;
  Executor& executor_;
};

}  // namespace quire::replication::testing
