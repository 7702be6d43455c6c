#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace quire {

// The one list of what can go wrong. Every layer uses it; a surface maps each code once to its own
// status and words. The comment says when a code is used, and whether the same call may succeed later.
enum class ErrorCode : std::uint8_t {
  not_found,        // the thing named does not exist (or was deleted)
  conflict,         // the revision given is not a leaf, or a unique key is taken
  exists,           // the thing to be created is there already
  precondition,     // a condition the caller set does not hold
  invalid,          // the input is malformed; `field` names where
  unauthenticated,  // no identity, or one that does not prove itself
  forbidden,        // a known identity without the right
  locked,           // reserved by another client; retry after its end
  too_large,        // over a limit; `limit` is its value
  exhausted,        // a queue or quota is full; retry later
  unavailable,      // closed, closing or not reachable; retry later
  deadline,         // the caller's deadline passed before the work was done
  cancelled,        // the caller gave the call up
  history_lost,     // a position older than what the history still holds
  corrupt,          // stored bytes fail their checksum or format; never retried
  read_only,        // the shard stopped taking writes (damage, failed fsync, missing index maker)
  io,               // the operating system or the storage engine failed
  not_implemented,  // understood, and not offered
  internal,         // a defect of ours
};

// The code's name as it stands in the enumeration ("not_found").
std::string_view name(ErrorCode code);

// An error for a person: what happened, where, and against which limit. Cheap to move.
// Messages name ids, fields, limits and paths; they never contain document bodies.
class Error {
 public:
  // boost::system::result asks for one to hand out where there is no error.
  Error() : code_(ErrorCode::internal) {}
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  // The path of the input that is at fault, or empty.
  const std::string& field() const { return field_; }
  // The limit that was passed, or 0.
  std::uint64_t limit() const { return limit_; }

  Error&& at(std::string field) && {
    field_ = std::move(field);
    return std::move(*this);
  }
  Error&& over(std::uint64_t limit) && {
    limit_ = limit;
    return std::move(*this);
  }

  // The same call may succeed after this; 0: nobody knows.
  std::uint64_t retry_after_ms() const { return retry_after_ms_; }
  Error&& after(std::uint64_t milliseconds) && {
    retry_after_ms_ = milliseconds;
    return std::move(*this);
  }

  // More about it, for surfaces that have a place for it: the members of a JSON object, without its braces
  // ("\"violations\":[...]"). Like the message it holds ids, paths and numbers only. Empty: none.
  std::string_view detail() const { return detail_ ? std::string_view(*detail_) : std::string_view(); }
  Error&& with(std::string detail) && {
    detail_ = std::make_shared<const std::string>(std::move(detail));
    return std::move(*this);
  }
  // With the detail of another, if it has one.
  Error&& with_detail_of(const Error& other) && {
    detail_ = other.detail_;
    return std::move(*this);
  }

  // "invalid: documents.json line 3: ...": the name of the code, then field and message.
  std::string to_string() const;

  friend bool operator==(const Error& a, const Error& b) {
    return a.code_ == b.code_ && a.message_ == b.message_ && a.field_ == b.field_ && a.limit_ == b.limit_ &&
           a.retry_after_ms_ == b.retry_after_ms_ && a.detail() == b.detail();
  }

 private:
  ErrorCode code_;
  std::string message_;
  std::string field_;
  std::uint64_t limit_ = 0;
  std::uint64_t retry_after_ms_ = 0;
  std::shared_ptr<const std::string> detail_;
};

}  // namespace quire
