#include "api/stream.h"

#include <optional>
#include <utility>

#include "api/admission.h"
#include "api/tuning.h"

namespace quire::api {

Stream::Stream(net::Exchange& exchange, Fiber& fiber, std::uint64_t most)
    : exchange_(exchange),
      fiber_(fiber),
      client_(exchange.cancellation()),
      unpack_(Unpacker::make(content_coding(exchange.request()), most)) {
  if (unpack_ != nullptr) packed_.resize(tuning::kPackedPieceBytes);
}

Result<std::size_t> Stream::read(std::span<char> into) {
  if (unpack_ == nullptr) return read_as_sent(into);
  for (;;) {
    QUIRE_TRY(const std::size_t count, unpack_->unpack(rest_, into));
    if (count != 0) return count;
    QUIRE_TRY(const std::size_t came, read_as_sent(packed_));
    if (came == 0) {
      QUIRE_TRY_STATUS(unpack_->finish());
      return 0;
    }
    rest_ = std::string_view(packed_).substr(0, came);
  }
}

Result<std::size_t> Stream::read_as_sent(std::span<char> into) {
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
