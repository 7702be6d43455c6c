#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/tuning.h"
#include "document/record_reader.h"
#include "engine/documents_under_way.h"

namespace quire::cli {

// A file to import.
struct ImportFile {
  std::string path;  // "-": standard input
  std::string collection;
  std::string default_id;  // of a document without an id of its own; empty: one is made
};

struct ImportOptions {
  enum class Existing : std::uint8_t { fail, skip, replace };

  document::RecordOptions records;
  std::string id_field;  // the member whose value is the id; empty: `_id`
  std::uint64_t batch = tuning::kImportBatch;
  bool skip_bad = false;
  Existing existing = Existing::fail;
  bool revisions = false;  // keep `_rev` and `_deleted` as they are
  engine::Durability durability = engine::Durability::disk;
};

struct ImportReport {
  std::uint64_t imported = 0;
  std::uint64_t bad = 0;
  std::uint64_t existing = 0;  // skipped, because they are there
};

// Puts the records of files into a database. Records are read on the calling thread, prepared on threads of
// its own, and written in the order in which they were read, in batches, several of which are under way at a
// time; one that has a document of another waits for it, so that a later record of an id wins. Used once.
class Import {
 public:
  Import(Session& session, const Place& place, const ImportOptions& options);
  ~Import();

  // Reads all files, in order, until the end, the first bad record (unless they are skipped), or an
  // interrupt. Returns when everything that was written is acknowledged; report() counts that, whatever run()
  // answers.
  Status run(const std::vector<ImportFile>& files);
  ImportReport report();

 private:
  struct Batch;

  Status read_file(const ImportFile& file);
  Status read_records(const ImportFile& file, document::RecordReader& reader, std::uint64_t& bytes_read);
  void send(std::unique_ptr<Batch> batch);
  void prepare(std::unique_ptr<Batch> batch);
  void submit_in_order();
  void submit(std::shared_ptr<Batch> batch);
  void take_answer(const Batch& batch, Result<engine::WriteResult> answer);
  // With the lock held.
  void end(const Batch& batch);
  void take_row(const Batch& batch, std::size_t item, const Result<engine::EditResult>& row);
  void take_bad(Error error);

  Session& session_;
  const Place place_;
  const ImportOptions options_;
  std::unique_ptr<Executor> executor_;
  std::optional<Progress> progress_;
  std::uint64_t bytes_before_ = 0;  // of the files that are done

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;  // batches; guarded by mutex_, as all below
  std::uint64_t sent_ = 0;     // batches
  std::uint64_t next_to_submit_ = 0;
  bool submitting_ = false;
  std::map<std::uint64_t, std::unique_ptr<Batch>> prepared_;
  engine::DocumentsUnderWay documents_under_way_;
  std::optional<Error> stopped_;
  ImportReport report_;
};

}  // namespace quire::cli
