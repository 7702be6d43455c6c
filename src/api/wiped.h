#pragma once

#include <string.h>

#include <string>
#include <string_view>
#include <utility>

namespace quire::api {

// Text in which a secret stands for a moment; overwritten when it goes. Not to be grown once the secret is in
// it: what it was moved out of would stay behind.
class WipedText {
 public:
  WipedText() = default;
  explicit WipedText(std::string text) : text_(std::move(text)) {}
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  ~WipedText() { ::explicit_bzero(text_.data(), text_.capacity()); }

  std::string& text() { return text_; }
  std::string_view view() const { return text_; }

 private:
  std::string text_;
};

}  // namespace quire::api
