#include <charconv>
#include <limits>

#include "api/json_out.h"
#include "api/streams/changes_socket.h"
#include "document/extended_json.h"
#include "engine/running_query.h"

namespace quire::api::streams {

using document::Value;

namespace {

Error wrong_option(std::string_view field, std::string_view what) {
  return Error(ErrorCode::invalid, std::string(what)).at(std::string(field));
}

// As MongoDB's drivers say it, or simply whether.
Result<engine::FullDocument> full_document(const Value* value) {
  if (value == nullptr || value->is_null()) return engine::FullDocument::always;
  if (value->is_boolean()) {
    return value->as_boolean() ? engine::FullDocument::always : engine::FullDocument::never;
  }
  const std::string text = value->is_string() ? value->to_string() : std::string();
  if (text == "updateLookup" || text == "whenAvailable" || text == "required") {
    return engine::FullDocument::always;
  }
  if (text == "default") return engine::FullDocument::unless_update;
  if (text == "off") return engine::FullDocument::never;
  return wrong_option("fullDocument", "default, updateLookup, whenAvailable, required, off, true or false");
}

std::optional<std::uint64_t> whole(const Value* value, std::uint64_t most) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const std::string_view text = value->number_text();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc() && end == text.data() + text.size() && number <= most;
  return good ? std::optional(number) : std::nullopt;
}

// {"$timestamp": {"t": SECONDS, "i": N}}, as clusterTime says it, or a date.
Result<std::uint64_t> time_of(const Value& value) {
  constexpr std::string_view kField = "startAtOperationTime";
  const Value* const stamp = value.size() == 1 ? value.find("$timestamp") : nullptr;
  if (stamp != nullptr) {
    const auto seconds = whole(stamp->find("t"), std::numeric_limits<std::uint32_t>::max());
    const auto ordinal = whole(stamp->find("i"), std::numeric_limits<std::uint32_t>::max());
    if (!seconds || !ordinal || stamp->size() != 2)
      return wrong_option(kField, "{\"$timestamp\": {\"t\": N, \"i\": N}}");
    return ((*seconds * 1000) << 16) + *ordinal;
  }
  const document::TypedValue typed(value);
  // Sixteen bits order the changes of one millisecond.
  constexpr std::int64_t kLastMs = (std::int64_t{1} << 48) - 1;
  if (typed.type() != document::Type::date || typed.date_ms() < 0 || typed.date_ms() > kLastMs) {
    return wrong_option(kField,
                        "a {\"$timestamp\": ...} or a {\"$date\": ...}, not before 1970 nor past 10889");
  }
  return static_cast<std::uint64_t>(typed.date_ms()) << 16;
}

// One filter that holds where all stages do.
Result<std::optional<document::Filter>> match_of(const Value* pipeline,
                                                 std::shared_ptr<const document::Collation> collation) {
  if (pipeline == nullptr || pipeline->is_null()) return std::optional<document::Filter>();
  if (!pipeline->is_array()) return wrong_option("pipeline", "an array of stages");
  if (pipeline->size() == 0) return std::optional<document::Filter>();
  std::string all = "{\"$and\":[";
  Separator separator;
  for (std::size_t i = 0; i < pipeline->size(); ++i) {
    const std::string place = "pipeline[" + std::to_string(i) + "]";
    const Value& stage = pipeline->elements()[i];
    const Value* const match = stage.size() == 1 ? stage.find("$match") : nullptr;
    if (match == nullptr) {
      return wrong_option(place, "the stage of a change stream is {\"$match\": FILTER}");
    }
    const std::string text = match->to_json();
    QUIRE_TRY_STATUS(engine::parse_filter_member(text, place + ".$match", collation));
    separator.before(all);
    all += text;
  }
  all += "]}";
  auto filter = document::Filter::parse(all, {}, std::move(collation));
  if (!filter) return Error(filter.error()).at("pipeline");
  return std::optional(*std::move(filter));
}

}  // namespace

Result<engine::WatchOptions> watch_options(const Message& message) {
  QUIRE_TRY_STATUS(message.allow(
      {"collection", "resumeAfter", "startAtOperationTime", "pipeline", "collation", "fullDocument"}));
  engine::WatchOptions options;
  const auto given = [&](std::string_view name) {
    const Value* const value = message.find(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
  };
  QUIRE_TRY(options.collection, message.collection());
  QUIRE_TRY(options.full_document, full_document(message.find("fullDocument")));
  const std::string by = given("collation") == nullptr ? std::string() : message.json("collation");
  QUIRE_TRY(auto collation, engine::parse_collation_member(by));
  QUIRE_TRY(options.match, match_of(message.find("pipeline"), std::move(collation)));
  if (given("resumeAfter") != nullptr) {
    QUIRE_TRY(options.since, engine::parse_resume_token(message.json("resumeAfter")));
  }
  if (const Value* const time = given("startAtOperationTime")) {
    if (options.since)
      return wrong_option("startAtOperationTime", "resumeAfter or startAtOperationTime, not both");
    QUIRE_TRY(options.from_time, time_of(*time));
  }
  return options;
}

}  // namespace quire::api::streams
