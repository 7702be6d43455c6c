#include "replication/testing/fake_couch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/check.h"
#include "base/coding.h"
#include "base/hash.h"
#include "replication/couch_answers.h"
#include "replication/couch_text.h"
#include "replication/testing/memory_replica.h"

// Written against the documentation of the protocol and with another JSON library, so that a mistake of the
// client's is not made twice.

namespace quire::replication::testing {

using Json = nlohmann::ordered_json;

namespace {

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += (*from_hex(std::string{static_cast<char>(std::tolower(text[i + 1])),
                                    static_cast<char>(std::tolower(text[i + 2]))}))[0];
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string parameter(const std::string& query, const std::string& name) {
  const std::string all = "&" + query;
  const auto at = all.find("&" + name + "=");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 2;
  return decoded(all.substr(from, all.find('&', from) - from));
}

DocumentName name_of(const std::string& id) { return {"_default", id}; }

Json json_of(const TravellingRevision& revision) {
  Json doc = Json::parse(revision.body);
  doc["_id"] = revision.name.id;
  doc["_rev"] = revision.path.front().to_string();
  doc["_revisions"]["start"] = revision.path.front().generation;
  for (const auto& of : revision.path) doc["_revisions"]["ids"].push_back(of.hash.text());
  if (revision.deleted) doc["_deleted"] = true;
  for (const auto& of : revision.attachments) {
    doc["_attachments"][of.name] = {{"content_type", of.content_type},
                                    {"revpos", of.revpos},
                                    {"digest", "md5-" + to_base64(of.md5)},
                                    {"length", of.length},
                                    {"stub", true}};
  }
  return doc;
}

TravellingRevision revision_of(Json doc) {
  TravellingRevision out{name_of(doc["_id"]), {}, doc.value("_deleted", false), {}, {}};
  std::uint64_t generation = doc["_revisions"]["start"];
  for (const auto& id : doc["_revisions"]["ids"]) {
    out.path.push_back({generation--, document::RevisionHash::from_text(id.get<std::string>())});
  }
  for (const auto* member : {"_id", "_rev", "_revisions", "_deleted", "_attachments"}) doc.erase(member);
  out.body = doc.dump();
  return out;
}

}  // namespace

void FakeCouch::send(HttpRequest request, std::function<void(Result<HttpAnswer>)> done) {
  asked.push_back(request.method + " " + request.target.substr(0, request.target.find('?')));
  longest_target = std::max(longest_target, request.target.size());
  most_in_flight = std::max(most_in_flight, ++in_flight_);
  const bool codes = packs && std::any_of(request.fields.begin(), request.fields.end(),
                                          [](const auto& field) { return field.first == "Accept-Encoding"; });
  const auto reply = [this, codes, done](Answer answer) {
    if (codes) {
      answer.body = pack_zstd(answer.body);
      answer.fields.emplace_back("Content-Encoding", "zstd");
    }
    executor_.post([this, answer, done] {
      --in_flight_;
      HttpAnswer out;
      out.status = answer.status;
      out.fields = answer.fields;
      out.body = std::make_unique<StringStream>(answer.body);
      done(std::move(out));
    });
  };
  if (instead) {
    if (const auto other = instead(request)) return reply(*other);
  }
  if (!request.stream) return reply(answer(request.method, request.target, request.body));
  const auto length = request.stream_length;
  read_all(request.stream, length + 1, [this, request, length, reply, done](Result<std::string> body) {
    if (!body) {
      --in_flight_;
      return done(std::move(body).error());
    }
    QUIRE_CHECK(body->size() == length, "a body is as long as was said");
    reply(answer(request.method, request.target, *body));
  });
}

FakeCouch::Answer FakeCouch::answer(const std::string& method, const std::string& target,
                                    const std::string& body) {
  const auto mark = target.find('?');
  const std::string path = target.substr(0, mark);
  const std::string query = mark == std::string::npos ? "" : target.substr(mark + 1);
  if (path == "/") return {200, R"({"couchdb":"Welcome","uuid":")" + store_.id() + "\"}"};
  if (!path.starts_with("/db")) return {404, R"({"error":"not_found","reason":"Database does not exist."})"};
  const std::string below = path.substr(3);
  if (below.empty()) {
    return {
        200,
        Json({{"db_name", "db"}, {"instance_start_time", "7"}, {"update_seq", store_.position()}}).dump()};
  }
  if (below == "/_changes") return changes(query);
  if (below == "/_revs_diff") return revs_diff(body);
  if (below == "/_bulk_get" && instead_of_bulk_get != 0) return {instead_of_bulk_get, "{}"};
  if (below == "/_bulk_get") return bulk_get(body);
  if (below == "/_bulk_docs") return bulk_docs(body);
  if (below.starts_with("/_local/")) return local(method, below.substr(8), body);
  if (method == "PUT") return put_multipart(below, body);
  if (!parameter(query, "open_revs").empty()) return open_revisions(decoded(below.substr(1)), query);
  return attachment(below, query);
}

FakeCouch::Answer FakeCouch::changes(const std::string& query) {
  ChangesOptions options;
  options.limit = static_cast<std::uint32_t>(std::stoul(parameter(query, "limit")));
  const std::string since = parameter(query, "since");
  const auto page = store_.changes(since == "0" ? "" : since, options);
  if (!page) return {400, R"({"error":"bad_request"})"};
  Json out{{"results", Json::array()},
           {"last_seq", page->next.empty() ? "0" : page->next},
           {"pending", *page->pending}};
  for (const auto& row : page->rows) {
    Json changes = Json::array();
    for (const auto& leaf : row.leaves) changes.push_back({{"rev", leaf.revision.to_string()}});
    Json line{{"seq", nullptr}, {"id", row.name.id}, {"changes", changes}};
    if (row.leaves.front().deleted) line["deleted"] = true;
    out["results"].push_back(line);
  }
  return {200, out.dump()};
}

FakeCouch::Answer FakeCouch::revs_diff(const std::string& body) {
  std::vector<RevisionsOf> asked_for;
  const Json question = Json::parse(body);
  for (const auto& [id, revs] : question.items()) {
    RevisionsOf of{name_of(id), {}};
    for (const auto& rev : revs) of.revisions.push_back(*document::Revision::parse(rev.get<std::string>()));
    asked_for.push_back(std::move(of));
  }
  Json out = Json::object();
  for (const auto& of : store_.missing(asked_for)) {
    Json& row = out[asked_for[of.document].name.id];
    for (const auto& revision : of.revisions) row["missing"].push_back(revision.to_string());
    for (const auto& revision : of.possible_ancestors)
      row["possible_ancestors"].push_back(revision.to_string());
  }
  return {200, out.dump()};
}

FakeCouch::Answer FakeCouch::bulk_get(const std::string& body) {
  Json out{{"results", Json::array()}};
  const Json question = Json::parse(body);
  for (const auto& doc : question["docs"]) {
    const auto revision = *document::Revision::parse(doc["rev"].get<std::string>());
    const auto fetched = store_.fetch({{name_of(doc["id"]), {revision}, {}}}, 1 << 20);
    Json docs = Json::array();
    for (const auto& of : fetched.revisions) docs.push_back({{"ok", json_of(of)}});
    for (const auto& of : fetched.failures) {
      docs.push_back(
          {{"error", {{"id", of.name.id}, {"rev", of.revision.to_string()}, {"error", "not_found"}}}});
    }
    out["results"].push_back({{"id", doc["id"]}, {"docs", docs}});
  }
  return {200, out.dump()};
}

FakeCouch::Answer FakeCouch::open_revisions(const std::string& id, const std::string& query) {
  QUIRE_CHECK(parameter(query, "revs") == "true" && parameter(query, "latest") == "true",
              "the path of the leaf is asked for");
  if (store_.leaves(name_of(id)).empty()) return {404, R"({"error":"not_found","reason":"missing"})"};
  Json out = Json::array();
  for (const auto& rev : Json::parse(parameter(query, "open_revs"))) {
    const auto revision = *document::Revision::parse(rev.get<std::string>());
    const auto fetched = store_.fetch({{name_of(id), {revision}, {}}}, 1 << 20);
    for (const auto& of : fetched.revisions) out.push_back({{"ok", json_of(of)}});
    for (const auto& of : fetched.failures) out.push_back({{"missing", of.revision.to_string()}});
  }
  return {200, out.dump()};
}

FakeCouch::Answer FakeCouch::bulk_docs(const std::string& body) {
  const Json question = Json::parse(body);
  QUIRE_CHECK(question["new_edits"] == false, "revisions travel as they are");
  Json out = Json::array();
  for (const auto& doc : question["docs"]) {
    if (store_.replicate(revision_of(doc), {})) continue;
    out.push_back({{"id", doc["_id"]}, {"rev", doc["_rev"]}, {"error", "forbidden"}, {"reason", "no"}});
  }
  store_.sync();
  return {201, out.dump()};
}

FakeCouch::Answer FakeCouch::local(const std::string& method, const std::string& name,
                                   const std::string& body) {
  if (method == "GET") {
    const auto record = store_.checkpoint(name);
    if (record.revision.empty()) return {404, R"({"error":"not_found","reason":"missing"})"};
    Json doc = Json::parse(record.json);
    doc["_id"] = "_local/" + name;
    doc["_rev"] = record.revision;
    return {200, doc.dump()};
  }
  Json doc = Json::parse(body);
  const std::string rev = doc.value("_rev", "");
  doc.erase("_rev");
  const auto written = store_.write_checkpoint(name, {rev, doc.dump()});
  if (!written) return {409, R"({"error":"conflict"})"};
  store_.sync();
  return {201, Json({{"ok", true}, {"rev", *written}}).dump()};
}

FakeCouch::Answer FakeCouch::attachment(const std::string& path, const std::string& query) {
  const auto slash = path.find('/', 1);
  const auto revision = *document::Revision::parse(parameter(query, "rev"));
  const auto fetched = store_.fetch({{name_of(decoded(path.substr(1, slash - 1))), {revision}, {}}}, 1 << 20);
  for (const auto& of : fetched.revisions) {
    for (const auto& at : of.attachments) {
      if (at.name == decoded(path.substr(slash + 1))) return {200, store_.blob(at.digest)};
    }
  }
  return {404, R"({"error":"not_found","reason":"Document is missing attachment"})"};
}

FakeCouch::Answer FakeCouch::put_multipart(const std::string& path, const std::string& body) {
  const std::string boundary = "\r\n" + body.substr(0, body.find("\r\n"));
  std::vector<std::string> parts;
  for (std::size_t at = body.find("\r\n\r\n"); at != std::string::npos;) {
    const auto end = body.find(boundary, at + 4);
    parts.push_back(body.substr(at + 4, end - at - 4));
    at = body.compare(end + boundary.size(), 2, "--") == 0 ? std::string::npos
                                                           : body.find("\r\n\r\n", end + 1);
  }
  const Json doc = Json::parse(parts.at(0));
  QUIRE_CHECK(doc["_id"] == decoded(path.substr(1)), "the document stands at its own path");
  TravellingRevision revision = revision_of(doc);
  std::vector<std::string> blobs;
  for (const auto& [name, info] : doc["_attachments"].items()) {
    const std::string& bytes = parts.at(1 + blobs.size());
    AttachmentInfo of{.name = name,
                      .content_type = info["content_type"],
                      .length = info["length"],
                      .revpos = info["revpos"],
                      .digest = std::string(32, '\0'),
                      .md5 = {}};
    of.md5 = *from_base64(std::string_view(info["digest"].get<std::string>()).substr(4));
    Blake2b hash(of.digest.size());
    hash.update(bytes);
    hash.finish(of.digest.data());
    revision.attachments.push_back(of);
    blobs.push_back(bytes);
  }
  if (!store_.replicate(revision, blobs)) return {403, R"({"error":"forbidden"})"};
  store_.sync();
  return {201, R"({"ok":true})"};
}

}  // namespace quire::replication::testing
