#include <utility>

#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "api/rest/query_body.h"
#include "api/streamed_answer.h"
#include "api/tuning.h"

// A page is gathered on a worker; lines are streamed, as many as there are.

namespace quire::api::rest {

namespace {

Result<engine::FindEnd> find(const RestCall& call, const engine::FindRequest& request,
                             const engine::RowSink& sink) {
  return engine::wait<engine::FindEnd>([&](auto done) {
    call.parts().queries.find(call.call.caller, call.call.limits(), call.collection(), request, sink,
                              std::move(done));
  });
}

Result<net::Response> explain(const RestCall& call, const QueryBody& body) {
  QUIRE_TRY(const std::string tree, engine::wait<std::string>([&](auto done) {
              call.parts().queries.explain(call.call.caller, call.call.limits(), call.collection(),
                                           body.request, body.explain == QueryBody::Explain::run,
                                           std::move(done));
            }));
  std::string out;
  ObjectOut object(out);
  object.text("explain", tree);
  object.end();
  return json_answer(200, std::move(out));
}

Result<net::Response> query_page(RestCall& call) {
  QUIRE_TRY(const QueryBody body, parse_query_body(call, tuning::kListDefault, tuning::kListMost));
  if (body.explain != QueryBody::Explain::no) return explain(call, body);
  std::string out = "{\"documents\":[";
  Separator separator;
  const auto sink = [&](const engine::FoundRow& row) {
    separator.before(out);
    out += row.value;
    return out.size() < tuning::kPageBytes;
  };
  QUIRE_TRY(const auto end, find(call, body.request, sink));
  out += "]";
  if (!end.next.empty()) document::append_json_string(out += ",\"next\":", end.next);
  print_stats(end.stats, out += ",\"stats\":");
  out += "}";
  return json_answer(200, std::move(out));
}

Status query_lines(RestCall& call) {
  QUIRE_TRY(const QueryBody body, parse_query_body(call, 0, ~std::uint64_t{0}));
  if (body.explain != QueryBody::Explain::no) {
    return Error(ErrorCode::invalid, "an explanation is no lines").at("explain");
  }
  net::Response head;
  head.content_type = "application/x-ndjson";
  StreamedAnswer answer(call.call, std::move(head));
  Status status = ok();
  const auto sink = [&](const engine::FoundRow& row) {
    answer.text().append(row.value).push_back('\n');
    status = answer.step();
    return status.has_value();
  };
  const auto end = find(call, body.request, sink);
  if (!end) status = end.error();
  return answer.finish_lines(std::move(status));
}

}  // namespace

void print_stats(const engine::QueryStats& stats, std::string& out) {
  ObjectOut object(out);
  object.number("returned", stats.returned);
  object.number("scanned", stats.scanned);
  object.number("entries", stats.entries);
  if (stats.spilled_bytes != 0) object.number("spilledBytes", stats.spilled_bytes);
  object.number("us", static_cast<std::uint64_t>(stats.time.count()));
  if (!stats.index.empty()) object.text("index", stats.index);
  if (!stats.advice.empty()) object.text("advice", stats.advice);
  object.end();
}

void query(const Call& call) {
  if (call.request().field("Accept").find("application/x-ndjson") != std::string_view::npos) {
    return stream<query_lines>(call);
  }
  worker<query_page>(call);
}

Result<net::Response> count(RestCall& call) {
  QUIRE_TRY(const QueryBody body, parse_count_body(call));
  QUIRE_TRY(const std::uint64_t count, engine::wait<std::uint64_t>([&](auto done) {
              call.parts().queries.count(call.call.caller, call.call.limits(), call.collection(),
                                         body.request, std::move(done));
            }));
  return json_answer(200, "{\"count\":" + std::to_string(count) + "}");
}

Result<net::Response> distinct(RestCall& call) {
  QUIRE_TRY(const QueryBody body, parse_distinct_body(call));
  QUIRE_TRY(const std::string values, engine::wait<std::string>([&](auto done) {
              call.parts().queries.distinct(call.call.caller, call.call.limits(), call.collection(),
                                            body.path, body.request, std::move(done));
            }));
  return json_answer(200, "{\"values\":" + values + "}");
}

}  // namespace quire::api::rest
