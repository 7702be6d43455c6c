#include "base/secret.h"

#include "base/sodium.h"

namespace quire {

// A short string lives inside the object and is copied even by a move, so that the source is wiped, not only
// emptied.
Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = std::move(other.text_);
  other.wipe();
  return *this;
}

bool Secret::equals(std::string_view text) const {
  return text.size() == text_.size() && sodium_memcmp(text.data(), text_.data(), text.size()) == 0;
}

// All of the capacity, not only what the string says it holds: after a move the old bytes still stand there.
void Secret::wipe() {
  text_.resize(text_.capacity());
  sodium_memzero(text_.data(), text_.size());
  text_.clear();
}

}  // namespace quire
