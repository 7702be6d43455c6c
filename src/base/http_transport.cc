#include "base/http_transport.h"

#include <algorithm>
#include <atomic>

namespace quire {

namespace {

constexpr std::size_t kAnswerPiece = 64 << 10;

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// One stream on its way into a string. A piece that came before read() returned is taken by the loop that
// asked for it, so that a long answer does not nest.
class Collector final : public std::enable_shared_from_this<Collector> {
 public:
  Collector(std::shared_ptr<ByteStream> stream, std::uint64_t most,
            std::function<void(Result<std::string>)> done)
      : stream_(std::move(stream)), most_(most), done_(std::move(done)) {}

  void go_on() {
    for (;;) {
      const auto turn = std::make_shared<Turn>();
      stream_->read(kAnswerPiece, [self = shared_from_this(), turn](Result<std::string> piece) {
        turn->piece.emplace(std::move(piece));
        if (!turn->first.exchange(true)) return;  // the loop has it
        if (self->took(std::move(*turn->piece))) self->go_on();
      });
      if (!turn->first.exchange(true)) return;  // the answer will go on
      if (!took(std::move(*turn->piece))) return;
    }
  }

 private:
  // Whoever comes second goes on: the one who asked, or the one who answers.
  struct Turn {
    std::atomic<bool> first{false};
    std::optional<Result<std::string>> piece;
  };

  bool took(Result<std::string> piece) {
    if (!piece) return end(std::move(piece).error());
    if (piece->empty()) return end(std::move(all_));
    if (all_.size() + piece->size() > most_) {
      return end(Error(ErrorCode::too_large, "an answer is longer than " + std::to_string(most_) + " bytes")
                     .over(most_));
    }
    all_.append(*piece);
    return true;
  }
  bool end(Result<std::string> result) {
    const auto done = std::move(done_);
    stream_.reset();
    done(std::move(result));
    return false;
  }

  std::shared_ptr<ByteStream> stream_;
  const std::uint64_t most_;
  std::function<void(Result<std::string>)> done_;
  std::string all_;
};

}  // namespace

std::string_view HttpAnswer::field(std::string_view name) const {
  for (const auto& [its_name, value] : fields) {
    if (same_ignoring_case(its_name, name)) return value;
  }
  return {};
}

void read_all(std::shared_ptr<ByteStream> stream, std::uint64_t most,
              std::function<void(Result<std::string>)> done) {
  std::make_shared<Collector>(std::move(stream), most, std::move(done))->go_on();
}

}  // namespace quire
