#pragma once

#include "api/call.h"

// What the table of routes points at: an endpoint a file.
namespace quire::api::kv {

void set(const Call& call);
void get(const Call& call);
void is(const Call& call);
void rm(const Call& call);
void clear(const Call& call);
void get_keys(const Call& call);
void get_values(const Call& call);
void get_all(const Call& call);
void healthcheck(const Call& call);
void status(const Call& call);
void ping(const Call& call);

}  // namespace quire::api::kv
