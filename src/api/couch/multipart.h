#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

// Bodies of several parts (RFC 2046), read as they arrive.
namespace quire::api::couch {

// The fields of a part's head.
class PartHead {
 public:
  // Errors: bad_request.
  static Result<PartHead> parse(std::string_view lines);
  // Empty where there is none; of several the first.
  std::string_view field(std::string_view name) const;
  // What a parameter of a field says ("filename" of Content-Disposition), without quotes.
  std::string parameter(std::string_view field, std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A parameter of a field's value: boundary of `multipart/related; boundary="x"`. Empty: none.
std::string field_parameter(std::string_view value, std::string_view name);

// Takes the parts, one after the other.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual Status begin(const PartHead& head) = 0;
  virtual Status write(std::string_view bytes) = 0;
  virtual Status end() = 0;
};

// Holds no more than a piece, a delimiter and a part's head. What stands in front of the first part and
// behind the last is left out.
class MultipartReader {
 public:
  // Errors: bad_request, for a boundary that is none.
  static Result<MultipartReader> make(std::string_view boundary, PartSink& sink);

  // Errors: bad_request, too_large (a head; too many parts), and those of the sink.
  Status feed(std::string_view piece);
  // The body is over. Errors: bad_request, where its last delimiter is missing.
  Status finish() const;

 private:
  MultipartReader(std::string delimiter, PartSink& sink) : delimiter_(std::move(delimiter)), sink_(&sink) {}
  enum class State : std::uint8_t { preamble, delimiter, head, body, epilogue };

  // False: more bytes are needed.
  Result<bool> step();
  Result<bool> step_preamble();
  Result<bool> step_delimiter();
  Result<bool> step_head();
  Result<bool> step_body();

  std::string delimiter_;  // "\r\n--BOUNDARY"
  PartSink* sink_;
  State state_ = State::preamble;
  std::string waiting_ = "\r\n";  // the first delimiter needs no line before it
  std::size_t parts_ = 0;
};

}  // namespace quire::api::couch
