#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/couch/couch_call.h"
#include "base/random.h"

// What the table of routes points at: an endpoint, or a close family, a file.
namespace quire::api::couch {

// Ids that a client may have made for it at once: what CouchDB gives.
inline constexpr std::uint64_t kUuidsMost = 1000;
// Databases of one question: each may have to be opened.
inline constexpr std::size_t kDatabasesOfOneRequest = 100;

// --- the server
Result<net::Response> welcome(CouchCall& call);
Result<net::Response> up(CouchCall& call);
Result<net::Response> uuids(CouchCall& call);
Result<net::Response> membership(CouchCall& call);
Result<net::Response> utils(CouchCall& call);
Result<net::Response> all_dbs(CouchCall& call);
Result<net::Response> dbs_info(CouchCall& call);
Result<net::Response> get_session(CouchCall& call);
Result<net::Response> post_session(CouchCall& call);
Result<net::Response> delete_session(CouchCall& call);

// --- replications, for administrators
Status replicate(CouchCall& call);
Result<net::Response> get_replicator(CouchCall& call);
Result<net::Response> put_replicator(CouchCall& call);
Result<net::Response> replicator_list(CouchCall& call);
Result<net::Response> get_replicator_document(CouchCall& call);
Result<net::Response> put_replicator_document(CouchCall& call);
Result<net::Response> post_replicator_document(CouchCall& call);
Result<net::Response> delete_replicator_document(CouchCall& call);
Result<net::Response> replicator_bulk_docs(CouchCall& call);
void get_replicator_changes(const Call& call);
void post_replicator_changes(const Call& call);
Result<net::Response> scheduler_docs(CouchCall& call);
Result<net::Response> scheduler_doc(CouchCall& call);
Result<net::Response> scheduler_jobs(CouchCall& call);
Result<net::Response> scheduler_job(CouchCall& call);
Result<net::Response> active_tasks(CouchCall& call);

// --- a database
Result<net::Response> get_database(CouchCall& call);
Result<net::Response> put_database(CouchCall& call);
Result<net::Response> delete_database(CouchCall& call);

// --- documents
void get_document(const Call& call);
void put_document(const Call& call);
void post_document(const Call& call);
void delete_document(const Call& call);
Result<net::Response> copy_document(CouchCall& call);
void bulk_docs(const Call& call);
Status bulk_get(CouchCall& call);
void revs_diff(const Call& call);
void missing_revs(const Call& call);
void get_changes(const Call& call);
void post_changes(const Call& call);
Status get_attachment(CouchCall& call);
Status head_attachment(CouchCall& call);
Status put_attachment(CouchCall& call);
Result<net::Response> delete_attachment(CouchCall& call);
Result<net::Response> local_attachment(CouchCall& call);
Result<net::Response> compact(CouchCall& call);
Result<net::Response> view_cleanup(CouchCall& call);
Result<net::Response> get_revs_limit(CouchCall& call);
Result<net::Response> put_revs_limit(CouchCall& call);
Result<net::Response> purge(CouchCall& call);
Result<net::Response> get_purged_infos_limit(CouchCall& call);
Result<net::Response> put_purged_infos_limit(CouchCall& call);
Result<net::Response> shards(CouchCall& call);
Status find(CouchCall& call);
Result<net::Response> explain(CouchCall& call);
Result<net::Response> list_indexes(CouchCall& call);
Result<net::Response> post_index(CouchCall& call);
Result<net::Response> delete_index(CouchCall& call);
Result<net::Response> design_code(CouchCall& call);
void all_docs(const Call& call);
void design_docs(const Call& call);
void partition_docs(const Call& call);
void local_docs(const Call& call);
Result<net::Response> partition_info(CouchCall& call);
Result<net::Response> ensure_full_commit(CouchCall& call);
Result<net::Response> get_security(CouchCall& call);
Result<net::Response> put_security(CouchCall& call);

// --- what several use
// Refuses whoever may not write to the database, or may not administer it, before anything is said of what is
// in it.
Status require_write(const CouchCall& call);
Status require_owner(const CouchCall& call);
// 32 hexadecimal digits.
std::string new_uuid(Random& random);
// A body of JSON, whole, taken as it comes where the call is a stream. Errors: too_large.
Result<std::string> whole_body(const CouchCall& call);
// The strings of the array that is the member of this name of a body's object. Errors: bad_request.
Result<std::vector<std::string>> string_list(std::string_view body, std::string_view name);

}  // namespace quire::api::couch
