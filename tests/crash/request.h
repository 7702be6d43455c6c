#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "database/types.h"

namespace quire::crash {

// One write as a worker asks for it, with all that is needed to ask it again, and to work out what it must
// have come to. Every edit's text holds a tag that no other edit has.
struct Request {
  std::string name;  // unique in a log, also over restarts: "3.2.17"
  std::vector<database::Edit> edits;
  database::WriteOptions options;
};

std::vector<std::string> to_fields(const Request& request);
// Transforms are made anew. Errors: invalid.
Result<Request> request_from(const std::vector<std::string>& fields);

// What became of it.
struct Answer {
  struct Row {
    std::optional<ErrorCode> failed;
    database::Sequence sequence = 0;
    std::string id;
    std::string revision;
  };
  std::string request;
  std::optional<ErrorCode> failed;  // the whole call; then there are no rows
  std::string message;
  database::Durability durable = database::Durability::disk;
  std::vector<Row> rows;
};

Answer answer_of(const std::string& request, const Result<database::WriteResult>& result);
std::vector<std::string> to_fields(const Answer& answer);
Result<Answer> answer_from(const std::vector<std::string>& fields);

// Whether an answer with this error leaves open what happened. All others promise that nothing was written.
bool leaves_open(ErrorCode code);
// Whether a shard that has failed may refuse a write with it; exhausted, where the disk was full.
bool refuses(ErrorCode code);

// The tag of an edit, and the text it stands in: {"w":TAG,...}.
std::string tag_of(std::string_view request, std::size_t index);
std::string_view tag_in(std::string_view body);
// `members` follow the tag: "" or ",\"k\":...".
std::string body_with(std::string_view tag, std::string_view members);
// What the transform of a counter makes of its current text: the number in it, one higher.
std::string next_count(std::string_view current, std::string_view tag);
std::uint64_t count_in(std::string_view body);

// The bytes of an attachment follow from its content type, which names a seed, and its length.
std::string attachment_content(const database::Attachment& attachment);
std::string attachment_type(std::uint64_t seed);

std::optional<ErrorCode> error_code(std::string_view name);
std::optional<database::Durability> durability(std::string_view name);

}  // namespace quire::crash
