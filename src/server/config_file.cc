#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "server/config.h"
#include "server/settings.h"
#include "server/tuning.h"

// The one file that knows TOML.
namespace quire::server {

namespace {

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or a time of day";
  }
}

// What stands in a file, cut and made fit for one line.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, tuning::kShownBytes));
  for (char& c : out) c = static_cast<unsigned char>(c) < 0x20 || c == '\x7F' ? '?' : c;
  if (text.size() > out.size()) out += "...";
  return out;
}

std::string place_of(const toml::node& node, std::string_view file, std::string_view key) {
  std::string place = std::string(file) + " line " + std::to_string(node.source().begin.line);
  if (!key.empty()) place += ": " + one_line(key);
  return place;
}

// A value of TOML as the text that the table's types are parsed of; nullopt where the type asks for another
// kind.
std::optional<std::vector<std::string>> texts_of(const toml::node& node, Type type) {
  const bool is_list = type == Type::listener || type == Type::texts;
  if (const auto* list = node.as_array(); list != nullptr && is_list) {
    std::vector<std::string> texts;
    for (const toml::node& element : *list) {
      const auto* const text = element.as_string();
      if (text == nullptr) return std::nullopt;
      texts.push_back(text->get());
    }
    return texts;
  }
  const auto* const text = node.as_string();
  const auto* const number = node.as_integer();
  const auto* const flag = node.as_boolean();
  if (type == Type::flag && flag != nullptr) return {{flag->get() ? "true" : "false"}};
  if ((type == Type::number || type == Type::bytes) && number != nullptr) {
    return {{std::to_string(number->get())}};
  }
  if (type != Type::flag && type != Type::number && text != nullptr) return {{text->get()}};
  return std::nullopt;
}

class Reader {
 public:
  Reader(std::string_view file, Config& config) : file_(file), config_(config) {}

  // Settings and the tables they stand in; a name of the table has one dot at most.
  Status read(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (const Setting* const setting = find_setting(name)) {
        QUIRE_TRY_STATUS(take(*setting, node));
      } else if (const auto* const inner = node.as_table(); inner != nullptr && is_table(name)) {
        QUIRE_TRY_STATUS(read(*inner, name + "."));
      } else {
        return Error(ErrorCode::invalid, place_of(node, file_, name) +
                                             ": there is no such setting; quire serve --help names all");
      }
    }
    return ok();
  }

 private:
  static bool is_table(const std::string& name) {
    for (const Setting& setting : settings()) {
      if (setting.name.starts_with(name + ".")) return true;
    }
    return false;
  }

  Status take(const Setting& setting, const toml::node& node) {
    const std::string place = place_of(node, file_, setting.name);
    const auto texts = texts_of(node, setting.type);
    if (!texts) {
      return Error(ErrorCode::invalid,
                   place + ": expected " + describe_type(setting) + ", not " + std::string(kind_of(node)));
    }
    auto value = parse_value(setting, *texts);
    if (!value) return Error(ErrorCode::invalid, place + ": " + value.error().message());
    setting.put(config_, *std::move(value));
    return ok();
  }

  const std::string file_;
  Config& config_;
};

}  // namespace

Status ConfigBuilder::take_file(std::string_view text, std::string_view name) {
  if (text.size() > tuning::kConfigFileBytes) {
    return Error(ErrorCode::too_large, std::string(name) + " is larger than a file of settings may be")
        .over(tuning::kConfigFileBytes);
  }
  // What the parser says of bad bytes would hold them.
  if (!valid_utf8(text)) return Error(ErrorCode::invalid, std::string(name) + " is not UTF-8");
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return Error(ErrorCode::invalid, std::string(name) + " line " +
                                         std::to_string(parsed.error().source().begin.line) + ": " +
                                         one_line(parsed.error().description()));
  }
  return Reader(name, config_).read(parsed.table(), "");
}

Result<std::string> read_config_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) {
    return Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                 "cannot open '" + path + "': " + std::strerror(errno));
  }
  std::string text(tuning::kConfigFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return Error(ErrorCode::io, "cannot read '" + path + "'");
  if (text.size() > tuning::kConfigFileBytes) {
    return Error(ErrorCode::too_large, "'" + path + "' is larger than a file of settings may be")
        .over(tuning::kConfigFileBytes);
  }
  return text;
}

}  // namespace quire::server
