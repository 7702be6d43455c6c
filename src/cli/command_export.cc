#include <sys/stat.h>

#include <cerrno>

#include "cli/commands.h"
#include "cli/file_names.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/text.h"
#include "document/record_writer.h"
#include "engine/body.h"

namespace quire::cli {

namespace {

const char* ending(document::RecordFormat format) {
  switch (format) {
    case document::RecordFormat::csv: return ".csv";
    case document::RecordFormat::json_array: return ".json";
    default: return ".ndjson";
  }
}

class Export final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional("to", to_,
                                  "the file, or with --layout the directory; without it, standard output");
    place_.define_node(arguments);
    place_.define_database(arguments);
    place_.define_collection(arguments, "the collection (default: _default; with --layout: all)");
    arguments.choice("--format", format_word_, {"ndjson", "json", "csv"}, "what a file holds");
    arguments.choice("--layout", layout_, {"documents", "collections"},
                     "a directory a collection with one file a document, or one file a collection");
    arguments.flag("--no-id", no_id_, "leave _id out");
    arguments.flag("--revs", revisions_, "print _rev too");
    arguments.flag("--infer-types", infer_types_,
                   "CSV: quote strings that look like numbers, true, false or null");
    arguments.option("--columns", columns_, "CSV: the members to write, with commas between");
  }

  Status run() override {
    if (format_word_ == "csv") format_ = document::RecordFormat::csv;
    if (format_word_ == "json") format_ = document::RecordFormat::json_array;
    if (!layout_.empty() && to_.empty())
      return Error(ErrorCode::invalid, "--layout needs a directory to write to");
    take_interrupts();
    QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_an_error));
    session_ = &session;
    QUIRE_TRY(const auto collections, wanted());
    progress_.emplace(system_clock(), total_);
    if (layout_.empty()) return export_file(to_, place_.collection_address().collection);
    QUIRE_TRY_STATUS(make_directory(to_));
    for (const auto& name : collections) {
      QUIRE_TRY_STATUS(layout_ == "documents"
                           ? export_documents(name)
                           : export_file(to_ + "/" + file_name(name) + ending(format_), name));
    }
    return ok();
  }

 private:
  // The collections to export; counts their documents.
  Result<std::vector<std::string>> wanted() {
    QUIRE_TRY(const auto all, engine::wait<std::vector<engine::CollectionDescription>>([&](auto done) {
                session_->catalog().collections(session_->caller(), {}, place_.database_address(),
                                                std::move(done));
              }));
    const bool every = !layout_.empty() && place_.collection.empty();
    const std::string only(place_.collection_address().collection);
    std::vector<std::string> names;
    for (const auto& collection : all) {
      if (!every && collection.name != only) continue;
      // What nobody put anything into needs no file.
      if (every && collection.counts.documents == 0) continue;
      names.push_back(collection.name);
      total_ += collection.counts.documents;
    }
    if (names.empty() && !every) {
      return Error(ErrorCode::not_found, "there is no collection '" + only + "'").at("collection");
    }
    return names;
  }

  static Status make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST) return ok();
    return system_error("cannot make the directory '" + path + "'", errno);
  }

  // Shows each document as it is printed, until an error.
  Status each(std::string_view collection,
              const std::function<Status(std::string_view id, std::string_view text)>& take) {
    Status status = ok();
    std::string text;
    const auto sink = [&](const engine::ListRow& row) {
      if (interrupted()) status = Error(ErrorCode::cancelled, "interrupted; the export is not whole");
      if (!status) return false;
      print(row, text);
      status = take(row.id, text);
      ++done_;
      progress_->show(done_, done_);
      return status.has_value();
    };
    QUIRE_TRY_STATUS(engine::wait<engine::ListEnd>([&](auto done) {
      session_->documents().list(session_->caller(), {},
                                 {.database = place_.database_address(), .collection = collection}, {}, sink,
                                 std::move(done));
    }));
    return status;
  }

  void print(const engine::ListRow& row, std::string& text) const {
    text.clear();
    if (no_id_) {
      text = row.body;
    } else {
      engine::print_document(row.id, revisions_ ? row.revision.to_string() : "", false, row.body, text);
    }
  }

  Status export_file(const std::string& path, std::string_view collection) {
    Output out;
    if (!path.empty() && path != "-") QUIRE_TRY_STATUS(out.open(path));
    document::RecordWriterOptions options;
    options.format = format_;
    options.infer_types = infer_types_;
    if (format_ == document::RecordFormat::csv) {
      QUIRE_TRY(options.columns, columns(collection));
      if (options.columns.empty()) return out.close();  // no documents, no header
    }
    QUIRE_TRY(const auto writer, document::write_records(out, options));
    QUIRE_TRY_STATUS(
        each(collection, [&](std::string_view, std::string_view text) { return writer->write(text); }));
    QUIRE_TRY_STATUS(writer->finish());
    return out.close();
  }

  // Those asked for, or all names of members in the order in which they first appear: the documents are read
  // twice.
  Result<std::vector<std::string>> columns(std::string_view collection) {
    if (!columns_.empty()) return document::split_columns(columns_);
    document::ColumnNames names;
    const std::uint64_t done_before = done_;
    QUIRE_TRY_STATUS(
        each(collection, [&](std::string_view, std::string_view text) { return names.add(text); }));
    done_ = done_before;
    return names.take();
  }

  Status export_documents(const std::string& collection) {
    const std::string directory = to_ + "/" + file_name(collection);
    QUIRE_TRY_STATUS(make_directory(directory));
    return each(collection, [&](std::string_view id, std::string_view text) -> Status {
      Output out;
      QUIRE_TRY_STATUS(out.open(directory + "/" + file_name(id) + ".json", false));
      out.text() += text;
      out.text().push_back('\n');
      return out.close();
    });
  }

  Place place_;
  std::string to_;
  std::string format_word_ = "ndjson";
  std::string layout_;
  std::string columns_;
  bool no_id_ = false;
  bool revisions_ = false;
  bool infer_types_ = false;
  document::RecordFormat format_ = document::RecordFormat::ndjson;

  Session* session_ = nullptr;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  std::optional<Progress> progress_;
};

}  // namespace

std::unique_ptr<Command> make_export() { return std::make_unique<Export>(); }

}  // namespace quire::cli
