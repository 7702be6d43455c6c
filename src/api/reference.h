#pragma once

#include <string>
#include <string_view>

// What can be called, made of the table of routes.
namespace quire::api {

// A page for people, in Markdown.
std::string reference_markdown();

// OpenAPI 3.0, JSON.
std::string reference_openapi(std::string_view version);

}  // namespace quire::api
