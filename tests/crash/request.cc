#include "request.h"

#include "base/bytes.h"
#include "database/records.h"
#include "event_log.h"

namespace quire::crash {

using database::Durability;
using database::Edit;
using document::Revision;

namespace {

constexpr std::string_view kTypePrefix = "application/x-seed-";
constexpr std::size_t kFieldsOfEdit = 9;

std::string revision_text(const Revision& revision) { return revision ? revision.to_string() : ""; }

Result<Revision> revision_from(std::string_view text) {
  if (text.empty()) return Revision{};
  return Revision::parse(text);
}

void add_fields(const Edit& edit, std::vector<std::string>& fields) {
  fields.push_back(std::to_string(static_cast<int>(edit.kind)));
  fields.push_back(std::to_string(static_cast<int>(edit.precondition)));
  fields.push_back(std::to_string(edit.collection));
  fields.push_back(edit.id);
  fields.push_back(revision_text(edit.expected));
  fields.push_back(edit.body);
  fields.push_back(edit.deleted ? "1" : "0");
  std::string path;
  for (const Revision& revision : edit.path) path += (path.empty() ? "" : ",") + revision.to_string();
  fields.push_back(std::move(path));
  std::string attachments = "-";
  if (edit.attachments) {
    attachments.clear();
    encode(*edit.attachments, attachments);
    attachments = to_hex(attachments);
  }
  fields.push_back(std::move(attachments));
}

Result<Edit> edit_from(const std::string* fields, const std::string& tag) {
  Edit edit;
  edit.kind = static_cast<Edit::Kind>(to_number(fields[0]));
  edit.precondition = static_cast<Edit::Precondition>(to_number(fields[1]));
  edit.collection = static_cast<database::CollectionId>(to_number(fields[2]));
  edit.id = fields[3];
  QUIRE_TRY(edit.expected, revision_from(fields[4]));
  edit.body = fields[5];
  edit.deleted = fields[6] == "1";
  if (!fields[7].empty()) {
    for (const std::string& text : split(fields[7], ',')) {
      QUIRE_TRY(auto revision, Revision::parse(text));
      edit.path.push_back(std::move(revision));
    }
  }
  if (fields[8] != "-") {
    const auto bytes = from_hex(fields[8]);
    if (!bytes) return Error(ErrorCode::invalid, "a list of attachments is not hexadecimal");
    QUIRE_TRY(edit.attachments, database::decode_attachments(*bytes));
  }
  if (edit.kind == Edit::Kind::transform) {
    edit.transform = [tag](std::string_view current) -> Result<std::optional<std::string>> {
      return std::optional(next_count(current, tag));
    };
  }
  return edit;
}

std::string to_field(const Answer::Row& row) {
  if (row.failed) return "!" + std::string(name(*row.failed));
  return std::to_string(row.sequence) + '/' + row.revision + '/' + row.id;
}

Answer::Row row_from(std::string_view field) {
  Answer::Row row;
  if (field.starts_with('!')) {
    row.failed = error_code(field.substr(1)).value_or(ErrorCode::internal);
    return row;
  }
  auto parts = split(field, '/', 3);
  parts.resize(3);
  row.sequence = to_number(parts[0]);
  row.revision = std::move(parts[1]);
  row.id = std::move(parts[2]);
  return row;
}

}  // namespace

std::vector<std::string> to_fields(const Request& request) {
  std::vector<std::string> fields{request.name, std::string(name(request.options.durability)),
                                  request.options.atomic ? "1" : "0", request.options.request_id};
  for (const Edit& edit : request.edits) add_fields(edit, fields);
  return fields;
}

Result<Request> request_from(const std::vector<std::string>& fields) {
  const auto level = fields.size() < 4 ? std::nullopt : durability(fields[1]);
  if (!level || (fields.size() - 4) % kFieldsOfEdit != 0)
    return Error(ErrorCode::invalid, "a request of the log is malformed");
  Request request;
  request.name = fields[0];
  request.options.durability = *level;
  request.options.atomic = fields[2] == "1";
  request.options.request_id = fields[3];
  for (std::size_t at = 4; at < fields.size(); at += kFieldsOfEdit) {
    QUIRE_TRY(auto edit, edit_from(&fields[at], tag_of(request.name, request.edits.size())));
    request.edits.push_back(std::move(edit));
  }
  return request;
}

Answer answer_of(const std::string& request, const Result<database::WriteResult>& result) {
  Answer answer;
  answer.request = request;
  if (!result) {
    answer.failed = result.error().code();
    answer.message = result.error().message();
    return answer;
  }
  answer.durable = result->durable;
  for (const auto& row : result->rows) {
    if (row) {
      answer.rows.push_back({std::nullopt, row->sequence, row->id, row->revision.to_string()});
    } else {
      answer.rows.push_back({row.error().code(), 0, {}, {}});
    }
  }
  return answer;
}

std::vector<std::string> to_fields(const Answer& answer) {
  if (answer.failed) return {answer.request, "!" + std::string(name(*answer.failed)), answer.message};
  std::vector<std::string> fields{answer.request, std::string(name(answer.durable))};
  for (const Answer::Row& row : answer.rows) fields.push_back(to_field(row));
  return fields;
}

Result<Answer> answer_from(const std::vector<std::string>& fields) {
  if (fields.size() < 2) return Error(ErrorCode::invalid, "an answer of the log is malformed");
  Answer answer;
  answer.request = fields[0];
  if (fields[1].starts_with('!')) {
    answer.failed = error_code(std::string_view(fields[1]).substr(1)).value_or(ErrorCode::internal);
    if (fields.size() > 2) answer.message = fields[2];
    return answer;
  }
  const auto level = durability(fields[1]);
  if (!level) return Error(ErrorCode::invalid, "an answer of the log is malformed");
  answer.durable = *level;
  for (std::size_t i = 2; i < fields.size(); ++i) answer.rows.push_back(row_from(fields[i]));
  return answer;
}

bool leaves_open(ErrorCode code) {
  return code == ErrorCode::io || code == ErrorCode::internal || code == ErrorCode::unavailable ||
         code == ErrorCode::corrupt;
}

bool refuses(ErrorCode code) { return code == ErrorCode::read_only || code == ErrorCode::exhausted; }

std::string tag_of(std::string_view request, std::size_t index) {
  return std::string(request) + '.' + std::to_string(index);
}

std::string_view tag_in(std::string_view body) {
  constexpr std::string_view kOpening = R"({"w":")";
  if (!body.starts_with(kOpening)) return {};
  body.remove_prefix(kOpening.size());
  return body.substr(0, body.find('"'));
}

std::string body_with(std::string_view tag, std::string_view members) {
  return R"({"w":")" + std::string(tag) + '"' + std::string(members) + '}';
}

std::uint64_t count_in(std::string_view body) {
  constexpr std::string_view kMember = R"("n":)";
  const auto at = body.find(kMember);
  return at == std::string_view::npos ? 0 : to_number(body.substr(at + kMember.size()));
}

std::string next_count(std::string_view current, std::string_view tag) {
  const std::uint64_t count = count_in(current) + 1;
  return body_with(tag, R"(,"k":"v)" + std::to_string(count % 7) + R"(","n":)" + std::to_string(count));
}

std::string attachment_type(std::uint64_t seed) { return std::string(kTypePrefix) + std::to_string(seed); }

std::string attachment_content(const database::Attachment& attachment) {
  std::uint64_t state = 0x9E3779B97F4A7C15U;
  state += to_number(std::string_view(attachment.content_type).substr(kTypePrefix.size())) * 2 + 1;
  std::string content;
  content.reserve(attachment.length + 8);
  while (content.size() < attachment.length) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    put_u64(content, state);
  }
  content.resize(attachment.length);
  return content;
}

std::optional<ErrorCode> error_code(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    if (quire::name(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  }
  return std::nullopt;
}

std::optional<Durability> durability(std::string_view name) {
  for (const auto level : {Durability::memory, Durability::os, Durability::disk}) {
    if (database::name(level) == name) return level;
  }
  return std::nullopt;
}

}  // namespace quire::crash
