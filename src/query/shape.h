#pragma once

#include <string>

#include "document/filter.h"

namespace quire::query {

// A filter with "?" for its values, for logs: {"age":{"$gt":?},"name":?}.
std::string shape_of(const document::Filter& filter);

}  // namespace quire::query
