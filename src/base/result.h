#pragma once

#include <boost/system/result.hpp>
#include <utility>

#include "base/check.h"
#include "base/error.h"

namespace quire {

// A value, or why there is none. Exceptions do not cross a layer; this does.
template <class T>
using Result = boost::system::result<T, Error>;

// A call that returns nothing but may fail.
using Status = Result<void>;

// boost::system::result calls this when value() is asked of an error: a defect of the caller.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  const std::string message =
      "a Result was read without a look at its error, " + std::string(name(error.code()));
  check_failed(message.c_str(), where.file_name(), static_cast<int>(where.line()));
}

inline Status ok() { return {}; }

}  // namespace quire

// QUIRE_TRY(declaration, expression): evaluates a Result, returns its error, or binds its value.
//   QUIRE_TRY(auto text, read(path));
#define QUIRE_CONCAT_INNER(a, b) a##b
#define QUIRE_CONCAT(a, b) QUIRE_CONCAT_INNER(a, b)
#define QUIRE_TRY_INNER(result, declaration, ...) \
  auto&& result = (__VA_ARGS__);                  \
  if (!result) return std::move(result).error();  \
  declaration = std::move(*result)
#define QUIRE_TRY(declaration, ...) \
  QUIRE_TRY_INNER(QUIRE_CONCAT(quire_result_, __COUNTER__), declaration, __VA_ARGS__)

// QUIRE_TRY_STATUS(expression): evaluates a Status (or a Result whose value is not wanted), returns its
// error.
#define QUIRE_TRY_STATUS_INNER(status, ...)                                       \
  do {                                                                            \
    if (auto&& status = (__VA_ARGS__); !status) return std::move(status).error(); \
  } while (false)
#define QUIRE_TRY_STATUS(...) QUIRE_TRY_STATUS_INNER(QUIRE_CONCAT(quire_status_, __COUNTER__), __VA_ARGS__)
