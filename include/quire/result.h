#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// What calls of the library answer. Nothing but the standard library is included here.

#if defined(__GNUC__)
#define QUIRE_API __attribute__((visibility("default")))
#else
#define QUIRE_API
#endif

// Programs see every name as quire::X. The library itself has names of its own in quire, and so keeps these
// apart.
#if defined(QUIRE_BUILDING)
#define QUIRE_NAMESPACE_BEGIN \
  namespace quire {           \
  namespace v1 {
#else
#define QUIRE_NAMESPACE_BEGIN \
  namespace quire {           \
  inline namespace v1 {
#endif
#define QUIRE_NAMESPACE_END \
  }                         \
  }

QUIRE_NAMESPACE_BEGIN

// The one list of what can go wrong.
enum class ErrorCode : std::uint8_t {
  not_found,        // the thing named does not exist, or was deleted
  conflict,         // the document has another revision now
  exists,           // the thing to be created is there already
  precondition,     // a condition that the caller set does not hold
  invalid,          // the input is malformed; field() says where
  unauthenticated,  // no identity, or one that does not prove itself
  forbidden,        // a known identity without the right
  locked,           // in use by somebody else: another process has the directory
  too_large,        // over limit()
  exhausted,        // a queue is full; try again later
  unavailable,      // closed, closing, or used in a forked child
  deadline,         // the time was over before the work was done
  cancelled,        // the caller gave the call up
  history_lost,     // a position older than what the history holds, or of a history before a restore
  corrupt,          // stored bytes fail their checksum or format
  read_only,        // writes were stopped by a failed write or sync; open the directory again
  io,               // the operating system failed
  not_implemented,  // understood, and not offered
  internal,         // a defect of the library
};

// The name as it stands in the enumeration.
QUIRE_API std::string_view name(ErrorCode code);

// Why a call did not do what it was asked. The texts name ids, fields, limits and paths, never what is in a
// document.
class QUIRE_API Error {
 public:
  Error(ErrorCode code, std::string message, std::string field = {}, std::uint64_t limit = 0)
      : code_(code), message_(std::move(message)), field_(std::move(field)), limit_(limit) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  // The part of the input that is at fault, or empty.
  const std::string& field() const { return field_; }
  // The limit that was passed, or 0.
  std::uint64_t limit() const { return limit_; }
  // Code, field and message in one line.
  std::string to_string() const;

 private:
  ErrorCode code_;
  std::string message_;
  std::string field_;
  std::uint64_t limit_;
};

// What Result::value() throws where there is an error.
class BadResult : public std::exception {
 public:
  explicit BadResult(const Error& error) : error_(error), text_(error.to_string()) {}
  const Error& error() const { return error_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Error error_;
  std::string text_;
};

// A value, or why there is none. The library throws nothing; value() throws BadResult where there is an
// error, and operator* and error() may only be asked for what is there.
template <class T>
class [[nodiscard]] Result {
 public:
  // NOLINTBEGIN(google-explicit-constructor): a value or an error is a result without a word more
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }
  const Error& error() const { return *std::get_if<1>(&state_); }

  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  T& value() & { return check(), **this; }
  const T& value() const& { return check(), **this; }
  T&& value() && { return check(), std::move(**this); }

 private:
  void check() const {
    if (!*this) throw BadResult(error());
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() : state_(std::in_place_index<0>) {}
  // NOLINTNEXTLINE(google-explicit-constructor): as above
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  const Error& error() const { return *std::get_if<1>(&state_); }
  void value() const {
    if (!*this) throw BadResult(error());
  }

 private:
  std::variant<std::monostate, Error> state_;
};

using Status = Result<void>;

QUIRE_NAMESPACE_END
