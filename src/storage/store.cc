#include "storage/store.h"

#include "storage/read_buffer.h"

namespace quire::storage {

std::string_view name(Family family) {
  switch (family) {
    case Family::documents: return "documents";
    case Family::history: return "history";
    case Family::index: return "index";
    case Family::blobs: return "blobs";
    case Family::search: return "search";
    case Family::meta: return "meta";
    case Family::tombstones: return "tombstones";
  }
  return "documents";
}

ReadBuffer::ReadBuffer() : impl_(std::make_unique<Impl>()) {}
ReadBuffer::~ReadBuffer() = default;
ReadBuffer::ReadBuffer(ReadBuffer&&) noexcept = default;
ReadBuffer& ReadBuffer::operator=(ReadBuffer&&) noexcept = default;

std::string_view ReadBuffer::view() const { return {impl_->slice.data(), impl_->slice.size()}; }

}  // namespace quire::storage
