#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/server.h"

// OpenSSL's.
struct ssl_ctx_st;
struct ssl_st;

// TLS by OpenSSL. TLS 1.3 unless 1.2 is asked for (then with AEAD ciphers only); no compression, no
// renegotiation.
namespace quire::net {

struct Transfer;

// One connection's TLS over a non-blocking socket, which it does not own. The handshake is made by the first
// receive() or send(). For one thread at a time.
class TlsSession {
 public:
  explicit TlsSession(ssl_st* session);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Transfer receive(std::span<char> into);
  Transfer send(std::string_view bytes);
  void finish_sending();

  // What the last receive() or send() that answered `again` waits for.
  bool wants_write() const { return wants_write_; }
  // Why the connection is broken, for a person; empty where TLS is not the reason.
  std::string problem() const { return problem_; }

 private:
  Transfer failed(int result);

  ssl_st* session_;
  bool wants_write_ = false;
  bool broken_ = false;
  std::string problem_;
};

// The certificate of a listener; another may take its place while connections go on. Thread-safe.
class TlsServer {
 public:
  // Errors: invalid (no certificate, one that has expired or does not fit its key, RSA of fewer than 2048
  // bits, a key file that others than its owner and group may read), io (not readable). Names the file, never
  // what it holds.
  static Result<std::unique_ptr<TlsServer>> make(const TlsOptions& options);
  ~TlsServer();

  // As make(); what was loaded before stays where this fails.
  Status reload();
  // Errors: exhausted.
  Result<std::unique_ptr<TlsSession>> accept(int socket);

 private:
  TlsServer(TlsOptions options, ssl_ctx_st* context) : options_(std::move(options)), context_(context) {}

  const TlsOptions options_;
  std::mutex mutex_;
  ssl_ctx_st* context_;  // guarded by mutex_; sessions hold what they were made from
};

struct TlsClientOptions {
  bool verify = true;            // the other's certificate, and that it is for the host
  std::string authorities_file;  // PEM; empty: the system's
};

// What a client's connections share. Thread-safe.
class TlsClient {
 public:
  // Errors: invalid, io (the authorities' file).
  static Result<std::unique_ptr<TlsClient>> make(const TlsClientOptions& options);
  ~TlsClient();

  // `host`: a name or an address, as the certificate has it.
  Result<std::unique_ptr<TlsSession>> connect(int socket, const std::string& host);

 private:
  TlsClient(ssl_ctx_st* context, bool verify) : context_(context), verify_(verify) {}

  ssl_ctx_st* const context_;
  const bool verify_;
};

}  // namespace quire::net
