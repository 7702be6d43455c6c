#include "base/gunzip.h"

#define ZLIB_CONST  // it reads from bytes that are const
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace quire {

namespace {

constexpr int kGzipAlone = 16 + MAX_WBITS;
// zlib counts in 32 bits.
constexpr std::size_t kMostFed = 1 << 20;
constexpr std::size_t kPiece = 16 << 10;

Error malformed() { return {ErrorCode::invalid, "malformed gzip"}; }

}  // namespace

struct Gunzip::State {
  State() {
    const bool begun = inflateInit2(&stream, kGzipAlone) == Z_OK;
    QUIRE_CHECK(begun, "zlib does not begin");
  }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  z_stream stream{};
};

Gunzip::Gunzip(std::uint64_t most) : state_(std::make_unique<State>()), most_(most) {}
Gunzip::~Gunzip() = default;

Status Gunzip::feed(std::string_view packed, const std::function<Status(std::string_view)>& sink) {
  z_stream& stream = state_->stream;
  std::array<char, kPiece> piece;
  bool filled = false;
  while (!packed.empty() || (filled && !whole_)) {
    if (whole_) return malformed();
    const std::size_t fed = std::min(packed.size(), kMostFed);
    stream.next_in = reinterpret_cast<const Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(fed);
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int answer = inflate(&stream, Z_NO_FLUSH);
    // Z_BUF_ERROR: the last piece ended where what was fed did.
    if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR) return malformed();
    whole_ = answer == Z_STREAM_END;
    filled = stream.avail_out == 0;
    packed.remove_prefix(fed - stream.avail_in);
    const std::size_t out = piece.size() - stream.avail_out;
    came_ += out;
    if (came_ > most_) return Error(ErrorCode::too_large, "unpacked it is over the limit").over(most_);
    if (out != 0) QUIRE_TRY_STATUS(sink({piece.data(), out}));
  }
  return ok();
}

Status Gunzip::finish() const {
  if (!whole_) return malformed();
  return ok();
}

}  // namespace quire
