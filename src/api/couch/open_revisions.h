#pragma once

#include "api/couch/couch_call.h"

namespace quire::api::couch {

// GET of a document with open_revs: several revisions of it.
Status get_revisions(CouchCall& call);

}  // namespace quire::api::couch
