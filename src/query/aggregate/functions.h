#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "document/arithmetic.h"
#include "query/aggregate/expression.h"

// The functions of expressions: those whose arguments are all evaluated before the call. A table for each
// kind; special_forms.h has the others.
namespace quire::query {

struct Function;

// One use of a function in a pipeline.
struct Call {
  const Function* function;
  std::string where;  // its path in the pipeline

  // The error stands at this use; answers null.
  const Value* fail(Evaluation& on, std::string_view message) const;
};

// Null: missing, or not given (of optional ones).
using Arguments = std::span<const Value* const>;

inline constexpr std::size_t kAnyNumber = 255;
inline constexpr std::size_t kMostNamed = 4;

struct Function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  const Value* (*call)(Evaluation& on, const Call& call, Arguments arguments);
  // Where there are names, the arguments are the members of an object; else a list, or one alone.
  std::string_view names[kMostNamed] = {};
  // `either`: members of an object, or the first argument alone.
  enum class Form : std::uint8_t { one, either };
  Form form = Form::one;
  // What does the same quicker with some of the arguments known, which it takes then; null: nothing.
  ExpressionPointer (*prepare)(std::vector<ExpressionPointer>& arguments,
                               const document::Collation* collation) = nullptr;
};

// Null where there is none.
const Function* find_function(std::string_view name);

std::span<const Function> number_functions();
std::span<const Function> logic_functions();
std::span<const Function> text_functions();
std::span<const Function> array_functions();
std::span<const Function> object_functions();
std::span<const Function> date_functions();
std::span<const Function> conversion_functions();

// Whether an operand is an object of named arguments, and no call of a function.
bool is_named(const Value& operand);
// "a string", for messages: "$add takes numbers, not a string".
std::string described(const Value* value);
// The number of a value that is one.
bool read_number(const Value& value, document::ArithmeticResult& out);
const Value* make_number(Evaluation& on, const document::ArithmeticResult& number);
// Whole numbers of any form. False for anything else.
bool read_whole(const Value* value, std::int64_t& out);
// The text of a string, number or date; nothing for null and missing. False for anything else.
bool read_text(const Value* value, std::string& out);
// Milliseconds of a date, or of an ObjectId's time. False for anything else.
bool read_date(const Value& value, std::int64_t& ms);

}  // namespace quire::query
