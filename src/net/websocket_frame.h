#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// Frames, as bytes: RFC 6455, section 5. Pure; knows neither messages nor sockets.
namespace quire::net {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

constexpr bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

inline constexpr std::size_t kMostControlBytes = 125;
inline constexpr std::size_t kMostFrameHead = 14;

using MaskingKey = std::array<char, 4>;

// The head of a frame that is sent.
class FrameHead {
 public:
  FrameHead(Opcode opcode, std::uint64_t payload_bytes, bool final = true, const MaskingKey* key = nullptr);
  std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kMostFrameHead> bytes_{};
  std::size_t size_ = 0;
};

// Puts the mask on the bytes, or takes it off. `offset`: of the first of them in its payload.
void mask(std::span<char> bytes, const MaskingKey& key, std::uint64_t offset);

// Takes frames out of bytes that arrive bit by bit. Strict: reserved bits and opcodes, a mask that is missing
// or not due, lengths written longer than they need be, and control frames that are large or in fragments are
// refused as soon as they show.
class FrameReader {
 public:
  enum class From : std::uint8_t { client, server };  // clients mask what they send
  explicit FrameReader(From from) : from_(from) {}

  enum class Step : std::uint8_t {
    more,    // all was used, and more is needed
    head,    // a frame has begun: opcode(), final() and length() are its own
    data,    // a piece of its payload
    end,     // of the frame
    broken,  // problem() says why; from here on nothing is read
  };
  // Uses up the front of `input`. Only a piece of payload is shown: `data`, unmasked where it stands.
  Step take(std::span<char>& input, std::span<char>& data);

  Opcode opcode() const { return opcode_; }
  bool final() const { return final_; }
  std::uint64_t length() const { return length_; }
  // So much of the payload is still to come.
  std::uint64_t left() const { return length_ - taken_; }
  const char* problem() const { return problem_; }

 private:
  enum class State : std::uint8_t { head, payload, broken };

  bool fill_head(std::span<char>& input);
  std::size_t head_size() const;
  const char* check_first_bytes() const;
  const char* read_head();

  const From from_;
  State state_ = State::head;
  std::array<char, kMostFrameHead> head_{};
  std::size_t head_bytes_ = 0;  // of head_ that are there
  Opcode opcode_ = Opcode::continuation;
  bool final_ = false;
  MaskingKey key_{};
  std::uint64_t length_ = 0;
  std::uint64_t taken_ = 0;
  const char* problem_ = nullptr;
};

}  // namespace quire::net
