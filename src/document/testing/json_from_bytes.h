#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quire::document::testing {

// Makes JSON out of arbitrary bytes, so that a property test or a fuzzer which shrinks bytes shrinks JSON.
class JsonFromBytes {
 public:
  struct Options {
    bool extended = false;     // also {"$oid": ...} and its like, all well-formed
    bool white_space = false;  // between tokens
    int depth = 4;
  };

  JsonFromBytes(std::vector<std::uint8_t> bytes, Options options)
      : bytes_(std::move(bytes)), options_(options) {}

  std::string value() { return value_of(options_.depth); }
  std::string object() { return object_of(options_.depth); }
  // One of a few short names, so that paths and members meet.
  std::string name();
  std::string number();
  // With its quotes.
  std::string string();
  // 0 to bound - 1; 0 once the bytes are used up.
  std::size_t pick(std::size_t bound);
  bool done() const { return next_ >= bytes_.size(); }

 private:
  std::string value_of(int depth);
  std::string object_of(int depth);
  std::string array_of(int depth);
  std::string extended();
  std::string digits(std::size_t most);
  std::string space();

  std::vector<std::uint8_t> bytes_;
  std::size_t next_ = 0;
  Options options_;
};

}  // namespace quire::document::testing
