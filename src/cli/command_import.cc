#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/file_names.h"
#include "cli/import.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/text.h"

namespace quire::cli {

namespace {

namespace fs = std::filesystem;

// Endings of the files that are read in a directory; others are left alone.
bool holds_records(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".json" || ending == ".ndjson" || ending == ".jsonl" || ending == ".csv";
}

Result<std::vector<fs::path>> entries_of(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  if (error) return system_error("cannot read the directory '" + directory.string() + "'", error.value());
  std::sort(entries.begin(), entries.end());
  return entries;
}

class ImportCommand final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.positionals(
        "files", paths_,
        "files, or directories as quire export --layout makes them; without any, standard input");
    place_.define_node(arguments);
    place_.define_database(arguments);
    place_.define_collection(arguments,
                             "the collection (default: _default; of a directory: as its entries are named)");
    arguments.choice("--format", format_, {"ndjson", "json", "array", "csv"},
                     "what the files hold (default: by their names and first bytes)");
    arguments.option("--id-field", options_.id_field,
                     "the member whose value is the id, where there is no _id");
    arguments.choice("--existing", existing_, {"fail", "skip", "replace"},
                     "what to do about ids that are there");
    arguments.flag("--skip-bad", options_.skip_bad, "go on behind bad records, and count them");
    arguments.flag("--revs", options_.revisions, "keep _rev and _deleted, instead of making revisions");
    arguments.number("--batch", options_.batch, "documents of a write");
    arguments.flag("--infer-types", options_.records.infer_types,
                   "CSV: numbers, true, false and null without quotes are such");
    arguments.option("--separator", separator_, "CSV: what stands between fields; \"tab\" for a tab");
    define_durability(arguments, durability_);
  }

  Status run() override {
    QUIRE_TRY_STATUS(take_options());
    QUIRE_TRY_STATUS(find_files());
    take_interrupts();
    QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_made));
    Import import(session, place_, options_);
    const SteadyTime start = system_clock().steady();
    const Status status = import.run(files_);
    const ImportReport report = import.report();
    if (!status) {
      return Error(status.error().code(),
                   status.error().message() + "; " + counted(report.imported, "document") +
                       " imported before that" +
                       (options_.skip_bad || status.error().code() == ErrorCode::cancelled
                            ? ""
                            : " (--skip-bad goes on behind bad records)"));
    }
    return print(report, system_clock().steady() - start);
  }

 private:
  Status take_options() {
    if (format_ == "ndjson") options_.records.format = document::RecordFormat::ndjson;
    if (format_ == "json") options_.records.format = document::RecordFormat::json_documents;
    if (format_ == "array") options_.records.format = document::RecordFormat::json_array;
    if (format_ == "csv") options_.records.format = document::RecordFormat::csv;
    if (existing_ == "skip") options_.existing = ImportOptions::Existing::skip;
    if (existing_ == "replace") options_.existing = ImportOptions::Existing::replace;
    options_.durability = durability_of(durability_);
    if (options_.batch == 0 || options_.batch > kLargestBatch) {
      return Error(ErrorCode::invalid, "a batch holds 1 to " + std::to_string(kLargestBatch) + " documents")
          .at("--batch");
    }
    if (separator_ == "tab") separator_ = "\t";
    if (separator_.size() != 1) return Error(ErrorCode::invalid, "a separator is one byte").at("--separator");
    options_.records.separator = separator_.front();
    return ok();
  }

  Status find_files() {
    if (paths_.empty()) paths_.emplace_back("-");
    for (const auto& path : paths_) {
      std::error_code error;
      if (path != "-" && fs::is_directory(path, error)) {
        QUIRE_TRY_STATUS(add_directory(path));
      } else {
        files_.push_back({path, std::string(place_.collection_address().collection), {}});
      }
    }
    return ok();
  }

  // Each entry is a collection: a directory with one file a document, or one file.
  Status add_directory(const fs::path& directory) {
    QUIRE_TRY(const auto entries, entries_of(directory));
    const std::size_t before = files_.size();
    for (const auto& entry : entries) {
      std::error_code error;
      if (!place_.collection.empty()) {
        if (holds_records(entry)) add_document(entry, place_.collection);
      } else if (fs::is_directory(entry, error)) {
        const std::string name = entry.filename().string();
        QUIRE_TRY(const auto documents, entries_of(entry));
        for (const auto& document : documents) {
          if (holds_records(document)) add_document(document, id_of_file_name(name).value_or(name));
        }
      } else if (holds_records(entry)) {
        const std::string name = entry.stem().string();
        files_.push_back({entry.string(), id_of_file_name(name).value_or(name), {}});
      }
    }
    if (files_.size() > before) return ok();
    return Error(ErrorCode::not_found,
                 "the directory '" + directory.string() +
                     "' holds no .json, .ndjson, .jsonl or .csv files, nor directories of them");
  }

  void add_document(const fs::path& path, std::string collection) {
    files_.push_back(
        {path.string(), std::move(collection), id_of_file_name(path.stem().string()).value_or("")});
  }

  Status print(const ImportReport& report, std::chrono::duration<double> took) const {
    Output out;
    out.text() = counted(report.imported, "document") + " imported";
    if (report.existing > 0) out.text() += ", " + grouped(report.existing) + " skipped as they are there";
    if (report.bad > 0) out.text() += ", " + grouped(report.bad) + " bad records skipped";
    const double rate = static_cast<double>(report.imported) / std::max(took.count(), 0.001);
    // A rate over less than a second says nothing.
    if (took.count() >= 1) out.text() += ", " + grouped(static_cast<std::uint64_t>(rate)) + " a second";
    out.text() += "\n";
    return out.close();
  }

  static constexpr std::uint64_t kLargestBatch = 4096;

  Place place_;
  std::vector<std::string> paths_;
  std::string format_;
  std::string existing_ = "fail";
  std::string separator_ = ",";
  std::string durability_;
  ImportOptions options_;
  std::vector<ImportFile> files_;
};

}  // namespace

std::unique_ptr<Command> make_import() { return std::make_unique<ImportCommand>(); }

}  // namespace quire::cli
