#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace quire::net {

// Takes the chunks off a body, as it arrives, byte for byte strict; its extensions and trailers are checked
// and dropped. Holds no bytes itself.
class ChunkedDecoder {
 public:
  struct Piece {
    std::size_t used = 0;   // so many bytes of the input are done with
    std::string_view data;  // of the body; shows the input
  };

  // Takes as much of the input as gives one piece: call it until it used nothing, or done() is true. Errors:
  // invalid (not chunks), too_large (extensions or trailers over their bounds).
  Result<Piece> decode(std::string_view input);
  // The last chunk and its trailers were read; what follows is none of the body's.
  bool done() const { return state_ == State::done; }
  // What the chunk that has begun still owes.
  std::uint64_t owed() const { return state_ == State::data ? size_ : 0; }

 private:
  enum class State : std::uint8_t {
    size,       // digits
    extension,  // behind them, up to the CR
    size_lf,    // the LF that ends the size
    data,       // of a chunk
    data_cr,    // the line end behind the data
    data_lf,
    trailer,     // at the beginning of a trailer's line
    field_name,  // within one
    field_value,
    trailer_lf,  // the LF that ends a trailer
    final_lf,    // the LF that ends all
    done,
  };
  // Where in an extension: `;name`, `;name=token`, `;name="quoted"`, with white space where the RFC has it.
  enum class Extension : std::uint8_t {
    before,
    semicolon,
    name,
    after_name,
    equals,
    token,
    quoted,
    escaped,
    end
  };

  Status take(char c);
  Status take_size(char c);
  Status take_extension(char c);
  Status take_trailer(char c);
  Status end_of_size(char c);

  std::uint64_t size_ = 0;  // of the chunk; then what is left of its data
  std::size_t digits_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t all_extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  State state_ = State::size;
  Extension extension_ = Extension::before;
};

}  // namespace quire::net
