#include "cli/remote/remote_backend.h"

#include <cstdlib>

#include "cli/files.h"
#include "cli/remote/http.h"
#include "cli/remote/json.h"
#include "cli/remote/remote_catalog.h"
#include "cli/remote/remote_documents.h"
#include "cli/remote/remote_feeds.h"

namespace quire::cli::remote {

namespace {

class RemoteBackend final : public Backend {
 public:
  explicit RemoteBackend(std::unique_ptr<Http> http)
      : http_(std::move(http)), documents_(*http_), feeds_(*http_), catalog_(*http_) {}

  engine::Documents& documents() override { return documents_; }
  engine::Feeds& feeds() override { return feeds_; }
  engine::Catalog& catalog() override { return catalog_; }
  Result<std::string> version() override {
    QUIRE_TRY(const std::string text, http_->call({.target = Target("/v1/status")}));
    QUIRE_TRY(const Json json, Json::parse(text));
    return text_of(json.value(), "version");
  }

 private:
  const std::unique_ptr<Http> http_;
  RemoteDocuments documents_;
  RemoteFeeds feeds_;
  RemoteCatalog catalog_;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<Secret> read_key(const std::string& key_file) {
  if (key_file.empty()) {
    const char* const key = std::getenv("QUIRE_KEY");
    return Secret(key == nullptr ? std::string_view() : trimmed(key));
  }
  constexpr std::uint64_t kLargestKey = 4096;
  FileSource file;
  QUIRE_TRY_STATUS(file.open(key_file));
  QUIRE_TRY(const std::string text, file.read_all(kLargestKey));
  return Secret(trimmed(text));
}

// What may stand in a field of a request: a key that was cut from somewhere may hold anything.
bool is_token(std::string_view key) {
  for (const char c : key) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Http>> connect_http(const std::string& url, const std::string& key_file) {
  QUIRE_TRY(Secret key, read_key(key_file));
  if (!is_token(key.reveal())) {
    return Error(ErrorCode::invalid, (key_file.empty() ? "$QUIRE_KEY" : "'" + key_file + "'") +
                                         " holds no key: it has spaces or control characters within");
  }
  return Http::make(url, std::move(key));
}

Result<std::unique_ptr<Backend>> connect(const std::string& url, const std::string& key_file) {
  QUIRE_TRY(auto http, connect_http(url, key_file));
  return std::unique_ptr<Backend>(std::make_unique<RemoteBackend>(std::move(http)));
}

}  // namespace quire::cli::remote
