#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/rest/rest_call.h"
#include "document/record_reader.h"
#include "engine/documents_under_way.h"

namespace quire::api::rest {

struct ImportOptions {
  enum class Existing : std::uint8_t { fail, skip, replace };

  // Errors: invalid.
  static Result<ImportOptions> parse(const RestCall& call);

  document::RecordOptions records;
  engine::WriteOptions write;
  Existing existing = Existing::fail;
  bool skip_bad = false;
  std::string id_field;  // the member whose value becomes the id; empty: _id, or one that is made
};

// One import, which may wait: records are read and prepared in batches, in order, while the
// batches before are written.
class Import {
 public:
  Import(const RestCall& call, ImportOptions options, document::ByteSource& source)
      : call_(call), options_(std::move(options)), source_(source) {}

  // The answer. Errors: of the first record that is bad, unless those are skipped; what stands in front of it
  // has been written, as the message says.
  Result<net::Response> run();

 private:
  struct Batch {
    std::vector<engine::Change> changes;
    std::vector<std::string> places;  // of each change, in the file
    std::size_t bytes = 0;
  };

  Status read_all();
  Status take(const document::Record& record);
  Result<engine::Change> make_change(std::string_view json) const;
  void submit();
  void written(const std::vector<std::string>& places, const engine::DocumentsUnderWay::Ids& ids,
               Result<engine::WriteResult> result);
  void take_bad(const std::string& place, const Error& error);  // the caller holds the mutex
  bool stopped();
  std::string print();

  const RestCall& call_;
  const ImportOptions options_;
  document::ByteSource& source_;
  Batch batch_;
  std::uint64_t batches_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;  // guarded by mutex_, as is all below
  engine::DocumentsUnderWay documents_under_way_;
  std::uint64_t imported_ = 0;
  std::uint64_t existing_ = 0;
  std::uint64_t bad_ = 0;
  std::vector<std::pair<std::string, Error>> shown_;  // of the bad ones
  std::optional<Error> stopped_;
  engine::Durability durable_ = engine::Durability::disk;
};

}  // namespace quire::api::rest
