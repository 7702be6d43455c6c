#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace quire::cli::remote {

// Puts lines together from pieces as they come. Lines are shown without their ends; empty ones are not.
class Lines {
 public:
  using Take = std::function<bool(std::string_view)>;
  explicit Lines(Take take) : take_(std::move(take)) {}

  // False once the line's taker has answered so.
  bool take(std::string_view piece) {
    for (std::size_t end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      const std::string_view part = piece.substr(0, end);
      piece.remove_prefix(end + 1);
      const bool go_on = rest_.empty() ? show(part) : show(rest_.append(part));
      rest_.clear();
      if (!go_on) return false;
    }
    rest_.append(piece);
    return true;
  }
  // Nothing is left over.
  bool empty() const { return rest_.empty(); }

 private:
  bool show(std::string_view line) { return line.empty() || take_(line); }

  const Take take_;
  std::string rest_;
};

}  // namespace quire::cli::remote
