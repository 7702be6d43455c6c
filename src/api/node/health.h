#pragma once

#include "api/call.h"

// The node itself: what a supervisor asks.
namespace quire::api::node {

void healthz(const Call& call);
void readyz(const Call& call);
void metrics(const Call& call);

// {"status":"ok"}, or 503 where the node is not ready.
void answer_ready(const Call& call);

}  // namespace quire::api::node
