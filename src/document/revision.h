#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace quire::document {

// A hash that came from elsewhere holds at most this many bytes.
inline constexpr std::size_t kHashTextBytes = 256;
// The highest generation that comes in: what a double still counts exactly, since clients read it as one.
// Records hold higher ones too, so that an edit of such a revision is an ordinary edit.
inline constexpr std::uint64_t kMaxGeneration = std::uint64_t{1} << 53;
inline constexpr std::uint64_t kMaxStoredGeneration = std::uint64_t{1} << 62;

// The hash part of a revision: an opaque string. Quire's own, and most others', are 32 lowercase hexadecimal
// digits and are kept as 16 bytes; any other string is kept as it came. Ordered as its text, by bytes.
// Copying never allocates.
class RevisionHash {
 public:
  RevisionHash() = default;
  static RevisionHash from_text(std::string_view text);
  static RevisionHash from_digest(std::string_view sixteen_bytes);

  std::string text() const;
  // The text without an allocation: written into `digits` where this is a digest. Valid as long as both.
  using Digits = std::array<char, 32>;
  std::string_view text_in(Digits& digits) const;
  // As docs/formats/revision.md lays it out: 0 and the sixteen bytes of a digest, or the length of the text
  // plus one as a varint and the text.
  void encode(std::string& out) const;
  // Anything but what encode() writes makes the reader bad: a text over kHashTextBytes, of malformed UTF-8,
  // or one that should have stood as a digest.
  static RevisionHash decode(ByteReader& in);
  // As decode() where the hash is not wanted; no allocation.
  static void skip(ByteReader& in);

  // Well mixed, keyed for this process (base/hash.h): for tables in memory.
  std::uint64_t table_hash() const;

  friend bool operator==(const RevisionHash& a, const RevisionHash& b);
  std::strong_ordering operator<=>(const RevisionHash& other) const;

 private:
  bool is_digest_ = false;
  std::array<char, 16> digest_{};
  std::shared_ptr<const std::string> text_;  // null for a digest, and for the empty text
};

// N-HASH: the name of an edit. Generation 0 is "no revision".
struct Revision {
  std::uint64_t generation = 0;
  RevisionHash hash;

  // "3-9f..." ; errors: invalid. Generations are 1 to 2^53, without leading zeros; the hash may be empty or
  // hold any bytes of valid UTF-8 up to 256 of them.
  static Result<Revision> parse(std::string_view text);
  // "0" for no revision, which parse() refuses.
  std::string to_string() const;
  // The generation as a varint, then the hash; the one byte 0 for no revision. Decoding makes the reader bad
  // for a generation above kMaxStoredGeneration.
  void encode(std::string& out) const;
  static Revision decode(ByteReader& in);

  explicit operator bool() const { return generation != 0; }
  friend bool operator==(const Revision&, const Revision&) = default;
  // Higher generation first decides, then the hash as ASCII text.
  std::strong_ordering operator<=>(const Revision& other) const;
};

// What an attachment adds to the revision's hash.
struct AttachmentDigest {
  std::string name;
  std::string digest;
};

// Quire's own revision: generation parent + 1, hash = 128 bits of BLAKE2b over parent, deletion flag,
// minified body and attachment digests (sorted by name), each length-prefixed; docs/formats/revision.md has
// the bytes. The same edit made on two nodes is the same revision.
Revision derive_revision(const Revision& parent, bool deleted, std::string_view body,
                         const std::vector<AttachmentDigest>& attachments);

}  // namespace quire::document
