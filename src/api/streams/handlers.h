#pragma once

#include "api/call.h"

// WebSockets: /db, /search and /changes. Each handler takes the connection over.
namespace quire::api::streams {

void open_db(const Call& call);
void open_search(const Call& call);
void open_changes(const Call& call);

}  // namespace quire::api::streams
