#include <algorithm>

#include "api/actions/request.h"

// A body may be long and nobody known who sent it: then this is all that is made of it. What it finds is not
// believed, only looked up; whoever is known by it gets the body parsed, which checks everything.

namespace quire::api::actions {

namespace {

class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  Glance run() {
    while (at_ < text_.size()) step();
    return found_;
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '"') return take_string();
    ++at_;
    if (c == '{' || c == '[') {
      if (depth_ == 1) payload_ = top_ == "payload" || top_ == "apiKey";
      ++depth_;
      name_follows_ = c == '{';
    } else if (c == '}' || c == ']') {
      if (depth_ > 0) --depth_;
    } else if (c == ',') {
      if (depth_ == 2) end_member();
      name_follows_ = true;
    }
    if (depth_ == 1 && c != ',') end_member();
  }

  void take_string() {
    const std::size_t begin = ++at_;
    bool escaped = false;
    while (at_ < text_.size() && text_[at_] != '"') {
      escaped |= text_[at_] == '\\';
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_, text_.size());
    const std::string_view inside = text_.substr(begin, at_ - begin);
    if (at_ < text_.size()) ++at_;
    if (depth_ > 2 || depth_ == 0) return;
    if (name_follows_) {
      name_follows_ = false;
      if (depth_ == 1) top_ = inside;
      if (depth_ == 2) {
        member_ = inside;
        member_begin_ = at_;
      }
      return;
    }
    const bool key = member_ == "apiKey" || member_ == "APIkey";
    if (depth_ == 2 && payload_ && key && !escaped && found_.key.empty()) found_.key = inside;
  }

  // A member of the payload ends here.
  void end_member() {
    if (payload_ && !member_.empty() && at_ - member_begin_ > longest_) {
      longest_ = at_ - member_begin_;
      found_.longest = member_;
    }
    member_ = {};
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool name_follows_ = false;
  bool payload_ = false;          // within it
  std::string_view top_;          // the member of the body that we are in
  std::string_view member_;       // the member of the payload that we are in,
  std::size_t member_begin_ = 0;  // and where its value begins
  std::size_t longest_ = 0;
  Glance found_;
};

}  // namespace

Glance glance_at(std::string_view body) { return Walk(body).run(); }

}  // namespace quire::api::actions
