#include <string>
#include <vector>

#include "base/check.h"
#include "input.h"
#include "replication/exchange_format.h"
#include "replication/peer_address.h"

// What another Quire asks and answers: whatever is read prints as what was read.

namespace {

using namespace quire;
using namespace quire::replication;

template <class T, class Print>
void check(Result<T> (*parse)(std::string_view), Print print, std::string_view text) {
  const auto once = parse(text);
  if (!once) return;
  const std::string printed = print(*once);
  const auto again = parse(printed);
  QUIRE_CHECK(again && print(*again) == printed, "what is printed is read as what it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)question_of(text);
  (void)question_size(text);
  check(
      parse_open, [](const std::string& name) { return print_open(name); }, text);
  check(parse_opened, print_opened, text);
  check(parse_changes_question, print_changes, text);
  check(parse_page, print_page, text);
  check(parse_missing, print_missing, text);
  check(parse_missing_answer, print_missing_answer, text);
  check(parse_fetch, print_fetch, text);
  check(parse_fetched, print_fetched, text);
  check(
      parse_write,
      [](const std::vector<TravellingRevision>& revisions) {
        std::vector<const TravellingRevision*> pointers;
        for (const auto& of : revisions) pointers.push_back(&of);
        return print_write(pointers);
      },
      text);
  check(parse_written_answer, print_written, text);
  check(parse_record, print_record, text);
  check(
      parse_recorded, [](const std::string& revision) { return print_recorded(revision); }, text);
  if (const auto address = PeerAddress::parse(text)) {
    QUIRE_CHECK(address->key.find('@') >= address->key.find('/', 8), "no credentials in what is shown");
  }
  return 0;
}
