#pragma once

#include <string>
#include <string_view>

namespace quire {

// A password, key or token. It has no print operator, is no LogField and is never converted by itself, so
// that it cannot reach a log or a message unless somebody writes reveal(); its bytes are overwritten when it
// goes. A value that is moved, not copied.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : text_(text) {}
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  // Takes the same time wherever the first difference is; only the length shows.
  bool equals(std::string_view text) const;

 private:
  void wipe();

  std::string text_;
};

}  // namespace quire
