#include <string>

#include "base/check.h"
#include "document/json.h"
#include "input.h"
#include "query/value_index.h"

// A definition of an index and a document: the definition prints as one that prints the same; what is stored
// of it makes the same index; and that index gives the document keys of bounded size, the same each time, or
// a reason.

namespace {

using namespace quire;

void check_keys(const query::ValueIndex& index, std::string_view body) {
  database::IndexKeys found;
  database::IndexKeys again;
  const Status keyed = index.keys_of("5f1e2d3c4b5a697887960504", body, found);
  const Status repeated = index.keys_of("5f1e2d3c4b5a697887960504", body, again);
  QUIRE_CHECK(keyed.has_value() == repeated.has_value(), "a document is refused once and taken once");
  if (!keyed) {
    QUIRE_CHECK(!keyed.error().field().empty(), "a refusal that names no path");
    return;
  }
  QUIRE_CHECK(found.keys == again.keys && found.multikey == again.multikey, "a document's keys change");
  for (const std::string& key : found.keys) {
    QUIRE_CHECK(!key.empty() && key.size() <= 8192, "a key of a size that it should not have");
    (void)index.due_at(key);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto definition = query::IndexDefinition::parse("name", input.part());
  if (!definition) return 0;
  const std::string printed = definition->print();
  const auto back = query::IndexDefinition::parse("name", printed);
  QUIRE_CHECK(back.has_value() && back->print() == printed, "a printed definition is another one");
  const auto hook = query::ValueIndexes().make(query::ValueIndexes::store(*definition));
  QUIRE_CHECK(hook.has_value(), "a stored definition makes no index");
  const auto document = document::split_document(input.rest(), {});
  if (!document) return 0;
  check_keys(static_cast<const query::ValueIndex&>(**hook), document->body);
  return 0;
}
