#pragma once

#include <string>

#include "api/rest/rest_call.h"
#include "document/record_reader.h"

namespace quire::api::rest {

// A body that was taken whole, or one that still comes, as a source of records.
class TextSource final : public document::ByteSource {
 public:
  explicit TextSource(std::string_view text) : rest_(text) {}
  Result<std::size_t> read(char* into, std::size_t capacity) override {
    return rest_.copy(into, capacity) == 0 ? 0 : take(std::min(capacity, rest_.size()));
  }

 private:
  std::size_t take(std::size_t count) {
    rest_.remove_prefix(count);
    return count;
  }
  std::string_view rest_;
};

class BodySource final : public document::ByteSource {
 public:
  explicit BodySource(Stream& stream) : stream_(stream) {}
  Result<std::size_t> read(char* into, std::size_t capacity) override {
    return stream_.read({into, capacity});
  }

 private:
  Stream& stream_;
};

// Several documents in one request, on a thread that may wait.
Result<net::Response> post_bulk(RestCall& call, document::ByteSource& source, document::RecordFormat format);

}  // namespace quire::api::rest
