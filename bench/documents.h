#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace quire::bench {

// Makes documents of about `bytes` of JSON: a station's report with numbers, flags, a nested place and a text
// of words whose frequencies follow Zipf's law. The same number always gives the same document.
class DocumentMaker {
 public:
  explicit DocumentMaker(std::size_t bytes = 1024);
  std::string make(std::uint64_t number) const;
  // An id as the server would make it: 24 hexadecimal digits that rise with the number.
  static std::string id(std::uint64_t number);

 private:
  std::size_t bytes_;
  std::vector<std::string> words_;
  std::vector<std::uint16_t> zipf_;  // word numbers, as often as their frequency
};

}  // namespace quire::bench
