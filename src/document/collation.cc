#include "document/collation.h"

#include <unicode/ucol.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/check.h"
#include "document/json.h"
#include "document/tuning.h"
#include "document/value.h"

// ICU's collators may be used by many threads at once as long as nobody changes their attributes, which
// happens here before a Collation is handed out.

namespace quire::document {

struct Collation::State {
  UCollator* collator = nullptr;
  std::string text;
  std::string version;

  State() = default;
  ~State() { ucol_close(collator); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

namespace {

constexpr std::size_t kCollationBytes = 4096;

struct Word {
  std::string_view text;
  int value;
};

// A member of the document: an attribute of ICU's with the words that it takes.
struct Attribute {
  std::string_view name;
  UColAttribute attribute;
  std::array<Word, 3> words;
};

constexpr std::array<Word, 3> kSwitch = {{{"false", UCOL_OFF}, {"true", UCOL_ON}, {}}};
constexpr std::array<Attribute, 7> kAttributes = {{
    {"caseLevel", UCOL_CASE_LEVEL, kSwitch},
    {"caseFirst",
     UCOL_CASE_FIRST,
     {{{"off", UCOL_OFF}, {"upper", UCOL_UPPER_FIRST}, {"lower", UCOL_LOWER_FIRST}}}},
    {"strength", UCOL_STRENGTH, {}},
    {"numericOrdering", UCOL_NUMERIC_COLLATION, kSwitch},
    {"alternate",
     UCOL_ALTERNATE_HANDLING,
     {{{"non-ignorable", UCOL_NON_IGNORABLE}, {"shifted", UCOL_SHIFTED}, {}}}},
    {"backwards", UCOL_FRENCH_COLLATION, kSwitch},
    {"normalization", UCOL_NORMALIZATION_MODE, kSwitch},
}};
constexpr std::array<Word, 2> kMaxVariable = {
    {{"punct", UCOL_REORDER_CODE_PUNCTUATION}, {"space", UCOL_REORDER_CODE_SPACE}}};

// MongoDB's strengths 1 to 5; ICU numbers them otherwise.
constexpr std::array<int, 5> kStrengths = {UCOL_PRIMARY, UCOL_SECONDARY, UCOL_TERTIARY, UCOL_QUATERNARY,
                                           UCOL_IDENTICAL};

Error invalid(std::string message, std::string_view member) {
  return Error(ErrorCode::invalid, std::move(message)).at(std::string(member));
}

// The only error that is left here is a lack of memory, or of ICU's own data.
void must(UErrorCode code) { QUIRE_CHECK(U_SUCCESS(code), "ICU failed at a collation"); }

struct Closer {
  void operator()(UEnumeration* names) const { uenum_close(names); }
};

bool is_kind_of_collation(std::string_view name) {
  UErrorCode code = U_ZERO_ERROR;
  const std::unique_ptr<UEnumeration, Closer> names(ucol_getKeywordValues("collation", &code));
  std::int32_t length = 0;
  while (const char* known = U_SUCCESS(code) ? uenum_next(names.get(), &length, &code) : nullptr) {
    if (name == std::string_view(known, static_cast<std::size_t>(length))) return true;
  }
  return false;
}

// ICU takes every name for some locale; one that it has nothing for is a mistake.
bool is_known_locale(const std::string& name) {
  const std::string base = name.substr(0, name.find('@'));
  if (name.size() != base.size()) {
    constexpr std::string_view kKeyword = "@collation=";
    const std::string_view rest = std::string_view(name).substr(base.size());
    if (!rest.starts_with(kKeyword) || !is_kind_of_collation(rest.substr(kKeyword.size()))) return false;
  }
  const std::int32_t count = ucol_countAvailable();
  for (std::int32_t i = 0; i < count; ++i) {
    if (base == ucol_getAvailable(i)) return true;
  }
  return false;
}

std::string word_of(const Value& value) {
  if (value.is_boolean()) return value.as_boolean() ? "true" : "false";
  return value.is_string() ? value.to_string() : std::string();
}

Result<int> attribute_value(const Attribute& attribute, const Value& value) {
  if (attribute.attribute == UCOL_STRENGTH) {
    const std::string_view text = value.is_number() ? value.number_text() : std::string_view{};
    if (text.size() == 1 && text[0] >= '1' && text[0] <= '5')
      return kStrengths[static_cast<std::size_t>(text[0] - '1')];
    return invalid("strength is a number from 1 to 5", attribute.name);
  }
  const bool is_switch = attribute.words[0].text == "false";
  const std::string word = is_switch == value.is_boolean() ? word_of(value) : std::string();
  for (const Word& known : attribute.words) {
    if (!word.empty() && known.text == word) return known.value;
  }
  std::string choices;
  for (const Word& known : attribute.words) {
    if (!known.text.empty()) choices += (choices.empty() ? "" : ", ") + std::string(known.text);
  }
  return invalid(std::string(attribute.name) + " is one of: " + choices, attribute.name);
}

Status set_member(UCollator* collator, const std::string& name, const Value& value) {
  UErrorCode code = U_ZERO_ERROR;
  if (name == "maxVariable") {
    const std::string word = word_of(value);
    for (const Word& known : kMaxVariable) {
      if (!value.is_string() || known.text != word) continue;
      ucol_setMaxVariable(collator, static_cast<UColReorderCode>(known.value), &code);
      must(code);
      return ok();
    }
    return invalid("maxVariable is one of: punct, space", name);
  }
  for (const Attribute& attribute : kAttributes) {
    if (attribute.name != name) continue;
    QUIRE_TRY(const int wanted, attribute_value(attribute, value));
    ucol_setAttribute(collator, attribute.attribute, static_cast<UColAttributeValue>(wanted), &code);
    must(code);
    return ok();
  }
  return invalid("a collation has no member '" + name + "'", name);
}

std::string printed_value(const UCollator* collator, const Attribute& attribute) {
  UErrorCode code = U_ZERO_ERROR;
  const int value = ucol_getAttribute(collator, attribute.attribute, &code);
  must(code);
  if (attribute.attribute == UCOL_STRENGTH) {
    const auto at = std::find(kStrengths.begin(), kStrengths.end(), value) - kStrengths.begin();
    return std::to_string(at + 1);
  }
  for (const Word& word : attribute.words) {
    if (word.value != value || word.text.empty()) continue;
    return attribute.words[0].text == "false" ? std::string(word.text) : "\"" + std::string(word.text) + "\"";
  }
  return "null";
}

std::string print_collator(const UCollator* collator, std::string_view locale) {
  std::string out = "{\"locale\":";
  append_json_string(out, locale);
  for (const Attribute& attribute : kAttributes) {
    out += ",\"" + std::string(attribute.name) + "\":" + printed_value(collator, attribute);
    if (attribute.attribute != UCOL_ALTERNATE_HANDLING) continue;
    const bool space = ucol_getMaxVariable(collator) == UCOL_REORDER_CODE_SPACE;
    out += std::string(",\"maxVariable\":\"") + (space ? "space" : "punct") + "\"";
  }
  return out + "}";
}

std::string printed_version(const UCollator* collator) {
  UVersionInfo numbers;
  ucol_getVersion(collator, numbers);
  char text[U_MAX_VERSION_STRING_LENGTH];
  u_versionToString(numbers, text);
  return text;
}

Result<Value> parse_document(std::string_view json, std::string& text, Arena& arena) {
  JsonLimits limits;
  limits.document_bytes = kCollationBytes;
  limits.depth = 4;
  QUIRE_TRY_STATUS(minify(json, limits, text));
  QUIRE_TRY(const Value document, Value::parse(arena, text));
  const Value* const locale = document.find("locale");
  if (locale == nullptr || !locale->is_string()) {
    return invalid("a collation is an object with the name of a locale, {\"locale\": \"de\"}", "locale");
  }
  return document;
}

// A key's text in UTF-16, in memory that its thread keeps.
std::vector<UChar>& utf16_of(std::string_view text) {
  thread_local std::vector<UChar> buffer;
  if (buffer.size() < text.size() + 1 || buffer.capacity() > kScratchBytesKept)
    buffer.assign(text.size() + 1, 0);
  return buffer;
}

}  // namespace

Result<Collation> Collation::parse(std::string_view json) {
  std::string text;
  Arena arena;
  QUIRE_TRY(const Value document, parse_document(json, text, arena));
  const std::string locale = document.find("locale")->to_string();
  if (locale.size() > 64 || !is_known_locale(locale)) {
    return invalid("there is no order of strings for this locale", "locale");
  }
  auto state = std::make_shared<State>();
  UErrorCode code = U_ZERO_ERROR;
  state->collator = ucol_open(locale.c_str(), &code);
  if (U_FAILURE(code)) return invalid("there is no order of strings for this locale", "locale");
  for (const Member& member : document.members()) {
    const std::string name = member.name.to_string();
    if (name == "locale" || name == "version") continue;
    QUIRE_TRY_STATUS(set_member(state->collator, name, member.value));
  }
  state->text = print_collator(state->collator, locale);
  state->version = printed_version(state->collator);
  return Collation(std::move(state));
}

bool Collation::is_simple(std::string_view json) {
  std::string text;
  Arena arena;
  const auto document = parse_document(json, text, arena);
  return document && document->size() == 1 && document->find("locale")->is_string_equal_to("simple");
}

const std::string& Collation::print() const { return state_->text; }
const std::string& Collation::version() const { return state_->version; }

void Collation::append_sort_key(std::string_view text, std::string& out) const {
  std::vector<UChar>& utf16 = utf16_of(text);
  std::int32_t length = 0;
  UErrorCode code = U_ZERO_ERROR;
  u_strFromUTF8WithSub(utf16.data(), static_cast<std::int32_t>(utf16.size()), &length, text.data(),
                       static_cast<std::int32_t>(text.size()), 0xFFFD, nullptr, &code);
  must(code);
  const std::size_t begin = out.size();
  // Most keys take less than three bytes a character and a few more.
  out.resize(begin + text.size() * 3 + 32);
  for (;;) {
    const auto room = static_cast<std::int32_t>(out.size() - begin);
    const std::int32_t needed = ucol_getSortKey(state_->collator, utf16.data(), length,
                                                reinterpret_cast<std::uint8_t*>(out.data() + begin), room);
    QUIRE_CHECK(needed > 0, "ICU made no key of a text");
    out.resize(begin + static_cast<std::size_t>(needed));
    if (needed <= room) return;
  }
}

std::weak_ordering Collation::compare(std::string_view left, std::string_view right) const {
  UErrorCode code = U_ZERO_ERROR;
  const UCollationResult order =
      ucol_strcollUTF8(state_->collator, left.data(), static_cast<std::int32_t>(left.size()), right.data(),
                       static_cast<std::int32_t>(right.size()), &code);
  must(code);
  if (order == UCOL_EQUAL) return std::weak_ordering::equivalent;
  return order == UCOL_LESS ? std::weak_ordering::less : std::weak_ordering::greater;
}

}  // namespace quire::document
