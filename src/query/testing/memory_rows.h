#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "document/filter.h"
#include "document/json.h"
#include "query/row_source.h"

// Documents in memory, for tests of what works on rows.
namespace quire::query::testing {

struct MemoryDocument {
  std::string id;
  std::string body;
};
using MemoryCollection = std::vector<MemoryDocument>;

// Documents of an array's elements or a list; the id is the member "_id", or the document's number.
inline MemoryCollection documents_of(const std::vector<std::string>& texts) {
  MemoryCollection documents;
  for (const std::string& text : texts) {
    auto split = document::split_document(text, {});
    QUIRE_CHECK(split.has_value(), "a test's document is JSON");
    std::string id = std::to_string(documents.size());
    if (!split->reserved.empty()) id = split->reserved[0].value;
    if (id.starts_with('"')) id = id.substr(1, id.size() - 2);
    documents.push_back({id, split->body});
  }
  return documents;
}

// The documents that a filter finds, in their order.
class MemoryRows final : public RowSource {
 public:
  // `documents` outlive the rows.
  explicit MemoryRows(const MemoryCollection& documents, document::Filter filter = {})
      : documents_(documents), filter_(std::move(filter)) {}
  Result<bool> next(Row& row) override {
    while (next_ < documents_.size()) {
      const MemoryDocument& document = documents_[next_++];
      QUIRE_TRY(const bool found, filter_.matches_text(document.body, document.id, scratch_));
      if (!found) continue;
      row = {document.id, document.body};
      return true;
    }
    return false;
  }

 private:
  const MemoryCollection& documents_;
  const document::Filter filter_;
  document::Arena scratch_;
  std::size_t next_ = 0;
};

class MemorySources final : public RowSources {
 public:
  explicit MemorySources(const std::map<std::string, MemoryCollection>& collections)
      : collections_(collections) {}
  Result<std::unique_ptr<RowSource>> open(std::string_view collection,
                                          const document::Filter& filter) override {
    ++opened;
    static const MemoryCollection kNone;
    const auto known = collections_.find(std::string(collection));
    const MemoryCollection& documents = known == collections_.end() ? kNone : known->second;
    return std::unique_ptr<RowSource>(new MemoryRows(documents, filter));
  }
  std::size_t opened = 0;

 private:
  const std::map<std::string, MemoryCollection>& collections_;
};

}  // namespace quire::query::testing
