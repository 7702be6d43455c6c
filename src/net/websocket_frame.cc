#include "net/websocket_frame.h"

#include <algorithm>
#include <cstring>

namespace quire::net {

namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kOpcode = 0x0F;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength = 0x7F;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;
constexpr std::size_t kFirstBytes = 2;

std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

std::size_t length_bytes(std::uint8_t length) {
  return length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
}

}  // namespace

FrameHead::FrameHead(Opcode opcode, std::uint64_t payload_bytes, bool final, const MaskingKey* key) {
  const auto add = [this](std::uint64_t value) { bytes_[size_++] = static_cast<char>(value & 0xFF); };
  const unsigned masked = key != nullptr ? kMasked : 0;
  add(static_cast<unsigned>(opcode) | (final ? kFinal : 0U));
  if (payload_bytes < kLength16) {
    add(masked | payload_bytes);
  } else {
    const bool wide = payload_bytes > UINT16_MAX;
    add(masked | (wide ? kLength64 : kLength16));
    for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) add(payload_bytes >> shift);
  }
  if (key == nullptr) return;
  std::copy(key->begin(), key->end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += key->size();
}

void mask(std::span<char> bytes, const MaskingKey& key, std::uint64_t offset) {
  std::array<char, 8> pattern;
  for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = key[(offset + i) % key.size()];
  std::uint64_t wide_pattern = 0;
  std::memcpy(&wide_pattern, pattern.data(), sizeof wide_pattern);
  std::size_t i = 0;
  for (; i + sizeof wide_pattern <= bytes.size(); i += sizeof wide_pattern) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word ^= wide_pattern;
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
  for (; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ pattern[i % pattern.size()]);
}

FrameReader::Step FrameReader::take(std::span<char>& input, std::span<char>& data) {
  if (state_ == State::broken) return Step::broken;
  if (state_ == State::head) {
    if (!fill_head(input)) return problem_ != nullptr ? Step::broken : Step::more;
    state_ = State::payload;
    return Step::head;
  }
  if (taken_ == length_) {
    state_ = State::head;
    head_bytes_ = 0;
    return Step::end;
  }
  if (input.empty()) return Step::more;
  data = input.first(static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), left())));
  input = input.subspan(data.size());
  if (from_ == From::client) mask(data, key_, taken_);
  taken_ += data.size();
  return Step::data;
}

// True once the head is whole and good.
bool FrameReader::fill_head(std::span<char>& input) {
  while (!input.empty()) {
    const std::size_t wanted = head_bytes_ < kFirstBytes ? kFirstBytes : head_size();
    const std::size_t count = std::min(wanted - head_bytes_, input.size());
    std::copy_n(input.begin(), count, head_.begin() + static_cast<std::ptrdiff_t>(head_bytes_));
    head_bytes_ += count;
    input = input.subspan(count);
    if (head_bytes_ < wanted) break;
    if (wanted == kFirstBytes) problem_ = check_first_bytes();
    if (problem_ == nullptr && head_bytes_ == head_size()) {
      problem_ = read_head();
      if (problem_ == nullptr) return true;
    }
    if (problem_ == nullptr) continue;
    state_ = State::broken;
    return false;
  }
  return false;
}

std::size_t FrameReader::head_size() const {
  const std::uint8_t second = byte(head_[1]);
  return kFirstBytes + length_bytes(second & kLength) + ((second & kMasked) != 0 ? key_.size() : 0);
}

const char* FrameReader::check_first_bytes() const {
  const std::uint8_t first = byte(head_[0]);
  const std::uint8_t second = byte(head_[1]);
  if ((first & kReserved) != 0) return "a reserved bit is set";
  if (!is_known(first & kOpcode)) return "the opcode is not known";
  const bool masked = (second & kMasked) != 0;
  if (masked != (from_ == From::client))
    return masked ? "a server's frame is masked" : "the frame is not masked";
  if (!is_control(Opcode(first & kOpcode))) return nullptr;
  if ((first & kFinal) == 0) return "a control frame is in fragments";
  if ((second & kLength) > kMostControlBytes) return "a control frame is longer than 125 bytes";
  return nullptr;
}

const char* FrameReader::read_head() {
  opcode_ = Opcode(byte(head_[0]) & kOpcode);
  final_ = (byte(head_[0]) & kFinal) != 0;
  length_ = byte(head_[1]) & kLength;
  taken_ = 0;
  const std::size_t count = length_bytes(static_cast<std::uint8_t>(length_));
  if (count > 0) {
    const std::uint64_t least = count == 2 ? std::uint64_t{kLength16} : std::uint64_t{UINT16_MAX} + 1;
    length_ = 0;
    for (std::size_t i = 0; i < count; ++i) length_ = length_ << 8 | byte(head_[kFirstBytes + i]);
    if (length_ < least) return "a length is written longer than it need be";
    if (length_ > INT64_MAX) return "the length has its highest bit set";
  }
  if (from_ == From::client) {
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(kFirstBytes + count), key_.size(), key_.begin());
  }
  return nullptr;
}

}  // namespace quire::net
