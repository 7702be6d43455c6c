#include "base/coding.h"

#define ZLIB_CONST  // it reads from bytes that are const
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace quire {

namespace {

constexpr std::string_view kGzipName = "gzip";
constexpr std::string_view kZstdName = "zstd";

constexpr int kGzipAlone = 16 + MAX_WBITS;
// zlib counts in 32 bits.
constexpr std::size_t kMostAtOnce = 1 << 20;
constexpr std::size_t kPiece = 16 << 10;
// What RFC 8878 asks every decoder to take: 8 MiB.
constexpr int kZstdWindowBits = 23;
constexpr int kZstdLevel = 1;

Error malformed() { return {ErrorCode::invalid, "the packed bytes are malformed"}; }

bool same_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

class GzipUnpacker final : public Unpacker {
 public:
  explicit GzipUnpacker(std::uint64_t most) : Unpacker(most) {
    const bool begun = inflateInit2(&stream_, kGzipAlone) == Z_OK;
    QUIRE_CHECK(begun, "zlib does not begin");
  }
  ~GzipUnpacker() override { inflateEnd(&stream_); }

 private:
  Step step(std::string_view packed, std::span<char> into) override {
    const std::size_t fed = std::min(packed.size(), kMostAtOnce);
    const std::size_t room = std::min(into.size(), kMostAtOnce);
    stream_.next_in = reinterpret_cast<const Bytef*>(packed.data());
    stream_.avail_in = static_cast<uInt>(fed);
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(room);
    const int answer = inflate(&stream_, Z_NO_FLUSH);
    // Z_BUF_ERROR: nothing could be done with what there is.
    const bool well = answer == Z_OK || answer == Z_STREAM_END || answer == Z_BUF_ERROR;
    return {fed - stream_.avail_in, room - stream_.avail_out, answer == Z_STREAM_END, !well};
  }

  z_stream stream_{};
};

class ZstdUnpacker final : public Unpacker {
 public:
  explicit ZstdUnpacker(std::uint64_t most) : Unpacker(most), stream_(ZSTD_createDCtx(), ZSTD_freeDCtx) {
    QUIRE_CHECK(stream_ != nullptr, "zstd does not begin");
    const std::size_t set = ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kZstdWindowBits);
    QUIRE_CHECK(ZSTD_isError(set) == 0, "zstd takes no bound of its window");
  }

 private:
  Step step(std::string_view packed, std::span<char> into) override {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    const std::size_t answer = ZSTD_decompressStream(stream_.get(), &out, &in);
    const bool failed = ZSTD_isError(answer) != 0;
    // At the end of a frame it answers 0, also where it is asked again with nothing.
    return {in.pos, out.pos, !failed && answer == 0 && in.pos + out.pos != 0, failed};
  }

  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> stream_;
};

}  // namespace

std::unique_ptr<Unpacker> Unpacker::make(std::string_view coding, std::uint64_t most) {
  if (same_ignoring_case(coding, kGzipName)) return std::make_unique<GzipUnpacker>(most);
  if (same_ignoring_case(coding, kZstdName)) return std::make_unique<ZstdUnpacker>(most);
  return nullptr;
}

Result<std::size_t> Unpacker::unpack(std::string_view& packed, std::span<char> into) {
  while (true) {
    if (whole_) return packed.empty() ? Result<std::size_t>(0) : malformed();
    const Step step = this->step(packed, into);
    if (step.malformed) return malformed();
    packed.remove_prefix(step.taken);
    whole_ = step.whole;
    came_ += step.out;
    if (came_ > most_) return Error(ErrorCode::too_large, "unpacked it is over the limit").over(most_);
    if (step.out != 0 || packed.empty()) return step.out;
    if (step.taken == 0 && !whole_) return malformed();
  }
}

Status Unpacker::feed(std::string_view packed, const std::function<Status(std::string_view)>& sink) {
  std::array<char, kPiece> piece;
  while (true) {
    QUIRE_TRY(const std::size_t out, unpack(packed, piece));
    if (out == 0) return ok();
    QUIRE_TRY_STATUS(sink({piece.data(), out}));
  }
}

Status Unpacker::finish() const {
  if (!whole_) return malformed();
  return ok();
}

Result<std::string> unpack(std::string_view coding, std::string_view packed, std::uint64_t most) {
  const auto unpacker = Unpacker::make(coding, most);
  if (unpacker == nullptr) return Error(ErrorCode::invalid, "the content coding is not known");
  std::string text;
  QUIRE_TRY_STATUS(unpacker->feed(packed, [&](std::string_view piece) {
    text.append(piece);
    return ok();
  }));
  QUIRE_TRY_STATUS(unpacker->finish());
  return text;
}

std::string pack_zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), kZstdLevel);
  QUIRE_CHECK(ZSTD_isError(size) == 0, "zstd does not pack");
  packed.resize(size);
  return packed;
}

}  // namespace quire
