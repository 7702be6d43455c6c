#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace quire::document {

// The hash part of a revision: an opaque string. Quire's own, and most others', are 32 lowercase hexadecimal digits
// and are kept as 16 bytes; any other string is kept as it came. Ordered as its text, by bytes.
class RevisionHash {
 public:
  RevisionHash() = default;
  static RevisionHash from_text(std::string_view text);
  static RevisionHash from_digest(std::string_view sixteen_bytes);

  std::string text() const;
  // As docs/formats/revision.md lays it out: 0 and the sixteen bytes of a digest, or the length of the text
  // plus one as a varint and the text.
  void encode(std::string& out) const;
  static RevisionHash decode(ByteReader& in);

  friend bool operator==(const RevisionHash&, const RevisionHash&) = default;
  std::strong_ordering operator<=>(const RevisionHash& other) const;

 private:
  bool digest_ = false;   // bytes_ holds 16 bytes of a digest, else the text itself
  std::string bytes_;
};

// N-HASH: the name of an edit. Generation 0 is "no revision".
struct Revision {
  std::uint64_t generation = 0;
  RevisionHash hash;

  // "3-9f..." ; errors: invalid. Generations are 1 to 2^53, without leading zeros; the hash may be empty or hold any bytes
  // of valid UTF-8 up to 256 of them.
  static Result<Revision> parse(std::string_view text);
  std::string to_string() const;
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

// Quire's own revision: generation parent + 1, hash = 128 bits of BLAKE2b over parent, deletion flag, minified body
// and attachment digests (sorted by name), each length-prefixed; docs/formats/revision.md has the bytes. The same edit
// made on two nodes is the same revision.
Revision derive_revision(const Revision& parent, bool deleted, std::string_view body,
                         const std::vector<AttachmentDigest>& attachments);

}  // namespace quire::document
