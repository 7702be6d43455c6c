#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/couch/couch_call.h"
#include "api/couch/document_out.h"

namespace quire::api::couch {

// Values of other types stand in front of all ids, or behind.
struct ListKey {
  std::string id;
  enum class Kind : std::uint8_t { id, lowest, highest } kind = Kind::id;
};

// What is asked of a list of documents by id.
struct ListRequest {
  // Of the parameters and, of a POST, the body. Errors: bad_request, query_parse_error, too_large.
  static Result<ListRequest> parse(CouchCall& call);

  // Whether the id is between the bounds.
  bool holds(std::string_view id) const;

  std::optional<ListKey> from;  // in the order of ids
  std::optional<ListKey> to;
  bool from_itself = true;
  bool to_itself = true;
  bool descending = false;
  std::uint64_t skip = 0;
  std::uint64_t limit = ~std::uint64_t{0};
  std::optional<std::vector<ListKey>> keys;  // in the order in which their rows are printed
  bool documents = false;
  bool update_sequence = false;
  DocumentMembers members;
};

// Which rows of a list are printed: as many as are asked for, behind those that are skipped.
class RowWindow {
 public:
  explicit RowWindow(const ListRequest& request) : skip_(request.skip), left_(request.limit) {}

  // Whether the next row is printed.
  bool take() {
    if (left_ == 0) return false;
    if (skip_ == 0) return left_-- != 0;
    --skip_;
    return false;
  }
  // No row after this is printed.
  bool full() const { return left_ == 0; }

 private:
  std::uint64_t skip_;
  std::uint64_t left_;
};

}  // namespace quire::api::couch
