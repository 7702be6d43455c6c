#pragma once

#include "api/streams/socket.h"

namespace quire::api::streams {

// Of /db: documents read by id, inserted, and changed by update operators.
class DbSocket final : public Socket {
 public:
  using Socket::Socket;

 protected:
  Status handle(Message& message) override;

 private:
  Status get_by_ids(const Message& message);
  Status upsert(const Message& message);
  Status insert(const Message& message);
};

}  // namespace quire::api::streams
