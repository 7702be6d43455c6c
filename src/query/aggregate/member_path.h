#pragma once

#include <span>
#include <string>

#include "document/value.h"

// Paths that go through objects only.
namespace quire::query {

using MemberPath = std::span<const std::string>;

// Null where there is nothing.
const document::Value* find_path(const document::Value& document, MemberPath path);
// The document with this value at the path (null: without it). What is on the way is copied, and made where
// it is no object.
document::Value with_value(document::Arena& arena, const document::Value* document, MemberPath path,
                           const document::Value* value);

}  // namespace quire::query
