#include "replication/couch_peer.h"

#include "replication/checked_stream.h"
#include "replication/couch_answers.h"
#include "replication/couch_link.h"

namespace quire::replication {

CouchPeer::CouchPeer(CouchPeerOptions options) : link_(std::make_shared<Link>(std::move(options))) {}
CouchPeer::~CouchPeer() = default;

std::string CouchPeer::key() const { return link_->options().key; }

namespace {

// What both the welcome and the database say: their ids together name the store.
std::string store_id(const std::string& server, const std::string& database, const CouchDatabase& info) {
  const bool means_something = !info.started.empty() && info.started != "0";
  return server + "/" + database + (means_something ? "/" + info.started : "");
}

std::string with_revision(const StoredCheckpoint& record) {
  if (record.revision.empty()) return record.json;
  std::string rest = record.json.substr(1);
  return R"({"_rev":")" + record.revision + (rest == "}" ? "\"" : "\",") + rest;
}

}  // namespace

void CouchPeer::open(const CallLimits& limits, std::string_view checkpoint, Completion<Opened> done) {
  const std::string local = "/_local/" + std::string(checkpoint);
  const auto read_record = [link = link_, limits, local, done](const CouchDatabase& info,
                                                               const std::string& server) {
    link->ask(link->request(limits, "GET", link->path(local)), kCheckpointBytes,
              [link, info, server, done](Result<WholeAnswer> answer) {
                if (!answer) return done(std::move(answer).error());
                Opened opened{store_id(server, link->options().database, info), info.position, {}};
                const bool none = answer->status == 404;
                if (!none) {
                  if (auto error = error_of_status(answer->status)) return done(*std::move(error));
                  auto record = parse_local(answer->text);
                  if (!record) return done(std::move(record).error());
                  opened.checkpoint = std::move(*record);
                }
                done(std::move(opened));
              });
  };
  const auto read_welcome = [link = link_, limits, read_record, done](const CouchDatabase& info) {
    if (const auto known = link->server()) return read_record(info, *known);
    // A server that shows its welcome to nobody has no id.
    link->ask(link->request(limits, "GET", link->options().root + "/"), kSmallAnswerBytes,
              [link, info, read_record, done](Result<WholeAnswer> answer) {
                if (!answer) return done(std::move(answer).error());
                const std::string id = answer->status == 200 ? server_id(answer->text) : std::string();
                if (answer->status == 200) link->set_server(id);
                read_record(info, id);
              });
  };
  const auto read_database = [link = link_, limits, read_welcome, done] {
    link->ask_well(link->request(limits, "GET", link->path("")), kSmallAnswerBytes,
                   [read_welcome, done](Result<std::string> text) {
                     if (!text) return done(std::move(text).error());
                     const auto info = parse_database(*text);
                     if (!info) return done(info.error());
                     read_welcome(*info);
                   });
  };
  link_->set_lacks_bulk_get(false);  // another server may stand there by now
  if (!link_->options().create) return read_database();
  // 412: it is there. Whoever may not make it may use it all the same.
  link_->ask(link_->request(limits, "PUT", link_->path("")), kSmallAnswerBytes,
             [read_database, done](Result<WholeAnswer> answer) {
               if (!answer) return done(std::move(answer).error());
               read_database();
             });
}

void CouchPeer::write_checkpoint(const CallLimits& limits, std::string_view checkpoint,
                                 const StoredCheckpoint& record, Completion<std::string> done) {
  auto request = link_->request(limits, "PUT", link_->path("/_local/" + std::string(checkpoint)));
  request.body = with_revision(record);
  link_->ask_well(std::move(request), kSmallAnswerBytes, [done = std::move(done)](Result<std::string> text) {
    if (!text) return done(std::move(text).error());
    done(parse_written(*text));
  });
}

void CouchPeer::changes(const CallLimits& limits, const SourcePosition& since, const ChangesOptions& options,
                        Completion<ChangesPage> done) {
  auto request = link_->request(limits, "GET", link_->path("/_changes?" + changes_query(since, options)));
  request.body = changes_body(options.scope);
  if (!request.body.empty()) request.method = "POST";
  request.patient = options.wait.count() > 0;
  request.answer_time = kCallTime + options.wait;
  link_->ask(
      std::move(request), kChangesBytes,
      [limit = options.limit, begun = since.empty(), done = std::move(done)](Result<WholeAnswer> answer) {
        if (!answer) return done(std::move(answer).error());
        // What it does not understand is the position, if it understood all else before.
        if (answer->status == 400 && !begun) {
          return done(Error(ErrorCode::history_lost, "the source does not know the position"));
        }
        if (auto error = error_of_status(answer->status)) return done(*std::move(error));
        done(parse_changes(answer->text, limit));
      });
}

void CouchPeer::open_attachment(const CallLimits& limits, const TravellingRevision& revision,
                                const AttachmentInfo& attachment,
                                Completion<std::unique_ptr<ByteStream>> done) {
  auto request =
      link_->request(limits, "GET",
                     link_->path(couch_path(couch_name(revision.name)) + "/" + url_encode(attachment.name) +
                                 "?rev=" + url_encode(revision.path.front().to_string())));
  request.fields.front().second = "*/*";
  link_->options().transport->send(std::move(request), [attachment,
                                                        done = std::move(done)](Result<HttpAnswer> answer) {
    if (!answer) return done(std::move(answer).error());
    if (auto error = error_of_status(answer->status)) {
      // Of a database that is there: this attachment is not to be had, whatever comes of the others.
      return done(*std::move(error));
    }
    if (!answer->field("Content-Encoding").empty()) {
      return done(Error(ErrorCode::corrupt, "an attachment comes in another form than was asked for"));
    }
    done(std::unique_ptr<ByteStream>(std::make_unique<CheckedStream>(std::move(answer->body), attachment)));
  });
}

void CouchPeer::missing(const CallLimits& limits, const std::vector<RevisionsOf>& documents,
                        Completion<std::vector<MissingOf>> done) {
  auto request = link_->request(limits, "POST", link_->path("/_revs_diff"));
  request.body = revs_diff_body(documents);
  const auto asked = std::make_shared<const std::vector<RevisionsOf>>(documents);
  link_->ask_well(std::move(request), kChangesBytes,
                  [asked, done = std::move(done)](Result<std::string> text) {
                    if (!text) return done(std::move(text).error());
                    done(parse_revs_diff(*text, *asked));
                  });
}

}  // namespace quire::replication
