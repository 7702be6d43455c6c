#pragma once

#include "api/attachment_out.h"
#include "api/rest/rest_call.h"

// What the endpoints of attachments share.
namespace quire::api::rest {

// Finishes a change of attachments: the condition, the error in the request's words, the answer.
Result<net::Response> written_answer(const RestCall& call, Result<engine::WriteResult> result,
                                     unsigned status);

}  // namespace quire::api::rest
