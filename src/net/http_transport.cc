#include "net/http_transport.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "net/tuning.h"

// The client below blocks, so each step of an exchange is a task of a pool of threads.

namespace quire::net {

namespace {

// Waits for one piece of a stream, which stays until its answer came.
Result<std::string> wait_for_piece(const std::shared_ptr<ByteStream>& stream, std::size_t most,
                                   const Cancellation& cancellation) {
  struct Slot {
    std::mutex mutex;
    std::condition_variable came;
    std::optional<Result<std::string>> piece;  // guarded by mutex
  };
  const auto slot = std::make_shared<Slot>();
  stream->read(most, [slot, stream](Result<std::string> piece) {
    const std::lock_guard lock(slot->mutex);
    slot->piece.emplace(std::move(piece));
    slot->came.notify_one();
  });
  std::unique_lock lock(slot->mutex);
  while (!slot->came.wait_for(lock, kCancellationLook, [&] { return slot->piece.has_value(); })) {
    if (cancellation.cancelled()) return Error(ErrorCode::cancelled, "the caller gave the call up");
  }
  return std::move(*slot->piece);
}

// What an answer's body keeps alive until it was read.
struct Under {
  std::shared_ptr<Client> client;
  std::unique_ptr<ClientExchange> exchange;
  std::shared_ptr<TransportThreads> threads;
};

Error closing() { return {ErrorCode::unavailable, "this process sends no more requests"}; }

class AnswerBody final : public ByteStream {
 public:
  explicit AnswerBody(std::shared_ptr<Under> under) : under_(std::move(under)) {}

  void read(std::size_t most, std::function<void(Result<std::string>)> done) override {
    const bool posted = under_->threads->post(false, [under = under_, most, done] {
      std::string piece(std::min(most, kBodyRead), '\0');
      const Result<std::size_t> size = under->exchange->read(piece);
      if (!size) return done(size.error());
      piece.resize(*size);
      done(std::move(piece));
    });
    if (!posted) done(closing());
  }

 private:
  const std::shared_ptr<Under> under_;
};

class Transport final : public HttpTransport {
 public:
  Transport(std::shared_ptr<Client> client, std::shared_ptr<TransportThreads> threads)
      : client_(std::move(client)), threads_(std::move(threads)) {}

  void send(HttpRequest request, std::function<void(Result<HttpAnswer>)> done) override {
    // One that sends a stream waits for somebody else's bytes, which may need a worker.
    const bool waits = request.patient || request.stream != nullptr;
    const bool posted = threads_->post(waits, [client = client_, threads = threads_, done,
                                               request = std::make_shared<HttpRequest>(std::move(request))] {
      done(run(client, threads, *request));
    });
    if (!posted) done(closing());
  }

 private:
  static Result<HttpAnswer> run(const std::shared_ptr<Client>& client,
                                const std::shared_ptr<TransportThreads>& threads, HttpRequest& request) {
    ClientRequest head{.method = std::move(request.method),
                       .target = std::move(request.target),
                       .fields = std::move(request.fields),
                       .body = std::move(request.body),
                       .cancellation = request.cancellation,
                       .answer_time = request.answer_time};
    const std::uint64_t length = request.stream ? request.stream_length : head.body.size();
    QUIRE_TRY(auto exchange, client->open(head, length));
    for (std::uint64_t left = request.stream ? length : 0; left > 0;) {
      QUIRE_TRY(
          const std::string piece,
          wait_for_piece(request.stream, std::min<std::uint64_t>(left, kBodyRead), request.cancellation));
      if (piece.empty()) return Error(ErrorCode::invalid, "a body ended before its length");
      left -= piece.size();
      QUIRE_TRY_STATUS(exchange->write(piece));
    }
    QUIRE_TRY(ClientAnswer answer, exchange->finish());
    HttpAnswer out;
    out.status = answer.status;
    out.fields = std::move(answer.fields);
    out.body =
        std::make_unique<AnswerBody>(std::make_shared<Under>(Under{client, std::move(exchange), threads}));
    return out;
  }

  const std::shared_ptr<Client> client_;
  const std::shared_ptr<TransportThreads> threads_;
};

}  // namespace

TransportThreads::TransportThreads(unsigned workers, unsigned waiters)
    : workers_(make_thread_pool(workers)), waiters_(make_thread_pool(waiters)) {}

bool TransportThreads::post(bool waits, Task task) {
  const std::lock_guard lock(mutex_);
  Executor* const executor = waits ? waiters_.get() : workers_.get();
  if (executor == nullptr) return false;
  executor->post(std::move(task));
  return true;
}

void TransportThreads::close() {
  std::unique_ptr<Executor> workers;
  std::unique_ptr<Executor> waiters;
  {
    const std::lock_guard lock(mutex_);
    workers.swap(workers_);
    waiters.swap(waiters_);
  }
}

Result<std::shared_ptr<HttpTransport>> make_http_transport(const Origin& origin, const ClientOptions& options,
                                                           std::shared_ptr<TransportThreads> threads,
                                                           const Clock& clock) {
  QUIRE_TRY(std::unique_ptr<Client> client, Client::make(origin, options, clock));
  return Result<std::shared_ptr<HttpTransport>>(
      std::make_shared<Transport>(std::shared_ptr<Client>(std::move(client)), std::move(threads)));
}

}  // namespace quire::net
