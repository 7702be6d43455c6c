#include "document/revision.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <tuple>

#include "base/check.h"
#include "base/hash.h"

// A hash has one form only: 32 lowercase hexadecimal digits are always a digest, so that equality and encoded
// bytes agree. docs/formats/revision.md lays out the encodings and what derive_revision() hashes.

namespace quire::document {

namespace {

constexpr std::size_t kDigestBytes = 16;
constexpr char kDerivationVersion = 1;

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool to_digest(std::string_view text, std::array<char, kDigestBytes>& digest) {
  if (text.size() != 2 * kDigestBytes) return false;
  for (std::size_t i = 0; i < kDigestBytes; ++i) {
    const int high = digit_value(text[2 * i]);
    const int low = digit_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = static_cast<char>(high * 16 + low);
  }
  return true;
}

// Reading past the end is how a ByteReader is made bad.
void refuse(ByteReader& in) { in.bytes(in.rest().size() + 1); }

// The text of a hash whose length plus one was read already.
std::string_view read_text(ByteReader& in, std::uint64_t size_plus_one) {
  if (size_plus_one > kHashTextBytes + 1) {
    refuse(in);
    return {};
  }
  const std::string_view text = in.bytes(static_cast<std::size_t>(size_plus_one - 1));
  std::array<char, kDigestBytes> digest;
  if (!valid_utf8(text) || to_digest(text, digest)) {
    refuse(in);
    return {};
  }
  return text;
}

}  // namespace

RevisionHash RevisionHash::from_text(std::string_view text) {
  RevisionHash hash;
  hash.is_digest_ = to_digest(text, hash.digest_);
  if (!hash.is_digest_) {
    hash.digest_ = {};
    if (!text.empty()) hash.text_ = std::make_shared<const std::string>(text);
  }
  return hash;
}

RevisionHash RevisionHash::from_digest(std::string_view sixteen_bytes) {
  QUIRE_CHECK(sixteen_bytes.size() == kDigestBytes, "a digest that is not 16 bytes");
  RevisionHash hash;
  hash.is_digest_ = true;
  std::memcpy(hash.digest_.data(), sixteen_bytes.data(), kDigestBytes);
  return hash;
}

std::string_view RevisionHash::text_in(Digits& digits) const {
  static constexpr char kDigits[] = "0123456789abcdef";
  if (!is_digest_) return text_ ? std::string_view(*text_) : std::string_view();
  for (std::size_t i = 0; i < kDigestBytes; ++i) {
    const auto byte = static_cast<unsigned char>(digest_[i]);
    digits[2 * i] = kDigits[byte >> 4];
    digits[2 * i + 1] = kDigits[byte & 15];
  }
  return {digits.data(), digits.size()};
}

std::string RevisionHash::text() const {
  Digits digits;
  return std::string(text_in(digits));
}

void RevisionHash::encode(std::string& out) const {
  if (is_digest_) {
    out.push_back(0);
    out.append(digest_.data(), digest_.size());
    return;
  }
  const std::string_view text = text_ ? std::string_view(*text_) : std::string_view();
  put_varint(out, text.size() + 1);
  out.append(text);
}

RevisionHash RevisionHash::decode(ByteReader& in) {
  const std::uint64_t form = in.varint();
  if (form != 0) return from_text(read_text(in, form));
  const std::string_view digest = in.bytes(kDigestBytes);
  return in.ok() ? from_digest(digest) : RevisionHash();
}

void RevisionHash::skip(ByteReader& in) {
  const std::uint64_t form = in.varint();
  if (form == 0) {
    in.bytes(kDigestBytes);
  } else {
    read_text(in, form);
  }
}

std::uint64_t RevisionHash::table_hash() const {
  if (!is_digest_) return quire::table_hash(text_ ? std::string_view(*text_) : std::string_view());
  return quire::table_hash(load_u64(digest_.data()) ^ quire::table_hash(load_u64(digest_.data() + 8)));
}

bool operator==(const RevisionHash& a, const RevisionHash& b) {
  if (a.is_digest_ != b.is_digest_) return false;
  if (a.is_digest_) return a.digest_ == b.digest_;
  if (a.text_ == b.text_) return true;
  return a.text_ && b.text_ && *a.text_ == *b.text_;
}

std::strong_ordering RevisionHash::operator<=>(const RevisionHash& other) const {
  if (is_digest_ && other.is_digest_) {
    return std::memcmp(digest_.data(), other.digest_.data(), kDigestBytes) <=> 0;
  }
  Digits mine;
  Digits others;
  return text_in(mine).compare(other.text_in(others)) <=> 0;
}

Result<Revision> Revision::parse(std::string_view text) {
  const auto malformed = [](const char* why) { return Error(ErrorCode::invalid, why).at("_rev"); };
  Revision revision;
  const char* const end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, revision.generation);
  if (failed != std::errc() || rest == end || *rest != '-') return malformed("a revision is N-HASH");
  if (text.front() == '0' || revision.generation > kMaxGeneration) {
    return malformed("a revision's generation is 1 to 2^53, without leading zeros");
  }
  const std::string_view hash(rest + 1, static_cast<std::size_t>(end - rest - 1));
  if (hash.size() > kHashTextBytes) return malformed("a revision's hash is over 256 bytes");
  if (!valid_utf8(hash)) return malformed("a revision's hash is not UTF-8");
  revision.hash = RevisionHash::from_text(hash);
  return revision;
}

std::string Revision::to_string() const {
  if (generation == 0) return "0";
  RevisionHash::Digits digits;
  std::string out = std::to_string(generation);
  out.push_back('-');
  out.append(hash.text_in(digits));
  return out;
}

void Revision::encode(std::string& out) const {
  put_varint(out, generation);
  if (generation != 0) hash.encode(out);
}

Revision Revision::decode(ByteReader& in) {
  Revision revision;
  revision.generation = in.varint();
  if (revision.generation > kMaxStoredGeneration) refuse(in);
  if (revision.generation != 0) revision.hash = RevisionHash::decode(in);
  return in.ok() ? revision : Revision();
}

std::strong_ordering Revision::operator<=>(const Revision& other) const {
  if (generation != other.generation) return generation <=> other.generation;
  return hash <=> other.hash;
}

namespace {

// Feeds length-prefixed parts. The lengths are eight bytes each.
class PartHasher {
 public:
  void flags(bool deleted) {
    const char head[2] = {kDerivationVersion, static_cast<char>(deleted ? 1 : 0)};
    blake_.update({head, sizeof head});
  }
  void length(std::size_t size) {
    char bytes[8];
    store_u64(bytes, size);
    blake_.update({bytes, sizeof bytes});
  }
  void bytes(std::string_view text) { blake_.update(text); }
  void part(std::string_view text) {
    length(text.size());
    bytes(text);
  }
  RevisionHash finish() {
    char digest[kDigestBytes];
    blake_.finish(digest);
    return RevisionHash::from_digest({digest, sizeof digest});
  }

 private:
  Blake2b blake_{kDigestBytes};
};

std::vector<const AttachmentDigest*> sorted(const std::vector<AttachmentDigest>& attachments) {
  std::vector<const AttachmentDigest*> order;
  order.reserve(attachments.size());
  for (const AttachmentDigest& attachment : attachments) order.push_back(&attachment);
  std::sort(order.begin(), order.end(), [](const AttachmentDigest* a, const AttachmentDigest* b) {
    return std::tie(a->name, a->digest) < std::tie(b->name, b->digest);
  });
  return order;
}

}  // namespace

Revision derive_revision(const Revision& parent, bool deleted, std::string_view body,
                         const std::vector<AttachmentDigest>& attachments) {
  QUIRE_CHECK(parent.generation < kMaxStoredGeneration, "a revision past the last generation");
  PartHasher hasher;
  hasher.flags(deleted);
  if (parent) {
    // The parent's text, as to_string() has it, without building it.
    char generation[21];
    char* const end = std::to_chars(generation, generation + 20, parent.generation).ptr;
    *end = '-';
    const std::string_view number(generation, static_cast<std::size_t>(end + 1 - generation));
    RevisionHash::Digits digits;
    const std::string_view hash = parent.hash.text_in(digits);
    hasher.length(number.size() + hash.size());
    hasher.bytes(number);
    hasher.bytes(hash);
  } else {
    hasher.length(0);
  }
  hasher.part(body);
  if (!attachments.empty()) {
    for (const AttachmentDigest* attachment : sorted(attachments)) {
      hasher.part(attachment->name);
      hasher.part(attachment->digest);
    }
  }
  return {parent.generation + 1, hasher.finish()};
}

}  // namespace quire::document
