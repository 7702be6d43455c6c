#include "net/chunked.h"

#include <algorithm>

#include "net/text.h"
#include "net/tuning.h"

namespace quire::net {

namespace {

Error bad(const char* what) {
  return {ErrorCode::invalid, std::string("the chunked body is malformed: ") + what};
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

Error over(const char* what, std::size_t limit) {
  return Error(ErrorCode::too_large, std::string("the chunked body has ") + what + " of more than " +
                                         std::to_string(limit) + " bytes")
      .over(limit);
}

}  // namespace

Result<ChunkedDecoder::Piece> ChunkedDecoder::decode(std::string_view input) {
  Piece piece;
  while (piece.used < input.size() && !done()) {
    if (state_ == State::data) {
      const std::size_t count =
          static_cast<std::size_t>(std::min<std::uint64_t>(size_, input.size() - piece.used));
      piece.data = input.substr(piece.used, count);
      piece.used += count;
      size_ -= count;
      if (size_ == 0) state_ = State::data_cr;
      return piece;
    }
    QUIRE_TRY_STATUS(take(input[piece.used]));
    ++piece.used;
  }
  return piece;
}

Status ChunkedDecoder::take(char c) {
  switch (state_) {
    case State::size: return take_size(c);
    case State::extension: return take_extension(c);
    case State::size_lf:
      if (c != '\n') return bad("the size of a chunk does not end in CRLF");
      state_ = size_ == 0 ? State::trailer : State::data;
      return ok();
    case State::data_cr:
      if (c != '\r') return bad("a chunk is longer than it says");
      state_ = State::data_lf;
      return ok();
    case State::data_lf:
      if (c != '\n') return bad("a chunk does not end in CRLF");
      state_ = State::size;
      digits_ = 0;
      return ok();
    case State::trailer:
    case State::field_name:
    case State::field_value:
    case State::trailer_lf:
    case State::final_lf: return take_trailer(c);
    case State::data:
    case State::done: break;
  }
  return bad("its end was passed");
}

Status ChunkedDecoder::take_size(char c) {
  const int digit = hex_value(c);
  if (digit < 0) {
    if (digits_ == 0) return bad("a chunk has no size");
    state_ = State::extension;
    extension_ = Extension::before;
    extension_bytes_ = 0;
    return take_extension(c);
  }
  if (digits_ == kChunkSizeDigits) return bad("the size of a chunk has too many digits");
  size_ = digits_ == 0 ? static_cast<std::uint64_t>(digit) : size_ * 16 + static_cast<std::uint64_t>(digit);
  ++digits_;
  return ok();
}

Status ChunkedDecoder::end_of_size(char c) {
  if (c != '\r') return bad("there is something behind the size of a chunk");
  state_ = State::size_lf;
  return ok();
}

// Blanks in front of the semicolon are the RFC's "bad white space"; blanks in front of the CR are refused.
Status ChunkedDecoder::take_extension(char c) {
  if (c != '\r') {
    if (++extension_bytes_ > kChunkExtensionBytes) return over("an extension", kChunkExtensionBytes);
    if (++all_extension_bytes_ > kChunkExtensionsBytes) return over("extensions", kChunkExtensionsBytes);
  }
  switch (extension_) {
    case Extension::before:
      if (c == ';') {
        extension_ = Extension::semicolon;
      } else if (is_blank(c)) {
        extension_ = Extension::end;
      } else {
        return end_of_size(c);
      }
      return ok();
    case Extension::end:
      if (c == ';') {
        extension_ = Extension::semicolon;
      } else if (!is_blank(c)) {
        return bad("there is something behind the size of a chunk");
      }
      return ok();
    case Extension::semicolon:
      if (is_blank(c)) return ok();
      if (!is_token_char(c)) return bad("an extension has no name");
      extension_ = Extension::name;
      return ok();
    case Extension::name:
    case Extension::after_name:
      if (c == '=') {
        extension_ = Extension::equals;
      } else if (c == ';') {
        extension_ = Extension::semicolon;
      } else if (is_blank(c)) {
        extension_ = Extension::after_name;
      } else if (extension_ == Extension::after_name) {
        return bad("an extension has blanks behind its name");
      } else if (!is_token_char(c)) {
        return end_of_size(c);
      }
      return ok();
    case Extension::equals:
      if (is_blank(c)) return ok();
      if (c == '"') {
        extension_ = Extension::quoted;
      } else if (is_token_char(c)) {
        extension_ = Extension::token;
      } else {
        return bad("an extension has no value");
      }
      return ok();
    case Extension::token:
      if (is_token_char(c)) return ok();
      extension_ = Extension::before;
      --extension_bytes_;  // it is counted again
      return take_extension(c);
    case Extension::quoted:
      if (c == '"') {
        extension_ = Extension::before;
      } else if (c == '\\') {
        extension_ = Extension::escaped;
      } else if (!is_field_value({&c, 1})) {
        return bad("an extension holds a control character");
      }
      return ok();
    case Extension::escaped:
      if (!is_field_value({&c, 1})) return bad("an extension holds a control character");
      extension_ = Extension::quoted;
      return ok();
  }
  return bad("an extension");
}

Status ChunkedDecoder::take_trailer(char c) {
  if (++trailer_bytes_ > kTrailerBytes) return over("trailers", kTrailerBytes);
  switch (state_) {
    case State::trailer:
      if (c == '\r') {
        state_ = State::final_lf;
        return ok();
      }
      if (!is_token_char(c)) return bad("a trailer has no name");
      state_ = State::field_name;
      return ok();
    case State::field_name:
      if (c == ':') {
        state_ = State::field_value;
      } else if (!is_token_char(c)) {
        return bad("the name of a trailer");
      }
      return ok();
    case State::field_value:
      if (c == '\r') {
        state_ = State::trailer_lf;
      } else if (!is_field_value({&c, 1})) {
        return bad("the value of a trailer");
      }
      return ok();
    default: break;
  }
  if (c != '\n') return bad("a trailer does not end in CRLF");
  state_ = state_ == State::final_lf ? State::done : State::trailer;
  return ok();
}

}  // namespace quire::net
