#include <optional>
#include <utility>
#include <vector>

#include "api/rest/handlers.h"
#include "api/streamed_answer.h"

namespace quire::api::rest {

namespace {

struct Format {
  document::RecordFormat format = document::RecordFormat::ndjson;
  std::string_view content_type = "application/x-ndjson";
};

Result<Format> format_of(std::string_view word) {
  if (word.empty() || word == "ndjson") return Format{};
  if (word == "json") return Format{document::RecordFormat::json_array, "application/json"};
  if (word == "csv") return Format{document::RecordFormat::csv, "text/csv"};
  return Error(ErrorCode::invalid, "a format is ndjson, json or csv").at("format");
}

class Export {
 public:
  explicit Export(const RestCall& call) : call_(call) {}

  Status run() {
    QUIRE_TRY(const Format format, format_of(call_.query.text("format")));
    document::RecordWriterOptions options;
    options.format = format.format;
    options.infer_types = call_.query.flag("inferTypes");
    if (options.format == document::RecordFormat::csv) {
      QUIRE_TRY(options.columns, columns());
    }
    net::Response head;
    head.content_type = format.content_type;
    StreamedAnswer answer(call_.call, std::move(head));
    // Without a document CSV has no header, and no writer could make one.
    const bool empty = options.format == document::RecordFormat::csv && options.columns.empty();
    return answer.finish(empty ? look() : write(answer, options));
  }

 private:
  using Take = std::function<Status(std::string_view text)>;

  Status each(const Take& take) {
    Status status = ok();
    std::string text;
    const auto sink = [&](const engine::ListRow& row) {
      text.clear();
      engine::print_document(row.id, call_.query.flag("revs") ? row.revision.to_string() : "", false,
                             row.body, text);
      status = take(text);
      return status.has_value();
    };
    const engine::CollectionAddress address{
        .database = call_.database(),
        .collection = call_.query.has("collection") ? call_.query.text("collection") : "_default"};
    QUIRE_TRY_STATUS(engine::wait<engine::ListEnd>([&](auto done) {
      call_.parts().documents.list(call_.call.caller, call_.call.limits(), address, {}, sink,
                                   std::move(done));
    }));
    return status;
  }

  Status look() {
    return each([](std::string_view) { return ok(); });
  }

  Status write(StreamedAnswer& answer, const document::RecordWriterOptions& options) {
    QUIRE_TRY(const auto writer, document::write_records(answer, options));
    QUIRE_TRY_STATUS(each([&](std::string_view text) { return writer->write(text); }));
    return writer->finish();
  }

  // Those asked for, or all names of members in the order in which they first appear: the documents are read
  // twice.
  Result<std::vector<std::string>> columns() {
    const std::string_view given = call_.query.text("columns");
    if (!given.empty()) return document::split_columns(given);
    document::ColumnNames names;
    QUIRE_TRY_STATUS(each([&](std::string_view text) { return names.add(text); }));
    return names.take();
  }

  const RestCall& call_;
};

}  // namespace

Status export_documents(RestCall& call) { return Export(call).run(); }

}  // namespace quire::api::rest
