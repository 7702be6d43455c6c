#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "query/aggregate/pipeline.h"
#include "query/sort_rows.h"
#include "query/testing/memory_rows.h"

namespace quire::query::testing {

// Runs pipelines over collections in memory, as a node does over those of a shard.
class PipelineRunner {
 public:
  std::map<std::string, MemoryCollection> collections;
  Budget budget;
  CallLimits limits;
  PipelineLimits pipeline_limits;
  std::string collation;      // empty: none
  std::uint64_t spilled = 0;  // by the last run

  // The documents with spaces between, or the error as it prints.
  std::string run(const std::string& collection, std::string_view pipeline) {
    std::string out;
    std::string error;
    run_each(collection, pipeline, error, [&](std::string_view document) {
      if (!out.empty()) out += ' ';
      out += document;
    });
    return error.empty() ? out : error;
  }
  // Shows each document; `error` stays empty where none happened.
  template <class Sink>
  void run_each(const std::string& collection, std::string_view pipeline, std::string& error,
                const Sink& sink) {
    if (const Status ran = each(collection, pipeline, sink); !ran) error = ran.error().to_string();
  }

 private:
  template <class Sink>
  Status each(const std::string& collection, std::string_view text, const Sink& sink) {
    std::shared_ptr<const document::Collation> by;
    if (!collation.empty()) {
      QUIRE_TRY(auto parsed, document::Collation::parse(collation));
      by = std::make_shared<const document::Collation>(std::move(parsed));
    }
    QUIRE_TRY(const Pipeline pipeline, Pipeline::parse(text, pipeline_limits, std::move(by)));
    query::Run run{.clock = system_clock(), .limits = limits, .budget = budget};
    Watch watch(run);
    MemorySources sources(collections);
    QUIRE_TRY(auto rows, open(collection, pipeline, watch));
    PipelineExecution execution(pipeline, std::move(rows), sources, watch);
    std::string_view document;
    for (;;) {
      auto more = execution.next(document);
      spilled = run.spilled;
      if (!more) return std::move(more).error();
      if (!*more) return ok();
      sink(document);
    }
  }

  // The rows of `input` behind the first `skip`, and no more than `limit`.
  class Page final : public RowSource {
   public:
    Page(std::unique_ptr<RowSource> input, std::uint64_t skip, std::uint64_t limit)
        : input_(std::move(input)), skip_(skip), left_(limit == 0 ? UINT64_MAX : limit) {}
    Result<bool> next(Row& row) override {
      for (; skip_ > 0; --skip_) {
        QUIRE_TRY(const bool more, input_->next(row));
        if (!more) return false;
      }
      if (left_ == 0) return false;
      --left_;
      return input_->next(row);
    }

   private:
    const std::unique_ptr<RowSource> input_;
    std::uint64_t skip_;
    std::uint64_t left_;
  };

  Result<std::unique_ptr<RowSource>> open(const std::string& collection, const Pipeline& pipeline,
                                          Watch& watch) {
    const Pipeline::Leading& leading = pipeline.leading();
    std::unique_ptr<RowSource> rows(new MemoryRows(collections[collection], leading.filter));
    if (!leading.sort.empty()) {
      QUIRE_TRY(Sort sort, Sort::parse(leading.sort));
      sort.use(pipeline.collation());
      rows = sort_rows(std::move(rows), sort, {}, watch);
    }
    return std::unique_ptr<RowSource>(new Page(std::move(rows), leading.skip, leading.limit));
  }
};

}  // namespace quire::query::testing
