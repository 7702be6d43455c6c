#pragma once

#include <string>
#include <string_view>

#include "api/json_out.h"
#include "engine/accounts.h"

// How accounts, keys, grants and reservations read in answers.
namespace quire::api::rest {

void print_user(const engine::User& user, std::string& out);
// `text`: the key itself, shown once; empty: not at all.
void print_key(const engine::Key& key, std::string_view text, std::string& out);
void print_grants(const engine::Accounts::Sharing& sharing, std::string& out);
void print_reservation(const engine::Reservation& reservation, std::string& out);
// A member; none for never.
void print_date(std::string_view name, WallMs time_ms, ObjectOut& object);
void print_texts(const std::vector<std::string>& texts, std::string& out);

}  // namespace quire::api::rest
