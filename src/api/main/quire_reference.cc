#include <cstdio>
#include <string>
#include <string_view>

#include "api/reference.h"

// quire_reference [openapi VERSION]: prints the reference of the HTTP interface, Markdown or OpenAPI.
int main(int count, char** arguments) {
  const bool openapi = count == 3 && std::string_view(arguments[1]) == "openapi";
  if (count != 1 && !openapi) {
    std::fputs("quire_reference [openapi VERSION]\n", stderr);
    return 2;
  }
  const std::string text =
      openapi ? quire::api::reference_openapi(arguments[2]) : quire::api::reference_markdown();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
