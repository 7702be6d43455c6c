#pragma once

#include "api/rest/rest_call.h"

// What the table of routes points at: an endpoint a file.
namespace quire::api::rest {

// Databases and collections.
Result<net::Response> list_databases(RestCall& call);
Result<net::Response> put_database(RestCall& call);
Result<net::Response> get_database(RestCall& call);
Result<net::Response> patch_database(RestCall& call);
Result<net::Response> delete_database(RestCall& call);
Result<net::Response> list_collections(RestCall& call);
Result<net::Response> put_collection(RestCall& call);
Result<net::Response> get_collection(RestCall& call);
Result<net::Response> delete_collection(RestCall& call);

Result<net::Response> get_schema(RestCall& call);
Result<net::Response> put_schema(RestCall& call);
Result<net::Response> delete_schema(RestCall& call);

// Documents.
void get_document(const Call& call);
void put_document(const Call& call);
void patch_document(const Call& call);
void delete_document(const Call& call);
void post_documents(const Call& call);
void list_documents(const Call& call);

// What a filter finds.
Result<net::Response> post_update(RestCall& call);
Result<net::Response> post_delete(RestCall& call);
Result<net::Response> post_find_and_modify(RestCall& call);

// Several documents, all or none.
void post_transaction(const Call& call);

// Attachments.
Status get_attachment(RestCall& call);
Status head_attachment(RestCall& call);
Status put_attachment(RestCall& call);
Result<net::Response> delete_attachment(RestCall& call);

// Replications.
Result<net::Response> post_replication(RestCall& call);
Result<net::Response> list_replications(RestCall& call);
Result<net::Response> get_replication(RestCall& call);
Result<net::Response> delete_replication(RestCall& call);

// Everything of a database.
Status exchange(RestCall& call);
void get_changes(const Call& call);
Status import_documents(RestCall& call);
Status export_documents(RestCall& call);

// What documents are asked for by, and what serves it.
void query(const Call& call);
void aggregate(const Call& call);
Result<net::Response> count(RestCall& call);
Result<net::Response> distinct(RestCall& call);
Result<net::Response> list_indexes(RestCall& call);
Result<net::Response> get_index(RestCall& call);
Result<net::Response> put_index(RestCall& call);
Result<net::Response> delete_index(RestCall& call);

// Accounts, sessions, keys.
Result<net::Response> post_user(RestCall& call);
Result<net::Response> list_users(RestCall& call);
Result<net::Response> get_user(RestCall& call);
Result<net::Response> patch_user(RestCall& call);
Result<net::Response> delete_user(RestCall& call);
Result<net::Response> post_session(RestCall& call);
Result<net::Response> delete_session(RestCall& call);
Result<net::Response> list_keys(RestCall& call);
Result<net::Response> post_key(RestCall& call);
Result<net::Response> delete_key(RestCall& call);
// The account that a request about keys names, or the caller's own. Errors: invalid.
Result<std::string> whose_keys(const RestCall& call, std::string_view named);

// Who may use a database, and who has it for himself.
Result<net::Response> get_grants(RestCall& call);
Result<net::Response> put_grant(RestCall& call);
Result<net::Response> delete_grant(RestCall& call);
Result<net::Response> get_reservation(RestCall& call);
Result<net::Response> put_reservation(RestCall& call);
Result<net::Response> delete_reservation(RestCall& call);

// The node, and who asks.
Result<net::Response> put_backup(RestCall& call);
Result<net::Response> get_status(RestCall& call);
void get_me(const Call& call);

// What Quire is to do one day.
void not_implemented(const Call& call);

}  // namespace quire::api::rest
