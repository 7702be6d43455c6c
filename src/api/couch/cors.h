#pragma once

#include <span>
#include <string>

#include "net/exchange.h"

// What lets pages of the origins that the configuration names use this surface from a browser.
namespace quire::api::couch {

bool is_allowed_page(const net::RequestHead& request, std::span<const std::string> origins);

// Says to the browser that the page may see the answer. The origin is echoed, never "*", since the page's
// credentials go along.
void allow_page(const net::RequestHead& request, net::Response& response);
// The answer to a browser that asks first.
void allow_request(const net::RequestHead& request, net::Response& response);

// An exchange whose answer has those fields, however it is made; it ends itself with its last call.
net::Exchange& with_page_allowed(net::Exchange& exchange);

}  // namespace quire::api::couch
