#include "api/stream.h"

#include <optional>
#include <utility>

namespace quire::api {

Result<std::size_t> Stream::read(std::span<char> into) {
  for (;;) {
    QUIRE_TRY(const std::optional<std::size_t> size, exchange_.try_read(into));
    if (size) return *size;
    fiber_.wait([this](Fiber::GoOn go_on) { exchange_.on_body(std::move(go_on)); });
  }
}

Status Stream::write(std::string bytes) {
  if (!exchange_.offer(std::move(bytes)) && !client_.cancelled()) {
    fiber_.wait([this](Fiber::GoOn go_on) { exchange_.on_room(std::move(go_on)); });
  }
  if (client_.cancelled()) return Error(ErrorCode::cancelled, "the client has gone");
  return ok();
}

}  // namespace quire::api
