#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/arena.h"
#include "document/collation.h"
#include "document/key_encoding.h"
#include "document/path.h"

namespace quire::query {

// What documents are ordered by: {"a.b": 1, "c": -1}, the first key first. What is missing is null. Where
// paths go through an array, each of its elements is a tuple of values, as in an index (key_tuples.h), and
// the tuple that comes first counts; an array without elements stands in front of null. Documents that all
// keys find equal are in the order of their ids, so that the order is total.
//
// Never changes; every thread may use it.
class Sort {
 public:
  struct Key {
    document::Path path;
    document::Direction direction = document::Direction::ascending;
    friend bool operator==(const Key&, const Key&) = default;
  };

  // By id alone.
  Sort() = default;
  // An empty text is an empty sort. Errors: invalid, too_large; the field is the path that is at fault.
  static Result<Sort> parse(std::string_view json);

  // Strings in its order rather than by code point. Null: by code point.
  void use(std::shared_ptr<const document::Collation> collation) { collation_ = std::move(collation); }

  const std::vector<Key>& keys() const { return keys_; }
  bool empty() const { return keys_.empty(); }
  // What parse() makes an equal sort of.
  std::string print() const;

  // Appends what memcmp() orders documents by, up to their ids. `scratch` is reset. Errors: invalid (two keys
  // go through arrays side by side), corrupt.
  Status append_key(std::string_view body, std::string_view id, document::Arena& scratch,
                    std::string& out) const;
  // As append_key(), of a document that has its id among its members. Errors: invalid.
  Status append_key(const document::Value& document, std::string& out) const;

 private:
  Status append_first_tuple(const document::Value& document, std::string& out) const;

  std::vector<Key> keys_;
  std::shared_ptr<const document::Collation> collation_;
  std::vector<std::string> names_;  // the first steps, ascending, each once
  bool by_id_ = false;              // one of them is the id
};

}  // namespace quire::query
