#include <string>

#include "base/check.h"
#include "document/json.h"
#include "document/testing/json_from_bytes.h"
#include "document/tuning.h"
#include "input.h"
#include "query/aggregate/pipeline.h"
#include "query/testing/memory_rows.h"

// A pipeline and two documents: whatever it makes of them is good JSON within the bounds of a document, and
// an error that stands in the pipeline says where.

namespace {

using namespace quire;
using namespace quire::query;

class FrozenClock final : public Clock {
 public:
  WallMs wall_ms() const override { return 1'700'000'000'000; }
  SteadyTime steady() const override { return SteadyTime() + std::chrono::microseconds(++steps_); }

 private:
  mutable std::int64_t steps_ = 0;
};

query::testing::MemoryCollection documents_of(fuzz::Input& input) {
  query::testing::MemoryCollection documents;
  for (const std::string_view text : {input.part(), input.rest()}) {
    auto split = document::split_document(text, {});
    if (!split) {
      document::testing::JsonFromBytes made({text.begin(), text.end()}, {.extended = true});
      split = document::split_document(made.object(), {});
    }
    QUIRE_CHECK(split.has_value(), "made JSON is JSON");
    documents.push_back({std::to_string(documents.size()), split->body});
  }
  return documents;
}

void run(const Pipeline& pipeline, const query::testing::MemoryCollection& documents) {
  std::map<std::string, query::testing::MemoryCollection> collections;
  collections["c"] = documents;
  const FrozenClock clock;
  // A thousand looks at the clock.
  Run run{.clock = clock,
          .limits = {},
          .budget = {.memory_bytes = 1 << 20, .spill_directory = {}, .time = std::chrono::milliseconds(1)}};
  Watch watch(run);
  query::testing::MemorySources sources(collections);
  PipelineExecution execution(
      pipeline, std::make_unique<query::testing::MemoryRows>(collections["c"], pipeline.leading().filter),
      sources, watch);
  std::string_view made;
  for (int i = 0; i < 1000; ++i) {
    const auto more = execution.next(made);
    if (!more || !*more) break;
    std::string minified;
    document::JsonLimits bounds;
    bounds.depth = document::kMaxDepth;
    bounds.members = 10'000'000;
    bounds.document_bytes = bounds.string_bytes = 64 << 20;
    bounds.number_bytes = 10'000;
    QUIRE_CHECK(document::minify(made, bounds, minified).has_value(), "what a pipeline makes is JSON");
    QUIRE_CHECK(minified == made, "what a pipeline makes is minified");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto loose = std::make_shared<const document::Collation>(
      *document::Collation::parse(R"({"locale":"en","strength":2})"));
  fuzz::Input input(data, size);
  PipelineLimits limits;
  limits.path_steps = 8;
  const std::string_view text = input.part();
  const auto pipeline = Pipeline::parse(text, limits);
  const auto by_collation = Pipeline::parse(text, limits, loose);
  QUIRE_CHECK(pipeline.has_value() == by_collation.has_value(),
              "a pipeline is one whatever compares its strings");
  if (!pipeline) return 0;
  const auto documents = documents_of(input);
  run(*pipeline, documents);
  run(*by_collation, documents);
  return 0;
}
