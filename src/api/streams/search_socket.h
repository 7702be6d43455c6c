#pragma once

#include "api/streams/socket.h"

namespace quire::api::streams {

// Of /search, which has nothing to search with yet.
class SearchSocket final : public Socket {
 public:
  using Socket::Socket;

 protected:
  Status handle(Message&) override {
    return Error(ErrorCode::not_implemented, "full-text search is not there yet").at("action");
  }
};

}  // namespace quire::api::streams
