#include "cli/remote/target.h"

#include "net/target.h"

namespace quire::cli::remote {

Target Target::database(const engine::DatabaseAddress& address) {
  Target target("/v1/databases");
  const std::string name(address.name);
  target.segment(address.owner.empty() ? name : std::string(address.owner) + ":" + name);
  return target;
}

Target Target::collection(const engine::CollectionAddress& address) {
  return database(address.database).segment("collections").segment(address.collection);
}

Target& Target::segment(std::string_view text) {
  text_.push_back('/');
  // A segment of dots alone would be a way up.
  if (text == "." || text == "..") {
    for (std::size_t i = 0; i < text.size(); ++i) text_ += "%2E";
    return *this;
  }
  text_ += net::percent_encode(text);
  return *this;
}

Target& Target::parameter(std::string_view name, std::string_view value) {
  text_.push_back(has_parameters_ ? '&' : '?');
  has_parameters_ = true;
  text_.append(name).push_back('=');
  text_ += net::percent_encode(value);
  return *this;
}

Target& Target::parameter(std::string_view name, std::uint64_t value) {
  return parameter(name, std::to_string(value));
}

}  // namespace quire::cli::remote
