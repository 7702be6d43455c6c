#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/filter.h"
#include "query/aggregate/expression.h"
#include "query/row_source.h"
#include "query/watch.h"

namespace quire::query {

// An aggregation as it was parsed: an array of stages, each of which makes documents of those of the stage in
// front of it.
//
// A handle on something that never changes; every thread may use it.
class Pipeline {
 public:
  // `collation`: by which all stages compare strings; null: by code point. Errors: invalid, too_large; the
  // field is the path of what is at fault ("[1].$project.total.$add").
  static Result<Pipeline> parse(std::string_view json, const PipelineLimits& limits = {},
                                std::shared_ptr<const document::Collation> collation = nullptr);

  // What the first stages ask for, which whoever opens the documents does in their place, in this order.
  struct Leading {
    document::Filter filter;
    std::string sort;  // as query/sort.h takes it; empty: none
    std::uint64_t skip = 0;
    std::uint64_t limit = 0;  // 0: none
  };
  const Leading& leading() const;
  const std::shared_ptr<const document::Collation>& collation() const;

 private:
  struct State;
  friend class PipelineExecution;
  explicit Pipeline(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

// A pipeline under way. One thread at a time.
class PipelineExecution {
 public:
  // `rows` are the documents that are left of Pipeline::leading(). `sources` and `watch` outlive this.
  PipelineExecution(const Pipeline& pipeline, std::unique_ptr<RowSource> rows, RowSources& sources,
                    Watch& watch);
  ~PipelineExecution();

  // The next document, as JSON; valid until the next call. False at the end. Errors: invalid (an expression
  // that does not fit a document; the field is its place in the pipeline), too_large (what is made of one
  // document), deadline, cancelled, exhausted, corrupt, io.
  Result<bool> next(std::string_view& document);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quire::query
