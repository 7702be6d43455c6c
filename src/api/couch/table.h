#pragma once

#include <array>

#include "api/couch/handlers.h"
#include "api/route.h"

// The rows of this surface, for the table of routes. A pattern that ends with a slash is one without it too.
namespace quire::api::couch {

namespace rows {

using engine::Action;
using net::Method;
using Kind = Parameter::Kind;

inline constexpr std::array<Parameter, 0> kNone{};
inline constexpr std::array kCount{Parameter{"count", Kind::number, "so many, 1000 at most"}};
inline constexpr std::array kPage{
    Parameter{"startkey", Kind::text, "from this name on, as JSON"},
    Parameter{"endkey", Kind::text, "up to this name"}, Parameter{"limit", Kind::number, "so many at most"},
    Parameter{"skip", Kind::number, "behind so many"}, Parameter{"descending", Kind::flag, "names fall"}};
inline constexpr std::array kRows{Parameter{"limit", Kind::number, "so many at most"},
                                  Parameter{"skip", Kind::number, "behind so many"}};
inline constexpr std::array kReplications{Parameter{"key", Kind::text, "this id alone, as JSON"},
                                          Parameter{"keys", Kind::text, "these ids, in their order"},
                                          Parameter{"startkey", Kind::text, "from this id on"},
                                          Parameter{"endkey", Kind::text, "up to this id"},
                                          Parameter{"inclusive_end", Kind::flag, "false: and not itself"},
                                          Parameter{"limit", Kind::number, "so many at most"},
                                          Parameter{"skip", Kind::number, "behind so many"},
                                          Parameter{"descending", Kind::flag, "ids fall"},
                                          Parameter{"include_docs", Kind::flag, "with the documents"},
                                          Parameter{"update_seq", Kind::flag, "with the last sequence"}};
inline constexpr std::array kNewDatabase{
    Parameter{"q", Kind::number, "taken, and without a meaning here"},
    Parameter{"n", Kind::number, "taken, and without a meaning here"},
    Parameter{"partitioned", Kind::flag, "taken: every database is, by its collections"}};

inline constexpr Parameter kRevision{"rev", Kind::text, "this revision instead of the winner"};
inline constexpr std::array kRevisionOnly{kRevision};
inline constexpr std::array kGetDocument{
    kRevision,
    Parameter{"latest", Kind::flag, "with rev: the leaf that came of it"},
    Parameter{"revs", Kind::flag, "its ancestors, as _revisions"},
    Parameter{"revs_info", Kind::flag, "the same with what is kept of each, as _revs_info"},
    Parameter{"conflicts", Kind::flag, "the revisions that lost, as _conflicts"},
    Parameter{"deleted_conflicts", Kind::flag, "those that are deleted, as _deleted_conflicts"},
    Parameter{"meta", Kind::flag, "the last three"},
    Parameter{"local_seq", Kind::flag, "its sequence, as _local_seq"},
    Parameter{"open_revs", Kind::text, "several revisions: a list of them, or all"},
    Parameter{"attachments", Kind::flag, "the bytes of attachments too"},
    Parameter{"atts_since", Kind::text, "of those alone that are newer than these revisions"}};
inline constexpr std::array kWrite{
    Parameter{"new_edits", Kind::flag, "false: exactly this revision, which comes from elsewhere"},
    Parameter{"batch", Kind::text, "ok: answered before it is on disk"}};
inline constexpr std::array kRevise{kRevision, kWrite[0], kWrite[1]};
inline constexpr std::array kBulkGet{Parameter{"revs", Kind::flag, "with their ancestors"},
                                     Parameter{"latest", Kind::flag, "the leaves that came of them"},
                                     Parameter{"attachments", Kind::flag, "with the bytes of attachments"}};

inline constexpr std::array kChanges{
    Parameter{"since", Kind::text, "behind this sequence; now: only what comes"},
    Parameter{"limit", Kind::number, "so many at most"},
    Parameter{"descending", Kind::flag, "the last first"},
    Parameter{"feed", Kind::text, "normal, longpoll, continuous or eventsource"},
    Parameter{"seq_interval", Kind::number, "taken: every row has its sequence"},
    Parameter{"style", Kind::text, "main_only (the default), or all_docs: all leaves of a document"},
    Parameter{"include_docs", Kind::flag, "with the documents"},
    Parameter{"conflicts", Kind::flag, "these with _conflicts"},
    Parameter{"attachments", Kind::flag, "and with the bytes of attachments"},
    Parameter{"filter", Kind::text, "_doc_ids, _selector or _design"},
    Parameter{"doc_ids", Kind::text, "of _doc_ids: a list, as JSON"},
    Parameter{"heartbeat", Kind::number, "milliseconds without a sign of life"},
    Parameter{"timeout", Kind::number, "milliseconds until an answer without changes ends"}};

inline constexpr std::array kList{Parameter{"key", Kind::text, "this id alone, as JSON"},
                                  Parameter{"keys", Kind::text, "these ids, in their order"},
                                  Parameter{"startkey", Kind::text, "from this id on"},
                                  Parameter{"endkey", Kind::text, "up to this id"},
                                  Parameter{"inclusive_end", Kind::flag, "false: and not itself"},
                                  Parameter{"limit", Kind::number, "so many at most"},
                                  Parameter{"skip", Kind::number, "behind so many"},
                                  Parameter{"descending", Kind::flag, "ids fall"},
                                  Parameter{"include_docs", Kind::flag, "with the documents"},
                                  Parameter{"conflicts", Kind::flag, "these with _conflicts"},
                                  Parameter{"attachments", Kind::flag, "and with the bytes of attachments"},
                                  Parameter{"update_seq", Kind::flag, "with the sequence of the database"}};

constexpr std::uint64_t Options::*limit_of(Body body) {
  switch (body) {
    case Body::none: return nullptr;
    case Body::couch_login: return &Options::body_bytes;
    default: return &Options::attachment_bytes;  // attachments stand in bodies of JSON too
  }
}

// What is the same for all.
constexpr Route row(std::string_view name, Method method, std::string_view pattern,
                    std::optional<Action> action, Who who, Csrf csrf, Body body,
                    std::span<const Parameter> parameters, std::string_view answer, unsigned success,
                    std::string_view summary, Handler handler) {
  return {name,
          method,
          pattern,
          Surface::couch,
          action,
          who,
          csrf,
          body,
          limit_of(body),
          parameters,
          body == Body::none || body == Body::bytes ? "" : "CouchObject",
          answer,
          success,
          summary,
          handler};
}

// Of the server.
constexpr Route server_row(std::string_view name, std::string_view pattern, Who who,
                           std::span<const Parameter> parameters, std::string_view answer,
                           std::string_view summary, Handler handler, Method method = Method::get) {
  return row(name, method, pattern, std::nullopt, who, Csrf::safe, Body::none, parameters, answer, 200,
             summary, handler);
}

// About replications, which are for administrators.
constexpr Route replication_row(std::string_view name, Method method, std::string_view pattern, Body body,
                                std::span<const Parameter> parameters, std::string_view answer,
                                unsigned success, std::string_view summary, Handler handler) {
  const bool safe = method == Method::get || method == Method::head;
  return row(name, method, pattern, std::nullopt, Who::admin, safe ? Csrf::safe : Csrf::unsafe, body,
             parameters, answer, success, summary, handler);
}

// Of a database, and changes nothing.
constexpr Route read_row(std::string_view name, Method method, std::string_view pattern, Action action,
                         Body body, std::span<const Parameter> parameters, std::string_view answer,
                         std::string_view summary, Handler handler) {
  return row(name, method, pattern, action, Who::granted, Csrf::safe, body, parameters, answer, 200, summary,
             handler);
}

constexpr Route write_row(std::string_view name, Method method, std::string_view pattern, Action action,
                          Body body, std::span<const Parameter> parameters, std::string_view answer,
                          unsigned success, std::string_view summary, Handler handler) {
  return row(name, method, pattern, action, Who::granted, Csrf::unsafe, body, parameters, answer, success,
             summary, handler);
}

// Of functions of design documents, which are not run.
constexpr Route code_row(std::string_view name, Method method, std::string_view pattern) {
  return row(
      name, method, pattern, std::nullopt, Who::known, method == Method::get ? Csrf::safe : Csrf::unsafe,
      method == Method::get ? Body::none : Body::couch_optional_json, kNone, "CouchError", 501,
      "Functions of design documents are not run: 501 says what to use instead.", at_once<design_code>);
}

}  // namespace rows

#define DB "/couch/{database}"

inline constexpr std::array kRoutes{
    rows::server_row("couch.welcome", "/couch/", Who::anybody, rows::kNone, "CouchObject",
                     "What this is: clients look at it first.", at_once<welcome>),
    rows::server_row("couch.welcome.head", "/couch/", Who::anybody, rows::kNone, "CouchObject",
                     "The same, without a body.", at_once<welcome>, net::Method::head),
    rows::server_row("couch.up", "/couch/_up", Who::anybody, rows::kNone, "CouchObject",
                     "Whether the server is ready; 404 where it is not.", at_once<up>),
    rows::server_row("couch.uuids", "/couch/_uuids", Who::anybody, rows::kCount, "CouchObject",
                     "New ids for documents.", at_once<uuids>),
    rows::server_row("couch.databases", "/couch/_all_dbs", Who::known, rows::kPage, "CouchList",
                     "The databases that the caller may see.", worker<all_dbs>),
    rows::row("couch.databases.info", net::Method::post, "/couch/_dbs_info", engine::Action::describe,
              Who::known, Csrf::safe, Body::couch_json, rows::kNone, "CouchList", 200,
              "What GET says of each of several databases.", worker<dbs_info>),
    rows::server_row("couch.membership", "/couch/_membership", Who::admin, rows::kNone, "CouchObject",
                     "The nodes: this one.", at_once<membership>),
    rows::server_row("couch.utils", "/couch/_utils/", Who::anybody, rows::kNone, "CouchError",
                     "There is no page of administration here: 501.", at_once<utils>),
    rows::server_row("couch.session.get", "/couch/_session", Who::anybody, rows::kNone, "CouchObject",
                     "Who asks.", at_once<get_session>),
    rows::row("couch.session.post", net::Method::post, "/couch/_session", std::nullopt, Who::anybody,
              Csrf::unsafe, Body::couch_login, rows::kNone, "CouchObject", 200,
              "Begins a session: `name` and `password`, as a form or as JSON. A browser keeps its cookie.",
              password<post_session>),
    rows::row("couch.session.delete", net::Method::remove, "/couch/_session", std::nullopt, Who::anybody,
              Csrf::unsafe, Body::none, rows::kNone, "CouchOk", 200, "Ends it.", worker<delete_session>),

    rows::replication_row("couch.replicate", net::Method::post, "/couch/_replicate", Body::couch_json,
                          rows::kNone, "CouchObject", 200,
                          "Replicates: answers when it is done, and at once where it is `continuous`, or "
                          "`cancel` ends such a one. It ends with the process.",
                          stream<replicate>),
    rows::replication_row("couch.activeTasks", net::Method::get, "/couch/_active_tasks", Body::none,
                          rows::kNone, "CouchList", 200, "Replications that run, and compactions.",
                          worker<active_tasks>),
    rows::replication_row("couch.scheduler.jobs", net::Method::get, "/couch/_scheduler/jobs", Body::none,
                          rows::kRows, "CouchObject", 200, "Replications that are not over.",
                          worker<scheduler_jobs>),
    rows::replication_row("couch.scheduler.job", net::Method::get, "/couch/_scheduler/jobs/{id}", Body::none,
                          rows::kNone, "CouchObject", 200, "One of them, by the id of the replication.",
                          worker<scheduler_job>),
    rows::replication_row("couch.scheduler.docs", net::Method::get, "/couch/_scheduler/docs", Body::none,
                          rows::kRows, "CouchObject", 200,
                          "The state of each document of `_replicator`, with its errors and when it is tried "
                          "again.",
                          worker<scheduler_docs>),
    rows::replication_row("couch.scheduler.replicator", net::Method::get,
                          "/couch/_scheduler/docs/_replicator", Body::none, rows::kRows, "CouchObject", 200,
                          "The same.", worker<scheduler_docs>),
    rows::replication_row("couch.scheduler.doc", net::Method::get, "/couch/_scheduler/docs/_replicator/{id}",
                          Body::none, rows::kNone, "CouchObject", 200, "That of one document.",
                          worker<scheduler_doc>),
    rows::replication_row("couch.replicator.get", net::Method::get, "/couch/_replicator/", Body::none,
                          rows::kNone, "CouchObject", 200, "How many documents `_replicator` holds.",
                          worker<get_replicator>),
    rows::replication_row("couch.replicator.head", net::Method::head, "/couch/_replicator/", Body::none,
                          rows::kNone, "CouchObject", 200, "That it is there.", worker<get_replicator>),
    rows::replication_row("couch.replicator.put", net::Method::put, "/couch/_replicator/",
                          Body::couch_optional_json, rows::kNewDatabase, "CouchError", 412,
                          "It is always there: 412.", at_once<put_replicator>),
    rows::replication_row("couch.replicator.post", net::Method::post, "/couch/_replicator/", Body::couch_json,
                          rows::kNone, "CouchWritten", 201,
                          "As PUT of a document, of an id that the server may make.",
                          wherever<post_replicator_document>),
    rows::replication_row("couch.replicator.allDocs", net::Method::get, "/couch/_replicator/_all_docs",
                          Body::none, rows::kReplications, "CouchObject", 200, "Its documents by id.",
                          worker<replicator_list>),
    rows::replication_row("couch.replicator.allDocs.post", net::Method::post, "/couch/_replicator/_all_docs",
                          Body::couch_optional_json, rows::kReplications, "CouchObject", 200,
                          "The same; the body may have `keys` and the other parameters.",
                          wherever<replicator_list>),
    rows::replication_row("couch.replicator.changes", net::Method::get, "/couch/_replicator/_changes",
                          Body::none, rows::kChanges, "CouchObject", 200,
                          "The changes of its documents, once or as they come.", get_replicator_changes),
    rows::replication_row("couch.replicator.changes.post", net::Method::post, "/couch/_replicator/_changes",
                          Body::couch_optional_json, rows::kChanges, "CouchObject", 200,
                          "The same; the body has `doc_ids` or a `selector`.", post_replicator_changes),
    rows::replication_row("couch.replicator.bulkDocs", net::Method::post, "/couch/_replicator/_bulk_docs",
                          Body::couch_json, rows::kNone, "CouchList", 201,
                          "As PUT of each of several documents, which `_deleted` ends: a row for each.",
                          wherever<replicator_bulk_docs>),
    rows::replication_row("couch.replicator.documents.get", net::Method::get, "/couch/_replicator/{id}",
                          Body::none, rows::kRevisionOnly, "CouchDocument", 200,
                          "A replication, without its credentials; with its state once it is done.",
                          worker<get_replicator_document>),
    rows::replication_row("couch.replicator.documents.head", net::Method::head, "/couch/_replicator/{id}",
                          Body::none, rows::kRevisionOnly, "CouchDocument", 200, "Whether it is there.",
                          worker<get_replicator_document>),
    rows::replication_row("couch.replicator.documents.put", net::Method::put, "/couch/_replicator/{id}",
                          Body::couch_json, rows::kRevisionOnly, "CouchWritten", 201,
                          "Begins a replication that goes on over restarts, or begins it anew. An address "
                          "without credentials keeps those that it had.",
                          wherever<put_replicator_document>),
    rows::replication_row("couch.replicator.documents.delete", net::Method::remove, "/couch/_replicator/{id}",
                          Body::none, rows::kRevisionOnly, "CouchWritten", 200,
                          "Ends it; what was moved stays.", worker<delete_replicator_document>),

    rows::read_row("couch.database.get", net::Method::get, DB "/", engine::Action::describe, Body::none,
                   rows::kNone, "CouchObject", "What a database holds, and where its changes stand.",
                   worker<get_database>),
    rows::read_row("couch.database.head", net::Method::head, DB "/", engine::Action::describe, Body::none,
                   rows::kNone, "CouchObject", "Whether there is such a database.", worker<get_database>),
    rows::row("couch.database.put", net::Method::put, DB "/", engine::Action::administer, Who::known,
              Csrf::unsafe, Body::couch_optional_json, rows::kNewDatabase, "CouchOk", 201,
              "Makes a database.", worker<put_database>),
    rows::write_row("couch.database.delete", net::Method::remove, DB "/", engine::Action::administer,
                    Body::none, rows::kNone, "CouchOk", 200, "Removes a database with all that is in it.",
                    worker<delete_database>),

    rows::read_row("couch.documents.get", net::Method::get, DB "/{id}", engine::Action::read, Body::none,
                   rows::kGetDocument, "CouchDocument", "A document; its ETag is its revision.",
                   get_document),
    rows::read_row("couch.documents.head", net::Method::head, DB "/{id}", engine::Action::read, Body::none,
                   rows::kGetDocument, "CouchDocument", "As GET, without the document.", get_document),
    rows::write_row("couch.documents.put", net::Method::put, DB "/{id}", engine::Action::write,
                    Body::couch_document, rows::kRevise, "CouchWritten", 201, "Writes a document.",
                    put_document),
    rows::write_row("couch.documents.delete", net::Method::remove, DB "/{id}", engine::Action::write,
                    Body::none, rows::kRevise, "CouchWritten", 200, "Deletes a document.", delete_document),
    rows::write_row("couch.documents.copy", net::Method::copy, DB "/{id}", engine::Action::write, Body::none,
                    rows::kRevise, "CouchWritten", 201, "Copies it to the id that Destination names.",
                    worker<copy_document>),
    rows::read_row("couch.design.get", net::Method::get, DB "/_design/{design}", engine::Action::read,
                   Body::none, rows::kGetDocument, "CouchDocument", "A design document.", get_document),
    rows::read_row("couch.design.head", net::Method::head, DB "/_design/{design}", engine::Action::read,
                   Body::none, rows::kGetDocument, "CouchDocument", "As GET, without the document.",
                   get_document),
    rows::write_row("couch.design.put", net::Method::put, DB "/_design/{design}", engine::Action::write,
                    Body::couch_document, rows::kRevise, "CouchWritten", 201,
                    "Writes a design document: it is kept and replicated, and no code of it is run.",
                    put_document),
    rows::write_row("couch.design.delete", net::Method::remove, DB "/_design/{design}", engine::Action::write,
                    Body::none, rows::kRevise, "CouchWritten", 200, "Deletes a design document.",
                    delete_document),
    rows::write_row("couch.design.copy", net::Method::copy, DB "/_design/{design}", engine::Action::write,
                    Body::none, rows::kRevise, "CouchWritten", 201,
                    "Copies it to the id that Destination names.", worker<copy_document>),
    rows::write_row("couch.documents.post", net::Method::post, DB "/", engine::Action::write,
                    Body::couch_json, rows::kWrite, "CouchWritten", 201,
                    "Writes a document; the server makes its id where it has none.", post_document),
    rows::write_row("couch.documents.bulk", net::Method::post, DB "/_bulk_docs", engine::Action::write,
                    Body::couch_json, rows::kNone, "CouchList", 201,
                    "Writes several documents: a row for each; with new_edits false, for failures alone.",
                    bulk_docs),
    rows::read_row("couch.documents.bulkGet", net::Method::post, DB "/_bulk_get", engine::Action::read,
                   Body::couch_json, rows::kBulkGet, "CouchObject", "Revisions of several documents.",
                   stream<bulk_get>),

    rows::read_row(
        "couch.allDocs.get", net::Method::get, DB "/_all_docs", engine::Action::read, Body::none, rows::kList,
        "CouchObject",
        "The documents by id. `offset` is null where the list begins at a key, or is of `keys`: what "
        "stands in front is not counted.",
        all_docs),
    rows::read_row("couch.allDocs.post", net::Method::post, DB "/_all_docs", engine::Action::read,
                   Body::couch_optional_json, rows::kList, "CouchObject",
                   "The same; the body may have `keys` and the other parameters.", all_docs),
    rows::read_row("couch.designDocs.get", net::Method::get, DB "/_design_docs", engine::Action::read,
                   Body::none, rows::kList, "CouchObject", "The design documents by id.", design_docs),
    rows::read_row("couch.designDocs.post", net::Method::post, DB "/_design_docs", engine::Action::read,
                   Body::couch_optional_json, rows::kList, "CouchObject",
                   "The same; the body may have `keys` and the other parameters.", design_docs),
    rows::read_row("couch.localDocs.get", net::Method::get, DB "/_local_docs", engine::Action::read,
                   Body::none, rows::kList, "CouchObject", "What replicators remember, by id.", local_docs),
    rows::read_row("couch.localDocs.post", net::Method::post, DB "/_local_docs", engine::Action::read,
                   Body::couch_optional_json, rows::kList, "CouchObject",
                   "The same; the body may have `keys` and the other parameters.", local_docs),
    rows::read_row("couch.partition.docs.get", net::Method::get, DB "/_partition/{partition}/_all_docs",
                   engine::Action::read, Body::none, rows::kList, "CouchObject",
                   "The documents of a collection by id.", partition_docs),
    rows::read_row("couch.partition.docs.post", net::Method::post, DB "/_partition/{partition}/_all_docs",
                   engine::Action::read, Body::couch_optional_json, rows::kList, "CouchObject",
                   "The same; the body may have `keys` and the other parameters.", partition_docs),
    rows::read_row("couch.partition.get", net::Method::get, DB "/_partition/{partition}",
                   engine::Action::describe, Body::none, rows::kNone, "CouchObject",
                   "What a collection holds.", worker<partition_info>),
    rows::read_row("couch.attachments.get", net::Method::get, DB "/{id}/{name...}", engine::Action::read,
                   Body::none, rows::kRevisionOnly, "bytes",
                   "The bytes of an attachment, or a Range of them; its ETag is its digest.",
                   stream<get_attachment>),
    rows::read_row("couch.attachments.head", net::Method::head, DB "/{id}/{name...}", engine::Action::read,
                   Body::none, rows::kRevisionOnly, "bytes", "As GET, without the bytes.",
                   stream<head_attachment>),
    rows::write_row("couch.attachments.put", net::Method::put, DB "/{id}/{name...}", engine::Action::write,
                    Body::bytes, rows::kRevisionOnly, "CouchWritten", 201, "Attaches bytes to a document.",
                    stream<put_attachment>),
    rows::write_row("couch.attachments.delete", net::Method::remove, DB "/{id}/{name...}",
                    engine::Action::write, Body::none, rows::kRevisionOnly, "CouchWritten", 200,
                    "Takes an attachment away.", worker<delete_attachment>),
    rows::read_row("couch.design.attachments.get", net::Method::get, DB "/_design/{design}/{name...}",
                   engine::Action::read, Body::none, rows::kRevisionOnly, "bytes",
                   "The bytes of an attachment, or a Range of them; its ETag is its digest.",
                   stream<get_attachment>),
    rows::read_row("couch.design.attachments.head", net::Method::head, DB "/_design/{design}/{name...}",
                   engine::Action::read, Body::none, rows::kRevisionOnly, "bytes",
                   "As GET, without the bytes.", stream<head_attachment>),
    rows::write_row("couch.design.attachments.put", net::Method::put, DB "/_design/{design}/{name...}",
                    engine::Action::write, Body::bytes, rows::kRevisionOnly, "CouchWritten", 201,
                    "Attaches bytes to a document.", stream<put_attachment>),
    rows::write_row("couch.design.attachments.delete", net::Method::remove, DB "/_design/{design}/{name...}",
                    engine::Action::write, Body::none, rows::kRevisionOnly, "CouchWritten", 200,
                    "Takes an attachment away.", worker<delete_attachment>),
    rows::row("couch.local.attachment", net::Method::get, DB "/_local/{local}/{name...}", std::nullopt,
              Who::anybody, Csrf::safe, Body::none, rows::kNone, "CouchError", 400,
              "What replicators remember has no attachments.", at_once<local_attachment>),
    rows::code_row("couch.design.view.get", net::Method::get, DB "/_design/{design}/_view/{name}"),
    rows::code_row("couch.design.view.post", net::Method::post, DB "/_design/{design}/_view/{name}"),
    rows::code_row("couch.design.list.get", net::Method::get, DB "/_design/{design}/_list/{name...}"),
    rows::code_row("couch.design.list.post", net::Method::post, DB "/_design/{design}/_list/{name...}"),
    rows::code_row("couch.design.show.get", net::Method::get, DB "/_design/{design}/_show/{name...}"),
    rows::code_row("couch.design.show.post", net::Method::post, DB "/_design/{design}/_show/{name...}"),
    rows::code_row("couch.design.update.get", net::Method::get, DB "/_design/{design}/_update/{name...}"),
    rows::code_row("couch.design.update.post", net::Method::post, DB "/_design/{design}/_update/{name...}"),
    rows::code_row("couch.design.rewrite.get", net::Method::get, DB "/_design/{design}/_rewrite/{name...}"),
    rows::code_row("couch.design.rewrite.post", net::Method::post, DB "/_design/{design}/_rewrite/{name...}"),
    rows::write_row("couch.compact", net::Method::post, DB "/_compact/", engine::Action::administer,
                    Body::couch_optional_json, rows::kNone, "CouchOk", 202,
                    "Begins to give back what replaced revisions take.", worker<compact>),
    rows::write_row("couch.viewCleanup", net::Method::post, DB "/_view_cleanup", engine::Action::administer,
                    Body::couch_optional_json, rows::kNone, "CouchOk", 202, "There are no views.",
                    worker<view_cleanup>),
    rows::read_row("couch.revsLimit.get", net::Method::get, DB "/_revs_limit", engine::Action::describe,
                   Body::none, rows::kNone, "application/json",
                   "How many generations are remembered of each document.", worker<get_revs_limit>),
    rows::write_row("couch.revsLimit.put", net::Method::put, DB "/_revs_limit", engine::Action::administer,
                    Body::couch_json, rows::kNone, "CouchOk", 200, "Sets it.", wherever<put_revs_limit>),
    rows::write_row("couch.purge", net::Method::post, DB "/_purge", engine::Action::administer,
                    Body::couch_json, rows::kNone, "CouchObject", 201,
                    "Takes revisions away as if they had never been.", wherever<purge>),
    rows::read_row("couch.purgedInfosLimit.get", net::Method::get, DB "/_purged_infos_limit",
                   engine::Action::describe, Body::none, rows::kNone, "application/json",
                   "How many purges would be remembered.", worker<get_purged_infos_limit>),
    rows::write_row("couch.purgedInfosLimit.put", net::Method::put, DB "/_purged_infos_limit",
                    engine::Action::administer, Body::couch_json, rows::kNone, "CouchOk", 200,
                    "Sets it, for whoever reads it again: a purge leaves nothing to be remembered.",
                    wherever<put_purged_infos_limit>),
    rows::read_row("couch.shards", net::Method::get, DB "/_shards", engine::Action::describe, Body::none,
                   rows::kNone, "CouchObject", "Where the database is: here.", worker<shards>),
    rows::read_row("couch.find", net::Method::post, DB "/_find", engine::Action::read, Body::couch_json,
                   rows::kNone, "CouchObject", "Finds documents by a Mango selector.", stream<find>),
    rows::read_row("couch.explain", net::Method::post, DB "/_explain", engine::Action::read, Body::couch_json,
                   rows::kNone, "CouchObject", "How that would be done.", wherever<explain>),
    rows::read_row("couch.partition.find", net::Method::post, DB "/_partition/{partition}/_find",
                   engine::Action::read, Body::couch_json, rows::kNone, "CouchObject",
                   "Finds documents of a collection.", stream<find>),
    rows::read_row("couch.partition.explain", net::Method::post, DB "/_partition/{partition}/_explain",
                   engine::Action::read, Body::couch_json, rows::kNone, "CouchObject",
                   "How that would be done.", wherever<explain>),
    rows::read_row("couch.indexes.list", net::Method::get, DB "/_index", engine::Action::describe, Body::none,
                   rows::kNone, "CouchObject", "The indexes.", worker<list_indexes>),
    rows::write_row("couch.indexes.post", net::Method::post, DB "/_index", engine::Action::manage,
                    Body::couch_json, rows::kNone, "CouchObject", 200, "Makes an index.",
                    wherever<post_index>),
    rows::write_row("couch.indexes.delete", net::Method::remove, DB "/_index/{id}/json/{name}",
                    engine::Action::manage, Body::none, rows::kNone, "CouchOk", 200, "Drops an index.",
                    worker<delete_index>),
    rows::write_row("couch.indexes.delete.design", net::Method::remove,
                    DB "/_index/_design/{design}/json/{name}", engine::Action::manage, Body::none,
                    rows::kNone, "CouchOk", 200, "The same, by the whole id.", worker<delete_index>),
    rows::read_row("couch.local.get", net::Method::get, DB "/_local/{local}", engine::Action::read,
                   Body::none, rows::kNone, "CouchDocument", "What a replicator remembers.", get_document),
    rows::read_row("couch.local.head", net::Method::head, DB "/_local/{local}", engine::Action::read,
                   Body::none, rows::kNone, "CouchDocument", "Whether it is there.", get_document),
    rows::write_row("couch.local.put", net::Method::put, DB "/_local/{local}", engine::Action::write,
                    Body::couch_json, rows::kNone, "CouchWritten", 201, "Remembers it.", put_document),
    rows::write_row("couch.local.delete", net::Method::remove, DB "/_local/{local}", engine::Action::write,
                    Body::none, rows::kNone, "CouchWritten", 200, "Forgets it.", delete_document),
    rows::read_row("couch.revisions.diff", net::Method::post, DB "/_revs_diff", engine::Action::read,
                   Body::couch_json, rows::kNone, "CouchObject",
                   "Which of these revisions the database does not have.", revs_diff),
    rows::read_row("couch.revisions.missing", net::Method::post, DB "/_missing_revs", engine::Action::read,
                   Body::couch_json, rows::kNone, "CouchObject", "The same, as lists alone.", missing_revs),
    rows::read_row("couch.changes.get", net::Method::get, DB "/_changes", engine::Action::follow, Body::none,
                   rows::kChanges, "CouchObject", "The changes of a database, once or as they come.",
                   get_changes),
    rows::read_row("couch.changes.post", net::Method::post, DB "/_changes", engine::Action::follow,
                   Body::couch_optional_json, rows::kChanges, "CouchObject",
                   "The same; the body has `doc_ids` or a `selector`.", post_changes),
    rows::row("couch.commit", net::Method::post, DB "/_ensure_full_commit", engine::Action::follow,
              Who::granted, Csrf::safe, Body::couch_optional_json, rows::kNone, "CouchOk", 201,
              "What was written is on disk: it was when it was answered.", worker<ensure_full_commit>),
    rows::read_row("couch.security.get", net::Method::get, DB "/_security", engine::Action::describe,
                   Body::none, rows::kNone, "CouchObject", "Who may use the database, for its owner.",
                   worker<get_security>),
    rows::write_row(
        "couch.security.put", net::Method::put, DB "/_security", engine::Action::administer, Body::couch_json,
        rows::kNone, "CouchOk", 200,
        "Shares the database with the accounts that `members` names, and with no others. There are "
        "no roles, and no administrators beside the owner: 501 says what to use instead.",
        wherever<put_security>),
};

#undef DB

}  // namespace quire::api::couch
