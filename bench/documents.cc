#include "documents.h"

#include <fmt/format.h>

namespace quire::bench {

namespace {
constexpr std::size_t kWords = 8000;
constexpr std::size_t kDraws = 1 << 16;

// SplitMix64 (Steele, Lea, Flood 2014): a good stream from any seed.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};
}  // namespace

DocumentMaker::DocumentMaker(std::size_t bytes) : bytes_(bytes) {
  Stream random(7);
  for (std::size_t i = 0; i < kWords; ++i) {
    std::string word;
    const std::size_t length = 3 + random.next() % 8;
    for (std::size_t c = 0; c < length; ++c) word.push_back(static_cast<char>('a' + random.next() % 26));
    words_.push_back(std::move(word));
  }
  double total = 0;
  for (std::size_t i = 0; i < kWords; ++i) total += 1.0 / static_cast<double>(i + 1);
  for (std::size_t i = 0; i < kWords; ++i) {
    const auto times = static_cast<std::size_t>(kDraws / total / static_cast<double>(i + 1)) + 1;
    for (std::size_t n = 0; n < times; ++n) zipf_.push_back(static_cast<std::uint16_t>(i));
  }
}

std::string DocumentMaker::make(std::uint64_t number) const {
  Stream random(number);
  std::string text = fmt::format(
      R"({{"station":{},"name":"{}-{}","celsius":{:.2f},"ok":{},"place":{{"country":"{}","position":[{:.5f},{:.5f}]}},"text":")",
      random.next() % 5000, words_[random.next() % kWords], random.next() % 100000,
      static_cast<double>(random.next() % 6000) / 100 - 20, random.next() % 2 == 0 ? "true" : "false",
      words_[random.next() % 200], static_cast<double>(random.next() % 18000000) / 100000,
      static_cast<double>(random.next() % 18000000) / 100000);
  while (text.size() + 14 < bytes_) {
    text += words_[zipf_[random.next() % zipf_.size()]];
    text.push_back(' ');
  }
  text.append(bytes_ > text.size() + 2 ? bytes_ - text.size() - 2 : 0, 'x');
  return text += "\"}";
}

std::string DocumentMaker::id(std::uint64_t number) {
  return fmt::format("{:024x}", 0x6740000000000000ULL + number);
}

}  // namespace quire::bench
