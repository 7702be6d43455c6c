#include "api/admission.h"

#include <algorithm>

#include "api/proof.h"
#include "api/tuning.h"
#include "base/coding.h"

namespace quire::api {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// "https://host:port", as the request's own pages would name themselves, at the start of an Origin or
// Referer.
bool is_own_origin(std::string_view origin, const net::RequestHead& request) {
  const std::string_view scheme = request.secure ? "https://" : "http://";
  if (!same_ignoring_case(origin.substr(0, scheme.size()), scheme)) return false;
  origin.remove_prefix(scheme.size());
  return same_ignoring_case(origin.substr(0, origin.find('/')), request.field("Host"));
}

bool is_json(std::string_view type) { return same_media_type(type, "application/json"); }
bool is_lines(std::string_view type) { return same_media_type(type, "application/x-ndjson"); }

// What a browser sends for a page of another site without asking first is no JSON, unless the request shows
// what no page can make a browser add. Before a PUT it asks, whatever its type, which then says nothing.
bool is_couch_json(const net::RequestHead& request, std::string_view type) {
  if (is_json(type) || request.method == net::Method::put) return true;
  if (!type.empty() && !same_media_type(type, "text/plain")) return false;
  const Proof::Kind proof = Proof::of(request).kind;
  return proof == Proof::Kind::token || proof == Proof::Kind::password;
}
bool is_multipart(std::string_view type) { return same_media_type(type, "multipart/related"); }
bool is_form(std::string_view type) { return same_media_type(type, "application/x-www-form-urlencoded"); }

}  // namespace

bool same_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Status admit(const Route& route, const engine::Caller& caller) {
  if (route.who == Who::anybody || route.who == Who::granted) return ok();
  if (caller.kind() == engine::Caller::Kind::anonymous) {
    return Error(ErrorCode::unauthenticated, "this needs an identity: Authorization: Bearer KEY");
  }
  if (route.who == Who::known || caller.administers()) return ok();
  return Error(ErrorCode::forbidden, "only an administrator may do this");
}

Status refuse_foreign_pages(const net::RequestHead& request, std::span<const std::string> origins,
                            bool by_cookie) {
  const std::string_view sender = request.field("Origin");
  if (!sender.empty() && std::find(origins.begin(), origins.end(), sender) != origins.end()) return ok();
  // Pages on other ports of one host are "same-site", and as foreign as any.
  const std::string_view site = request.field("Sec-Fetch-Site");
  if (!site.empty()) {
    if (site == "same-origin" || site == "none") return ok();
    return Error(ErrorCode::forbidden, "a page of another origin may not do this").at("Sec-Fetch-Site");
  }
  for (const std::string_view field : {"Origin", "Referer"}) {
    const std::string_view origin = request.field(field);
    if (origin.empty()) continue;
    if (is_own_origin(origin, request)) return ok();
    return Error(ErrorCode::forbidden, "a page of another origin may not do this").at(std::string(field));
  }
  if (!by_cookie) return ok();  // no browser
  return Error(ErrorCode::forbidden, "a request with a cookie says which page it comes from").at("Origin");
}

std::string_view media_type(const net::RequestHead& request) {
  const std::string_view type = request.field("Content-Type");
  return trimmed(type.substr(0, type.find(';')));
}

bool same_media_type(std::string_view left, std::string_view right) {
  return same_ignoring_case(left, right);
}

bool takes_body(const Route& route, const net::RequestHead& request) {
  const std::string_view type = media_type(request);
  switch (route.body) {
    case Body::none: return !request.has_body;
    case Body::json: return is_json(type);
    case Body::optional_json: return !request.has_body || is_json(type);
    case Body::json_or_lines: return is_json(type) || is_lines(type);
    case Body::patch:
      return is_json(type) || same_media_type(type, "application/merge-patch+json") ||
             same_media_type(type, "application/json-patch+json");
    case Body::bytes: return true;
    case Body::records: return is_json(type) || is_lines(type) || same_media_type(type, "text/csv");
    case Body::couch_json: return is_couch_json(request, type);
    case Body::couch_optional_json: return !request.has_body || is_couch_json(request, type);
    case Body::couch_document: return is_couch_json(request, type) || is_multipart(type);
    case Body::couch_login: return is_form(type) || is_couch_json(request, type);
  }
  return false;
}

namespace {
std::string_view types_of(Body body) {
  switch (body) {
    case Body::json_or_lines: return "application/json or application/x-ndjson";
    case Body::patch:
      return "application/json (update operators), application/merge-patch+json or "
             "application/json-patch+json";
    case Body::records: return "application/x-ndjson, application/json or text/csv";
    case Body::couch_document: return "application/json or multipart/related";
    case Body::couch_login: return "application/json or application/x-www-form-urlencoded";
    default: return "application/json";
  }
}
}  // namespace

Error refused_body(const Route& route, const net::RequestHead& request) {
  std::string message = "this request takes no body";
  if (route.body != Body::none) {
    const std::string_view type = request.field("Content-Type");
    message = !request.has_body ? "this request needs a body"
              : type.empty()    ? "the body says not what it is"
                                : "a body of this type is not taken here";
    message.append("; its Content-Type is to be ").append(types_of(route.body));
  }
  return Error(ErrorCode::invalid, std::move(message)).at("Content-Type");
}

std::string_view content_coding(const net::RequestHead& request) {
  const std::string_view coding = trimmed(request.field("Content-Encoding"));
  return same_ignoring_case(coding, "identity") ? std::string_view() : coding;
}

bool takes_coding(const Route& route, const net::RequestHead& request) {
  const std::string_view coding = content_coding(request);
  if (coding.empty()) return true;
  return streams_body(route, request) && Unpacker::make(coding, 0) != nullptr;
}

bool streams_body(const Route& route, const net::RequestHead& request) {
  switch (route.body) {
    case Body::bytes:
    case Body::records: return true;
    case Body::json_or_lines: return is_lines(media_type(request));
    case Body::couch_json:
    case Body::couch_optional_json:
    case Body::couch_document:
      if (!request.has_body) return false;
      if (!content_coding(request).empty()) return true;
      return !request.content_length || *request.content_length > tuning::kInlineBodyBytes ||
             is_multipart(media_type(request));
    default: return false;
  }
}

std::uint64_t streamed_limit(const Route& route, const Options& options) {
  if (route.body == Body::json_or_lines) return options.bulk_bytes;
  return route.body_limit == nullptr ? 0 : options.*(route.body_limit);
}

bool accepts_coding(const net::RequestHead& request, std::string_view coding) {
  std::string_view rest = request.field("Accept-Encoding");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::string_view weight = one.substr(std::min(one.find(';'), one.size()));
    one.remove_suffix(weight.size());
    if (!same_ignoring_case(trimmed(one), coding)) continue;
    const std::size_t equals = weight.find('=');
    const std::string_view number =
        equals == std::string_view::npos ? "1" : trimmed(weight.substr(equals + 1));
    return number.find_first_not_of("0.") != std::string_view::npos;  // a weight of 0 refuses
  }
  return false;
}

}  // namespace quire::api
