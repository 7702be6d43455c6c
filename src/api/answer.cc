#include "api/answer.h"

#include <algorithm>

#include "api/couch/error.h"
#include "api/json_out.h"
#include "api/tuning.h"
#include "document/extended_json.h"

namespace quire::api {

namespace {

bool is_ours(unsigned status) { return status == 500; }

// "NOT_FOUND": how the key-value surface writes codes that its own list does not have.
std::string upper_name(ErrorCode code) {
  std::string text(name(code));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

// What is the caller's fault is 400 on the surface of actions, whatever it is.
unsigned status_of_actions(unsigned status) {
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 409:
    case 412:
    case 415:
    case 421:
    case 423: return 400;
    default: return status;
  }
}

// The field stands in the message: an answer has no other place for it.
std::string sentence(Context& context, const Error& error) {
  std::string text = error.field().empty() ? "" : error.field() + ": ";
  text += error.message();
  if (error.code() == ErrorCode::locked && error.retry_after_ms() != 0) {
    const WallMs end = context.parts().clock.wall_ms() + static_cast<WallMs>(error.retry_after_ms());
    text +=
        "; that ends at " + document::iso_date(end).value_or("?") + " at the latest, unless it is used again";
  }
  return text;
}

void print_actions(Context& context, const Error& error, unsigned status, const std::string& id,
                   std::string& out) {
  ObjectOut object(out);
  object.number("status", status);
  object.text("message", is_ours(status) ? "the server failed; its log says why, under the id " + id
                                         : sentence(context, error));
  object.text("error", name(error.code()));
  object.end();
}

void print_kv(const Error& error, std::string& out) {
  ObjectOut object(out);
  object.text("error", upper_name(error.code()));
  object.end();
}

void print_rest(const Error& engines, bool ours, const std::string& id, std::string& out) {
  const Error error = in_words_of_http(engines);
  ObjectOut object(out);
  object.text("error", name(error.code()));
  object.text("message", ours ? "the server failed; its log says why, under this id" : error.message());
  if (!ours && !error.field().empty()) object.text("field", error.field());
  if (error.limit() != 0) object.number("limit", error.limit());
  if (!ours && !error.detail().empty()) object.members(error.detail());
  object.text("id", id);
  object.end();
}

}  // namespace

Error in_words_of_http(const Error& error) {
  if (!engine::is_request_id_reused(error)) return error;
  return Error(error.code(), "the Idempotency-Key was used for another request").at("Idempotency-Key");
}

unsigned status_of(const Error& error) {
  if (error.code() == ErrorCode::exhausted && error.retry_after_ms() != 0) return 429;
  return status_of(error.code());
}

unsigned status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict: return 409;
    case ErrorCode::exists: return 409;
    case ErrorCode::precondition: return 412;
    case ErrorCode::invalid: return 400;
    case ErrorCode::unauthenticated: return 401;
    case ErrorCode::forbidden: return 403;
    case ErrorCode::locked: return 423;
    case ErrorCode::too_large: return 413;
    case ErrorCode::exhausted: return 503;
    case ErrorCode::unavailable: return 503;
    case ErrorCode::deadline: return 503;
    case ErrorCode::cancelled: return 503;
    case ErrorCode::history_lost: return 409;
    case ErrorCode::corrupt: return 500;
    case ErrorCode::read_only: return 503;
    case ErrorCode::io: return 500;
    case ErrorCode::not_implemented: return 501;
    case ErrorCode::internal: return 500;
  }
  return 500;
}

net::Response error_answer(Context& context, const net::RequestHead* request, Surface surface,
                           std::string_view route, const Error& error) {
  const bool longer_than_its_field = surface == Surface::actions && error.code() == ErrorCode::too_large;
  return error_answer(context, request, surface, route, error,
                      longer_than_its_field ? 400 : status_of(error));
}

net::Response error_answer(Context& context, const net::RequestHead* request, Surface surface,
                           std::string_view route, const Error& error, unsigned status) {
  if (surface == Surface::actions) status = status_of_actions(status);
  if (surface == Surface::couch) status = couch::status_of_couch(error, status);
  const std::string id = request != nullptr ? request->id_text() : context.next_error_id();
  if (is_ours(status) || error.code() == ErrorCode::read_only) {
    context.parts().log.error("a request failed",
                              {{"id", id}, {"route", route}, {"cause", error.to_string()}});
  }
  net::Response response;
  response.status = status;
  if (surface == Surface::kv) {
    print_kv(error, response.body);
  } else if (surface == Surface::actions) {
    print_actions(context, error, status, id, response.body);
  } else if (surface == Surface::couch) {
    couch::print_error(error, status, id, response.body);
  } else {
    print_rest(error, is_ours(status), id, response.body);
  }
  if (status == 401) response.add_field("WWW-Authenticate", "Bearer");
  if (error.retry_after_ms() != 0) {
    response.add_field("Retry-After", std::to_string((error.retry_after_ms() + 999) / 1000));
  } else if (status == 503) {
    response.add_field("Retry-After", tuning::kRetryAfterSeconds);
  }
  return response;
}

void send_error(const Call& call, const Error& error) {
  call.exchange.send(error_answer(call.context, &call.request(), call.route.surface, call.route.name, error));
}

Error too_many_passwords() {
  return Error(ErrorCode::exhausted, "too many passwords are being looked at; come back later")
      .after(tuning::kPasswordRetryMs);
}

net::Response json_answer(unsigned status, std::string body) {
  net::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

bool fits_in_field(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

}  // namespace quire::api
