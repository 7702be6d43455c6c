#include "cli/import.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "cli/files.h"
#include "cli/interrupt.h"
#include "engine/body.h"
#include "engine/id_from_member.h"

// A batch goes from the reader to a thread that prepares it, waits there until all batches in front of it are
// submitted, and is then written; its slot is free again when the write is answered. So documents stand in
// the history in the order of the files, and nobody waits for the disk but the reader, once all slots are
// taken.
//
// A record that is bad stays in its batch as an error, so that whatever stands in front of it is written and,
// unless bad records are skipped, nothing behind it.

namespace quire::cli {

namespace {

// One line for a record: where it stands, and what is wrong with it.
Error at_record(const ImportFile& file, const std::string& place, const Error& error) {
  std::string message = (file.path == "-" ? "standard input" : file.path) + " " + place + ": ";
  if (!error.field().empty() && error.field() != place) message += error.field() + ": ";
  return Error(error.code(), message + error.message()).over(error.limit());
}

Result<engine::Change> make_change(const std::string& json, const ImportFile& file,
                                   const ImportOptions& options) {
  QUIRE_TRY(engine::ParsedDocument parsed, engine::parse_document(json, {}));
  engine::Change change;
  change.collection = file.collection;
  if (parsed.id) {
    change.id = *std::move(parsed.id);
  } else if (!options.id_field.empty()) {
    QUIRE_TRY(change.id, engine::id_from_member(parsed.body.text(), options.id_field));
  } else {
    change.id = file.default_id;
  }
  change.body = std::move(parsed.body);
  if (options.revisions && parsed.revision) {
    if (change.id.empty())
      return Error(ErrorCode::invalid, "a document with a revision needs an id").at("_id");
    change.kind = engine::Change::Kind::replicate;
    change.deleted = parsed.deleted;
    change.path = {*std::move(parsed.revision)};
    return change;
  }
  if (parsed.deleted) {
    return Error(ErrorCode::invalid, "a deleted document is taken with --revs only, and with its _rev")
        .at("_deleted");
  }
  change.condition = options.existing == ImportOptions::Existing::replace ? engine::Change::Condition::any
                                                                          : engine::Change::Condition::absent;
  return change;
}

}  // namespace

struct Import::Batch {
  // A record as it was read, and then what became of it.
  struct Item {
    document::Record record;  // its text is gone once it is prepared
    std::optional<Error> error;
  };

  const ImportFile* file = nullptr;
  std::uint64_t number = 0;
  std::size_t bytes = 0;
  std::vector<Item> items;
  std::vector<engine::Change> changes;
  std::vector<std::size_t> changed_items;  // which item each change is
  engine::DocumentsUnderWay::Ids ids;
};

Import::Import(Session& session, const Place& place, const ImportOptions& options)
    : session_(session),
      place_(place),
      options_(options),
      executor_(make_thread_pool(std::min(usable_cores(), 4U))) {}

// The threads go first: they use what stands behind them.
Import::~Import() { executor_.reset(); }

ImportReport Import::report() {
  const std::lock_guard lock(mutex_);
  return report_;
}

Status Import::run(const std::vector<ImportFile>& files) {
  std::uint64_t total = 0;
  bool known = true;
  for (const auto& file : files) {
    FileSource source;
    QUIRE_TRY_STATUS(source.open(file.path));
    known = known && source.size() > 0;
    total += source.size();
  }
  progress_.emplace(system_clock(), known ? total : 0);
  Status status = ok();
  for (const auto& file : files) {
    status = read_file(file);
    if (!status || interrupted()) break;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return under_way_ == 0; });
  progress_->clear();
  if (stopped_) return *stopped_;
  if (!status) return status;
  if (interrupted()) return Error(ErrorCode::cancelled, "interrupted");
  return ok();
}

Status Import::read_file(const ImportFile& file) {
  FileSource source;
  QUIRE_TRY_STATUS(source.open(file.path));
  const std::string name = file.path == "-" ? std::string() : file.path;
  auto reader = document::read_records(source, name, options_.records);
  if (!reader) return interrupted() ? ok() : Status(at_record(file, "byte 0", reader.error()));
  std::uint64_t bytes_read = 0;
  QUIRE_TRY_STATUS(read_records(file, **reader, bytes_read));
  bytes_before_ += source.size();
  return ok();
}

Status Import::read_records(const ImportFile& file, document::RecordReader& reader,
                            std::uint64_t& bytes_read) {
  const auto new_batch = [&] {
    auto batch = std::make_unique<Batch>();
    batch->file = &file;
    batch->items.reserve(options_.batch);
    return batch;
  };
  auto batch = new_batch();
  for (;;) {
    auto record = reader.next();
    // An interrupt ends the input wherever it is, so that what was just read may be half a record.
    if (interrupted() || (record && !*record)) break;
    if (record) {
      bytes_read = (*record)->offset + (*record)->json.size();
      batch->bytes += (*record)->json.size();
      batch->items.push_back({*std::move(*record), std::nullopt});
    } else {
      batch->items.push_back({{}, at_record(file, record.error().field(), record.error())});
    }
    const bool last = !record && (reader.failed() || !options_.skip_bad);
    if (!last && batch->items.size() < options_.batch && batch->bytes < tuning::kImportBatchBytes) continue;
    send(std::exchange(batch, new_batch()));
    const std::lock_guard lock(mutex_);
    progress_->show(bytes_before_ + bytes_read, report_.imported);
    if (stopped_ || last) break;
  }
  if (!batch->items.empty()) send(std::move(batch));
  return ok();
}

void Import::send(std::unique_ptr<Batch> batch) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ < tuning::kImportBatches; });
    ++under_way_;
    batch->number = sent_++;
  }
  executor_->post([this, moved = std::make_shared<std::unique_ptr<Batch>>(std::move(batch))] {
    prepare(std::move(*moved));
    submit_in_order();
  });
}

void Import::prepare(std::unique_ptr<Batch> batch) {
  batch->changes.reserve(batch->items.size());
  for (std::size_t i = 0; i < batch->items.size(); ++i) {
    auto& item = batch->items[i];
    if (item.error) continue;
    const std::string json = std::move(item.record.json);
    auto change = make_change(json, *batch->file, options_);
    if (change) {
      batch->changes.push_back(*std::move(change));
      batch->changed_items.push_back(i);
    } else {
      item.error = at_record(*batch->file, item.record.place(), change.error());
    }
  }
  batch->ids = engine::DocumentsUnderWay::ids_of(batch->changes);
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = batch->number;
  prepared_.emplace(number, std::move(batch));
}

void Import::submit_in_order() {
  std::unique_lock lock(mutex_);
  if (submitting_) return;  // whoever does so will find the new one too
  submitting_ = true;
  for (auto next = prepared_.find(next_to_submit_); next != prepared_.end();
       next = prepared_.find(next_to_submit_)) {
    if (documents_under_way_.has_any(next->second->ids)) break;  // an answer calls again
    std::shared_ptr<Batch> batch = std::move(next->second);
    documents_under_way_.add(batch->ids);
    prepared_.erase(next);
    ++next_to_submit_;
    lock.unlock();
    submit(std::move(batch));
    lock.lock();
  }
  submitting_ = false;
}

void Import::submit(std::shared_ptr<Batch> batch) {
  std::vector<engine::Change> changes;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < batch->items.size() && !stopped_; ++i) {
      if (!batch->items[i].error) continue;
      take_bad(*batch->items[i].error);
      if (!stopped_) continue;
      // What stands in front of it is still written.
      const auto kept = std::lower_bound(batch->changed_items.begin(), batch->changed_items.end(), i);
      batch->changed_items.erase(kept, batch->changed_items.end());
      batch->changes.resize(batch->changed_items.size());
      changes = std::move(batch->changes);
    }
    if (!stopped_) changes = std::move(batch->changes);
    if (changes.empty()) return end(*batch);
  }
  engine::WriteOptions options;
  options.durability = options_.durability;
  options.create_collections = true;
  session_.documents().write(
      session_.caller(), {}, place_.database_address(), std::move(changes), options,
      [this, batch](Result<engine::WriteResult> answer) { take_answer(*batch, std::move(answer)); });
}

void Import::take_answer(const Batch& batch, Result<engine::WriteResult> answer) {
  const std::lock_guard lock(mutex_);
  if (answer) {
    for (std::size_t i = 0; i < answer->rows.size(); ++i)
      take_row(batch, batch.changed_items[i], answer->rows[i]);
  } else if (!stopped_) {
    stopped_ = answer.error();
  }
  end(batch);
  if (prepared_.contains(next_to_submit_)) executor_->post([this] { submit_in_order(); });
}

void Import::end(const Batch& batch) {
  documents_under_way_.remove(batch.ids);
  --under_way_;
  changed_.notify_all();
}

void Import::take_row(const Batch& batch, std::size_t item, const Result<engine::EditResult>& row) {
  if (row) {
    ++report_.imported;
  } else if (row.error().code() == ErrorCode::exists && options_.existing == ImportOptions::Existing::skip) {
    ++report_.existing;
  } else {
    Error error = row.error();
    if (error.code() == ErrorCode::exists) {
      error = Error(error.code(), error.message() + " (see --existing)");
    }
    take_bad(at_record(*batch.file, batch.items[item].record.place(), error));
  }
}

void Import::take_bad(Error error) {
  if (!options_.skip_bad) {
    if (!stopped_) stopped_ = std::move(error);
    return;
  }
  ++report_.bad;
  if (report_.bad > tuning::kSkippedShown) return;
  progress_->clear();
  std::fprintf(stderr, "skipped: %s\n", error.to_string().c_str());
}

}  // namespace quire::cli
