#include "database/types.h"

namespace quire::database {

namespace {
constexpr std::pair<Operation, std::string_view> kOperations[] = {
    {Operation::insert, "insert"},
    {Operation::update, "update"},
    {Operation::replace, "replace"},
    {Operation::remove, "remove"},
    {Operation::conflict, "conflict"},
    {Operation::create_collection, "create_collection"},
    {Operation::drop_collection, "drop_collection"},
    {Operation::purge, "purge"}};

constexpr int kLifeBits = 16;
constexpr int kDrawnBits = 37;
}  // namespace

std::uint64_t draw_incarnation(Random& random, std::uint64_t life) {
  const std::uint64_t drawn = random.next_u64() >> (64 - kDrawnBits);
  return drawn << kLifeBits | life_of(life);
}

std::uint64_t life_of(std::uint64_t incarnation) {
  return incarnation & ((std::uint64_t{1} << kLifeBits) - 1);
}

bool means_incarnation(std::uint64_t given, std::uint64_t incarnation) {
  return given == incarnation || given == life_of(incarnation);
}

std::string_view name(Operation operation) {
  for (const auto& [known, word] : kOperations) {
    if (known == operation) return word;
  }
  return "unknown";
}

std::optional<Operation> operation_of(std::string_view name) {
  for (const auto& [operation, word] : kOperations) {
    if (word == name) return operation;
  }
  return std::nullopt;
}

std::string_view name(Durability durability) {
  switch (durability) {
    case Durability::memory: return "memory";
    case Durability::os: return "os";
    case Durability::disk: return "disk";
  }
  return "disk";
}

Error missing_stub(std::string_view id, std::string_view name) {
  return Error(ErrorCode::precondition,
               "the attachment '" + std::string(name) + "' of '" + std::string(id) +
                   "' is a stub, and the revision it refers to has none of that name")
      .at("missing_stub");
}

bool is_missing_stub(const Error& error) {
  return error.code() == ErrorCode::precondition && error.field() == "missing_stub";
}

Error fence_moved() {
  return Error(ErrorCode::locked, "the database was reserved by another while the change was prepared")
      .at("database");
}

Error collections_moved() {
  return Error(ErrorCode::conflict, "collections were made or dropped meanwhile").at("collections");
}

bool is_collections_moved(const Error& error) {
  return error.code() == ErrorCode::conflict && error.field() == "collections";
}

namespace {
constexpr std::string_view kRequestIdReused = "the request id was used for another request";
}  // namespace

Error request_id_reused() {
  return Error(ErrorCode::invalid, std::string(kRequestIdReused)).at("request_id");
}

bool is_request_id_reused(const Error& error) {
  return error.code() == ErrorCode::invalid && error.message() == kRequestIdReused;
}

Error not_in_memory() { return Error(ErrorCode::unavailable, "this is not in memory").at("memory"); }

bool needs_disk(const Error& error) {
  return error.code() == ErrorCode::unavailable && error.field() == "memory";
}

}  // namespace quire::database
