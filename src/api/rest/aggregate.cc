#include <utility>

#include "api/fields.h"
#include "api/json_out.h"
#include "api/rest/handlers.h"
#include "api/rest/query_body.h"
#include "api/streamed_answer.h"
#include "api/tuning.h"

// The documents of a pipeline: all in one answer, as far as that goes, or as lines that are streamed.

namespace quire::api::rest {

namespace {

constexpr Field kAggregate[] = {{"pipeline", FieldType::list, true, "the stages"},
                                {"collation", FieldType::object, false, "how strings are compared"},
                                {"hint", FieldType::text, false, "the index to use; $natural: none"}};

Result<engine::QueryStats> run(const RestCall& call, const engine::RowSink& sink) {
  QUIRE_TRY(const auto fields, Fields::parse(call.exchange().body(), kAggregate));
  engine::AggregateRequest request;
  request.pipeline = fields.json("pipeline");
  request.collation = fields.json("collation");
  request.hint = fields.text("hint");
  return engine::wait<engine::QueryStats>([&](auto done) {
    call.parts().queries.aggregate(call.call.caller, call.call.limits(), call.collection(), request, sink,
                                   std::move(done));
  });
}

Result<net::Response> aggregate_page(RestCall& call) {
  std::string out = "{\"documents\":[";
  Separator separator;
  bool too_large = false;
  const auto sink = [&](const engine::FoundRow& row) {
    separator.before(out);
    out += row.value;
    too_large = out.size() > tuning::kAggregateBytes;
    return !too_large;
  };
  QUIRE_TRY(const auto stats, run(call, sink));
  if (too_large) {
    return Error(
               ErrorCode::too_large,
               "the pipeline makes more than one answer holds; ask for application/x-ndjson, or add a $limit")
        .over(tuning::kAggregateBytes);
  }
  out += "]";
  print_stats(stats, out += ",\"stats\":");
  out += "}";
  return json_answer(200, std::move(out));
}

Status aggregate_lines(RestCall& call) {
  net::Response head;
  head.content_type = "application/x-ndjson";
  StreamedAnswer answer(call.call, std::move(head));
  Status status = ok();
  const auto sink = [&](const engine::FoundRow& row) {
    answer.text().append(row.value).push_back('\n');
    status = answer.step();
    return status.has_value();
  };
  const auto ran = run(call, sink);
  if (!ran) status = ran.error();
  return answer.finish_lines(std::move(status));
}

}  // namespace

void aggregate(const Call& call) {
  if (call.request().field("Accept").find("application/x-ndjson") != std::string_view::npos) {
    return stream<aggregate_lines>(call);
  }
  worker<aggregate_page>(call);
}

}  // namespace quire::api::rest
