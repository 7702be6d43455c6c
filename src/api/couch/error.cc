#include "api/couch/error.h"

#include "api/json_out.h"

// A word of the dialect's own travels as the detail of an error: the member "error" of an answer.

namespace quire::api::couch {

namespace {

constexpr std::string_view kWord = "\"error\":\"";

std::string_view own_word(const Error& error) {
  std::string_view detail = error.detail();
  if (!detail.starts_with(kWord)) return {};
  detail.remove_prefix(kWord.size());
  return detail.substr(0, detail.size() - 1);
}

Words words_of_missing(const Error& error) {
  if (error.field() == "database") return {"not_found", "Database does not exist."};
  if (error.field() == "attachment") return {"not_found", "Document is missing attachment"};
  if (error.field() == "deleted") return {"not_found", "deleted"};
  return {"not_found", "missing"};
}

Words words_of_conflict(const Error& error) {
  if (error.code() == ErrorCode::exists && error.field() == "database") {
    return {"file_exists", "The database could not be created, the file already exists."};
  }
  return {"conflict", "Document update conflict."};
}

std::string sentence(const Error& error) {
  return error.field().empty() ? error.message() : error.field() + ": " + error.message();
}

}  // namespace

Error refusal(ErrorCode code, std::string_view word, std::string reason) {
  return Error(code, std::move(reason)).with(std::string(kWord).append(word).append("\""));
}

Error bad_parameter(std::string_view name, std::string_view value) {
  std::string reason = "Invalid value for ";
  reason.append(name).append(": ").append(value.substr(0, 64));
  return refusal(ErrorCode::invalid, "query_parse_error", std::move(reason));
}

Error document_conflict() { return Error(ErrorCode::conflict, "the document has another revision"); }

Error missing(std::string_view reason) {
  return Error(ErrorCode::not_found, std::string(reason)).at(std::string(reason));
}

Words words_of(const Error& error) {
  if (const auto word = own_word(error); !word.empty()) return {std::string(word), error.message()};
  switch (error.code()) {
    case ErrorCode::not_found: return words_of_missing(error);
    case ErrorCode::conflict:
    case ErrorCode::exists: return words_of_conflict(error);
    case ErrorCode::precondition: return {"precondition_failed", sentence(error)};
    case ErrorCode::invalid: return {"bad_request", sentence(error)};
    case ErrorCode::unauthenticated: return {"unauthorized", sentence(error)};
    case ErrorCode::forbidden: return {"forbidden", sentence(error)};
    default: return {std::string(name(error.code())), sentence(error)};
  }
}

void print_members(const Error& error, std::string& out) {
  const Words words = words_of(error);
  document::append_json_string(out += "\"error\":", words.error);
  document::append_json_string(out += ",\"reason\":", words.reason);
}

void print_error(const Error& error, unsigned status, std::string_view id, std::string& out) {
  Words words = words_of(error);
  if (status == 500) {
    words = {"internal_server_error", "the server failed; its log says why, under the id " + std::string(id)};
  } else if (status == 405) {
    words.error = "method_not_allowed";
  } else if (status == 415 && error.field() == "Content-Encoding") {
    words.error = "bad_content_encoding";
  } else if (status == 415) {
    words = {"bad_content_type", "Content-Type must be application/json"};
  }
  ObjectOut object(out);
  object.text("error", words.error);
  object.text("reason", words.reason);
  object.end();
}

unsigned status_of_couch(const Error& error, unsigned status) {
  return error.code() == ErrorCode::exists && error.field() == "database" ? 412 : status;
}

}  // namespace quire::api::couch
