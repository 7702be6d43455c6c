#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replication/source.h"
#include "replication/target.h"
#include "replication/types.h"

// What two Quires say to each other; docs/formats/replication.md has the bytes. Reading looks at everything,
// since it comes from outside: lists are as long as the bytes that there are, texts of documents are JSON
// objects without reserved members, generations of a path fall by one. Pure functions. Errors: invalid;
// not_implemented for another version.
namespace quire::replication {

inline constexpr std::uint8_t kExchangeVersion = 1;
inline constexpr std::string_view kExchangeType = "application/x-quire-exchange";
// The content coding of questions and of answers to who accepts it.
inline constexpr std::string_view kExchangeCoding = "zstd";

enum class ExchangeQuestion : std::uint8_t {
  open = 1,
  changes = 2,
  missing = 3,
  fetch = 4,
  write = 5,
  record = 6,
};

struct ChangesQuestion {
  SourcePosition since;
  ChangesOptions options;
};
struct FetchQuestion {
  std::uint64_t bytes = 0;
  std::vector<WantedRevisions> wanted;
};
struct RecordQuestion {
  std::string name;
  StoredCheckpoint record;
};

// What a question asks. Errors: invalid.
Result<ExchangeQuestion> question_of(std::string_view question);

std::string print_open(std::string_view checkpoint);
Result<std::string> parse_open(std::string_view question);
std::string print_opened(const Opened& opened);
Result<Opened> parse_opened(std::string_view answer);

std::string print_changes(const ChangesQuestion& question);
Result<ChangesQuestion> parse_changes_question(std::string_view question);
std::string print_page(const ChangesPage& page);
Result<ChangesPage> parse_page(std::string_view answer);

std::string print_missing(const std::vector<RevisionsOf>& documents);
Result<std::vector<RevisionsOf>> parse_missing(std::string_view question);
std::string print_missing_answer(const std::vector<MissingOf>& missing);
Result<std::vector<MissingOf>> parse_missing_answer(std::string_view answer);

std::string print_fetch(const FetchQuestion& question);
Result<FetchQuestion> parse_fetch(std::string_view question);
std::string print_fetched(const FetchedRevisions& fetched);
Result<FetchedRevisions> parse_fetched(std::string_view answer);

// Behind the question of a write, which says its own length, stand the bytes of all attachments that it
// names.
std::string print_write(const std::vector<const TravellingRevision*>& revisions);
Result<std::vector<TravellingRevision>> parse_write(std::string_view question);
std::string print_written(const WrittenRevisions& written);
Result<WrittenRevisions> parse_written_answer(std::string_view answer);

// How many bytes of a request's body are its question, by its first ones; none: they are too few to say. Of
// all but a write that is everything.
std::optional<std::uint64_t> question_size(std::string_view first);
inline constexpr std::uint64_t kWholeBody = ~std::uint64_t{0};

std::string print_record(const RecordQuestion& question);
Result<RecordQuestion> parse_record(std::string_view question);
std::string print_recorded(std::string_view revision);
Result<std::string> parse_recorded(std::string_view answer);

// Puts a question or an answer into the coding. False where that would save nothing: it is as it was.
bool pack(std::string& message);

}  // namespace quire::replication
