#include <algorithm>

#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "api/streamed_answer.h"
#include "api/tuning.h"

// A page is gathered on a worker; lines are streamed, as many as there are.

namespace quire::api::rest {

namespace {

// Ids that begin with `prefix` lie between the two: 0xFF stands in no UTF-8, so that "o\xFF" is behind all
// that begins with "o" and in front of "p", and "p\xFF" is behind all that begins with "p".
void keep_prefix(std::string_view prefix, engine::ListOptions& options) {
  if (prefix.empty()) return;
  std::string first(prefix);
  first.back() = static_cast<char>(static_cast<unsigned char>(first.back()) - 1);
  first.push_back('\xFF');
  std::string last(prefix);
  last.push_back('\xFF');
  options.after = std::max(options.after, first);
  options.before = options.before.empty() ? last : std::min(options.before, last);
}

engine::ListOptions options_of(const RestCall& call, std::uint64_t limit) {
  engine::ListOptions options;
  options.after = call.query.text("after");
  options.before = call.query.text("before");
  options.descending = call.query.flag("descending");
  options.limit = limit;
  keep_prefix(call.query.text("prefix"), options);
  return options;
}

void print_row(const engine::ListRow& row, std::string& out) {
  engine::print_document(row.id, row.revision.to_string(), row.deleted, row.body, out);
}

Result<engine::ListEnd> list(const RestCall& call, const engine::ListOptions& options,
                             const engine::ListSink& sink) {
  return engine::wait<engine::ListEnd>([&](auto done) {
    call.parts().documents.list(call.call.caller, call.call.limits(), call.collection(), options, sink,
                                std::move(done));
  });
}

Result<net::Response> list_page(RestCall& call) {
  QUIRE_TRY(const std::uint64_t limit, call.query.number("limit", tuning::kListDefault, tuning::kListMost));
  std::string out = "{\"documents\":[";
  std::string last;
  Separator separator;
  const auto sink = [&](const engine::ListRow& row) {
    separator.before(out);
    print_row(row, out);
    last = row.id;
    return out.size() < tuning::kPageBytes;
  };
  QUIRE_TRY(const auto end, list(call, options_of(call, limit), sink));
  out += "]";
  if (end.more && !last.empty()) document::append_json_string(out += ",\"next\":", last);
  out += "}";
  return json_answer(200, std::move(out));
}

Status list_lines(RestCall& call) {
  QUIRE_TRY(const std::uint64_t limit, call.query.number("limit", ~std::uint64_t{0}, ~std::uint64_t{0}));
  net::Response head;
  head.content_type = "application/x-ndjson";
  StreamedAnswer answer(call.call, std::move(head));
  Status status = ok();
  const auto sink = [&](const engine::ListRow& row) {
    print_row(row, answer.text());
    answer.text().push_back('\n');
    status = answer.step();
    return status.has_value();
  };
  const auto end = list(call, options_of(call, limit), sink);
  if (!end) status = end.error();
  return answer.finish_lines(std::move(status));
}

}  // namespace

void list_documents(const Call& call) {
  if (call.request().field("Accept").find("application/x-ndjson") != std::string_view::npos) {
    return stream<list_lines>(call);
  }
  worker<list_page>(call);
}

}  // namespace quire::api::rest
