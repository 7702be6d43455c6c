// OpenSSL reads and writes through a BIO of ours, because its own calls write() and so raises SIGPIPE where a
// client has gone.

#include "net/tls.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/channel.h"

namespace quire::net {

namespace {

using Outcome = Transfer::Outcome;
using ContextPointer = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

constexpr int kLeastRsaBits = 2048;
constexpr const char* kAeadCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// The first is post-quantum; an OpenSSL that does not know it gets the others.
constexpr const char* kGroups = "X25519MLKEM768:x25519:prime256v1";
constexpr const char* kOlderGroups = "x25519:prime256v1";

// --- The BIO: a socket whose number is in its data.

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(socket_of(bio), into, static_cast<std::size_t>(size), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* bio_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quire socket");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

// --- Errors

// The oldest of OpenSSL's queue, which holds no secrets: names of functions, reasons and files.
std::string openssl_reason() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (code == 0) return "unknown";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown";
}

Error bad_file(const std::string& file, const std::string& why) {
  return Error(ErrorCode::invalid, file + ": " + why);
}

// --- Contexts

Status check_key_file(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return Error(ErrorCode::io, file + ": " + std::strerror(errno));
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0;
  ::close(descriptor);
  if (!known || !S_ISREG(status.st_mode)) return bad_file(file, "is not a file");
  if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0)
    return bad_file(file, "everybody may read or write this key; chmod o= it");
  return ok();
}

Status check_strength(SSL_CTX* context, const std::string& file) {
  EVP_PKEY* key = SSL_CTX_get0_privatekey(context);
  const bool weak =
      key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) < kLeastRsaBits;
  if (weak) return bad_file(file, "RSA keys have at least " + std::to_string(kLeastRsaBits) + " bits");
  return ok();
}

// No client takes one that has expired. One that is not valid yet may become so while the server runs.
Status check_expiry(SSL_CTX* context, const std::string& file) {
  const X509* const certificate = SSL_CTX_get0_certificate(context);
  if (certificate == nullptr || X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0) return ok();
  return bad_file(file, "the certificate has expired");
}

void set_common(SSL_CTX* context, bool allow_tls12) {
  SSL_CTX_set_min_proto_version(context, allow_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(context, kAeadCiphers);
  if (SSL_CTX_set1_groups_list(context, kGroups) != 1) {
    ERR_clear_error();
    SSL_CTX_set1_groups_list(context, kOlderGroups);
  }
}

Result<ContextPointer> make_server_context(const TlsOptions& options) {
  QUIRE_TRY_STATUS(check_key_file(options.key_file));
  ContextPointer context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return Error(ErrorCode::exhausted, "TLS: " + openssl_reason());
  set_common(context.get(), options.allow_tls12);
  // Otherwise OpenSSL asks for a pass phrase at the terminal.
  SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate_file.c_str()) != 1) {
    return bad_file(options.certificate_file, "is no certificate that can be used: " + openssl_reason());
  }
  QUIRE_TRY_STATUS(check_expiry(context.get(), options.certificate_file));
  if (SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return bad_file(options.key_file, "is no key that fits the certificate: " + openssl_reason());
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return bad_file(options.key_file, "does not fit the certificate");
  }
  QUIRE_TRY_STATUS(check_strength(context.get(), options.key_file));
  return context;
}

Result<SSL*> make_session(SSL_CTX* context, int socket) {
  SSL* session = SSL_new(context);
  BIO* bio = BIO_new(bio_method());
  if (session == nullptr || bio == nullptr) {
    SSL_free(session);
    BIO_free(bio);
    return Error(ErrorCode::exhausted, "TLS: " + openssl_reason());
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session, bio, bio);
  return session;
}

bool is_address(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  ASN1_OCTET_STRING_free(address);
  ERR_clear_error();
  return address != nullptr;
}

}  // namespace

// --- TlsSession

TlsSession::TlsSession(ssl_st* session) : session_(session) {}
TlsSession::~TlsSession() { SSL_free(session_); }

Transfer TlsSession::receive(std::span<char> into) {
  if (broken_) return {Outcome::broken, 0};
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_read_ex(session_, into.data(), into.size(), &size);
  if (result == 1) return {Outcome::done, size};
  return failed(result);
}

Transfer TlsSession::send(std::string_view bytes) {
  if (broken_) return {Outcome::broken, 0};
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_write_ex(session_, bytes.data(), bytes.size(), &size);
  if (result == 1) return {Outcome::done, size};
  return failed(result);
}

Transfer TlsSession::failed(int result) {
  const int error = SSL_get_error(session_, result);
  wants_write_ = error == SSL_ERROR_WANT_WRITE;
  if (error == SSL_ERROR_WANT_READ || wants_write_) return {Outcome::again, 0};
  if (error == SSL_ERROR_ZERO_RETURN) return {Outcome::closed, 0};
  // After any other error OpenSSL wants no more calls, not even SSL_shutdown().
  broken_ = true;
  if (const long verified = SSL_get_verify_result(session_); verified != X509_V_OK) {
    problem_ = std::string("the certificate is not accepted: ") + X509_verify_cert_error_string(verified);
    ERR_clear_error();
  } else if (ERR_peek_error() != 0) {
    problem_ = openssl_reason();
  }
  return {Outcome::broken, 0};
}

void TlsSession::finish_sending() {
  if (broken_ || SSL_in_init(session_) != 0) return;
  ERR_clear_error();
  SSL_shutdown(session_);
}

// --- TlsServer

Result<std::unique_ptr<TlsServer>> TlsServer::make(const TlsOptions& options) {
  QUIRE_TRY(ContextPointer context, make_server_context(options));
  return std::unique_ptr<TlsServer>(new TlsServer(options, context.release()));
}

TlsServer::~TlsServer() { SSL_CTX_free(context_); }

Status TlsServer::reload() {
  QUIRE_TRY(ContextPointer context, make_server_context(options_));
  const std::lock_guard lock(mutex_);
  SSL_CTX_free(std::exchange(context_, context.release()));
  return ok();
}

Result<std::unique_ptr<TlsSession>> TlsServer::accept(int socket) {
  const std::lock_guard lock(mutex_);
  QUIRE_TRY(SSL * session, make_session(context_, socket));
  SSL_set_accept_state(session);
  return std::make_unique<TlsSession>(session);
}

// --- TlsClient

Result<std::unique_ptr<TlsClient>> TlsClient::make(const TlsClientOptions& options) {
  ContextPointer context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context) return Error(ErrorCode::exhausted, "TLS: " + openssl_reason());
  set_common(context.get(), true);
  SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (options.authorities_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_file(context.get(), options.authorities_file.c_str()) != 1) {
    return bad_file(options.authorities_file, "holds no certificates of authorities: " + openssl_reason());
  }
  return std::unique_ptr<TlsClient>(new TlsClient(context.release(), options.verify));
}

TlsClient::~TlsClient() { SSL_CTX_free(context_); }

Result<std::unique_ptr<TlsSession>> TlsClient::connect(int socket, const std::string& host) {
  QUIRE_TRY(SSL * session, make_session(context_, socket));
  SSL_set_connect_state(session);
  auto made = std::make_unique<TlsSession>(session);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str());
    return made;
  }
  SSL_set_tlsext_host_name(session, host.c_str());
  if (SSL_set1_host(session, host.c_str()) != 1 && verify_) {
    return Error(ErrorCode::invalid, "TLS: this is no host's name: " + host);
  }
  return made;
}

}  // namespace quire::net
