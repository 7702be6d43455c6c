#!/usr/bin/env python3
"""couch_server.py BIN: a server replicates from and to a script that answers as CouchDB 3 does: opaque sequences, records with
revisions of their own, a packed text, answers in chunks, a failure that passes, a revision that is gone when it is asked
for, and a document that is refused; and from one that answers as CouchDB 1 does, which has no _bulk_get. What it is asked
is looked at too."""

import argparse
import http.server
import json
import pathlib
import re
import sys
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
from couch_replicator import DESIGN, GONE, OTHER, PACKED, PICTURE, PLAIN, TEXT, digest, document, parts_of  # noqa: E402
from server_rounds import Finding, expect, fresh_server  # noqa: E402

WAIT_SECONDS = 60
# CouchDB's sequences are its own: a number, and what only it understands.
FIRST = "3-g1AAAACTeJzLYWBgYMpgTmHgz8tPSTV0MDQy1zMAQsMckEQiQ1L9____szKYExlzgQLsBskWxqZJltgU4zYgjwVIMjQAqf9Qg5jBBlmYpRqbGWXhMSgLAAOkJLE"
LAST = "6-g1AAAACTeJzLYWBgYMpgTmHgz8tPSTV0MDQy1zMAQsMckEQiQ1L9____szKYE5lygQLsBskWxqZJltgU4zYgjwVIMjQAqf9Qg5jBBlmYpRqbGWXhMSgLAAQsJLQ"
NOTE = document("a note/1", 1, "f1", _attachments={
    "text.txt": {"content_type": "text/plain", "revpos": 1, "digest": digest(PACKED), "length": len(TEXT), "stub": True,
                 "encoding": "gzip", "encoded_length": len(PACKED)},
    "picture": {"content_type": "image/png", "revpos": 1, "digest": digest(PICTURE), "length": len(PICTURE), "stub": True}})
LEAVES = {(of["_id"], of["_rev"]): of for of in (PLAIN, OTHER, GONE, DESIGN, NOTE)}


def row(seq, name, *revs, **more):
    return {"seq": seq, "id": name, "changes": [{"rev": rev} for rev in revs], **more}


class Couch:
    """A database `db`, and what was asked of it."""

    def __init__(self):
        self.asked = []
        self.faults = []
        self.locals = {}
        self.has_bulk_get = True
        self.failures = 1  # of the next questions for bodies
        self.taken = {}  # by id and revision
        self.attachments = {}

    def rows(self, since):
        # "moved" has been replaced when its revision is asked for.
        all_rows = [row(FIRST, "plain", "2-b2", "2-a9"), row(FIRST, "gone", "2-d2", deleted=True),
                    row(FIRST, "moved", "1-c1"), row(LAST, "_design/app", "1-e1"), row(LAST, "a note/1", "1-f1")]
        if since not in ("0", LAST):
            self.faults.append(f"a position that was never given: {since}")
        return all_rows if since == "0" else []

    def answer(self, request, path, query, body):
        """(status, JSON or bytes, fields)."""
        if path == "/":
            return 200, {"couchdb": "Welcome", "version": "3.3.3", "git_sha": "40afbcfc7", "uuid": "6f1c", "features": ["scheduler"],
                         "vendor": {"name": "The Apache Software Foundation"}}, {}
        if path == "/db" and request == "PUT":
            return 412, {"error": "file_exists", "reason": "The database could not be created, the file already exists."}, {}
        if path == "/db":
            return 200, {"instance_start_time": "1700000000", "db_name": "db", "purge_seq": "0-g1AAAABX", "update_seq": LAST,
                         "sizes": {"file": 1, "external": 1, "active": 1}, "props": {}, "doc_del_count": 1, "doc_count": 3,
                         "disk_format_version": 8, "compact_running": False, "cluster": {"q": 2, "n": 1, "w": 1, "r": 1}}, {}
        if path.startswith("/db/_local/"):
            return self.local(request, path.removeprefix("/db/"), body)
        if path == "/db/_changes":
            if query.get("style") != "all_docs":
                self.faults.append("a feed without all leaves")
            return 200, {"results": self.rows(query.get("since", "0")), "last_seq": LAST, "pending": 0}, {}
        if path == "/db/_bulk_get" and not self.has_bulk_get:
            return 405, {"error": "method_not_allowed", "reason": "Only GET,HEAD,PUT,DELETE,COPY allowed"}, {}
        if path == "/db/_bulk_get":
            return self.bulk_get(query, json.loads(body))
        if path == "/db/_revs_diff":
            return 200, {name: {"missing": lacking} for name, revs in json.loads(body).items()
                         if (lacking := [rev for rev in revs if (name, rev) not in self.taken])}, {}
        if path == "/db/_bulk_docs":
            return self.bulk_docs(json.loads(body))
        if "open_revs" in query:
            return self.open_revisions(path.removeprefix("/db/"), query)
        return 404, {"error": "not_found", "reason": "missing"}, {}

    def open_revisions(self, name, query):
        if query.get("revs") != "true" or query.get("latest") != "true":
            self.faults.append(f"a body without its way: {query}")
        if not any(of == name for of, _ in LEAVES):
            return 404, {"error": "not_found", "reason": "missing"}, {}
        return 200, [{"ok": LEAVES[name, rev]} if (name, rev) in LEAVES else {"missing": rev}
                     for rev in json.loads(query["open_revs"])], {}

    def local(self, request, name, body):
        rev, record = self.locals.get(name, (0, None))
        if request == "GET" and record is None:
            return 404, {"error": "not_found", "reason": "missing"}, {}
        if request == "GET":
            return 200, {"_id": name, "_rev": f"0-{rev}", **record}, {}
        given = json.loads(body)
        if given.pop("_rev", "0-0") != f"0-{rev}":
            return 409, {"error": "conflict", "reason": "Document update conflict."}, {}
        given.pop("_id", None)
        self.locals[name] = (rev + 1, given)
        return 201, {"ok": True, "id": name, "rev": f"0-{rev + 1}"}, {}

    def bulk_get(self, query, body):
        if self.failures > 0:
            self.failures -= 1
            return 500, {"error": "timeout", "reason": "The request could not be processed in a reasonable amount of time."}, {}
        if query.get("revs") != "true" or query.get("latest") != "true":
            self.faults.append(f"bodies without their way: {query}")
        results = []
        for of in body["docs"]:
            found = LEAVES.get((of["id"], of["rev"]))
            missing = {"error": {"id": of["id"], "rev": of["rev"], "error": "not_found", "reason": "missing"}}
            results.append({"id": of["id"], "docs": [{"ok": found} if found else missing]})
        return 200, {"results": results}, {}

    def bulk_docs(self, body):
        if body.get("new_edits") is not False:
            self.faults.append("a write that would make revisions")
        rows = []
        for of in body["docs"]:
            if of["_id"] == "refused":
                rows.append({"id": of["_id"], "rev": of["_rev"], "error": "forbidden", "reason": "a word of the design document's"})
            else:
                self.taken[of["_id"], of["_rev"]] = of
        return 201, rows, {}

    def attachment(self, name, packed):
        data = {"text.txt": TEXT, "picture": PICTURE}[name]
        fields = {"Content-Type": "application/octet-stream", "Accept-Ranges": "none", "ETag": f'"{digest(data)}"'}
        if packed and name == "text.txt":
            return 200, PACKED, {**fields, "Content-Encoding": "gzip"}
        return 200, data, fields

    def parts(self, name, body, content_type):
        (_, text), *rest = parts_of(body, content_type)
        of = json.loads(text)
        self.taken[name, of["_rev"]] = of
        self.attachments[name] = dict(zip(of["_attachments"], (data for _, data in rest), strict=True))
        return 201, {"ok": True, "id": name, "rev": of["_rev"]}, {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "CouchDB/3.3.3 (Erlang OTP/24)", ""

    def log_message(self, *_):
        pass

    def do(self):
        couch = self.server.couch
        parsed = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(parsed.path), dict(urllib.parse.parse_qsl(parsed.query))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        couch.asked.append(f"{self.command} {re.sub('_local/.*', '_local/ID', path)}")
        found = re.fullmatch(r"/db/(a note/1|noted)(?:/(text.txt|picture))?", path)
        if found and found.group(2):
            status, answer, fields = couch.attachment(found.group(2), "gzip" in self.headers.get("Accept-Encoding", ""))
        elif found and self.command == "PUT" and query.get("new_edits") == "false":
            status, answer, fields = couch.parts(found.group(1), body, self.headers["Content-Type"])
        else:
            status, answer, fields = couch.answer(self.command, path, query, body)
        self.send_answer(status, answer, {"Cache-Control": "must-revalidate", "X-CouchDB-Body-Time": "0", **fields})

    def send_answer(self, status, answer, fields):
        self.send_response(status)
        if isinstance(answer, bytes):
            data, pieces = answer, [answer]
        else:
            # As CouchDB does: in chunks, the list's rows each in one, and a line's end last.
            data = json.dumps(answer).encode() + b"\n"
            pieces = [data[at:at + 100] for at in range(0, len(data), 100)]
            fields = {**fields, "Content-Type": "application/json", "Transfer-Encoding": "chunked"}
        for name, value in fields.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in fields:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece if "Transfer-Encoding" not in fields else f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if "Transfer-Encoding" in fields:
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_PUT = do_POST = do


def replicated(server, source, target):
    """The progress of one replication that is over."""
    made = server.ask("POST", "/v1/replications", {"source": source, "target": target})
    end = time.monotonic() + WAIT_SECONDS
    while True:
        shown = server.ask("GET", f"/v1/replications/{made['id']}")["progress"]
        if shown["state"] in ("finished", "failed"):
            break
        expect(time.monotonic() < end, f"a replication does not end: {shown}")
        time.sleep(0.05)
    server.ask("DELETE", f"/v1/replications/{made['id']}")
    expect(shown["state"] == "finished", f"{shown}")
    return shown


def pull(server, couch, url):
    server.ask("PUT", "/v1/databases/copy", {})
    shown = replicated(server, url, "copy")
    expect(shown["failures"] == 0 and shown["revisionsWritten"] == 5, f"{shown}")
    again = ["GET /db/_local/ID", "GET /db/_changes"]
    bodies = ["GET /db", *again, "POST /db/_bulk_get", "GET /db/a note/1/text.txt", "GET /db/a note/1/picture", "PUT /db/_local/ID"]
    failed = ["GET /db", "GET /", *again, "POST /db/_bulk_get"]
    expect(couch.asked == failed + bodies, f"it asked {couch.asked}")
    documents = "/v1/databases/copy/collections/_default/documents"
    plain = server.ask("GET", f"{documents}/plain?conflicts=true")
    expect(plain["_rev"] == "2-b2" and plain["_conflicts"] == ["2-a9"] and plain["word"] == "winner", f"{plain}")
    note = server.ask("GET", "/couch/copy/a%20note%2F1?attachments=true&revs=true")
    expect(note["_attachments"]["text.txt"]["digest"] == digest(TEXT), f"{note}")
    expect(note["_attachments"]["picture"]["digest"] == digest(PICTURE), f"{note}")
    couch.asked.clear()
    shown = replicated(server, url, "copy")
    expect(shown["changesRead"] == 0 and couch.asked == ["GET /db", "GET /", *again], f"a second run asked {couch.asked}")


def pull_without_bulk_get(server, couch, url):
    couch.has_bulk_get = False
    couch.asked.clear()
    server.ask("PUT", "/v1/databases/old", {})
    shown = replicated(server, url, "old")
    expect(shown["failures"] == 0 and shown["revisionsWritten"] == 5, f"{shown}")
    expect(couch.asked.count("POST /db/_bulk_get") == 1, f"it asked {couch.asked}")
    expect(couch.asked.count("GET /db/plain") == 1, f"both leaves came with one request: {couch.asked}")
    for name in ("plain?rev=2-b2", "plain?rev=2-a9", "_design/app", "a%20note%2F1?attachments=true", "gone?rev=2-d2"):
        both = [server.ask("GET", f"/couch/{database}/{name}") for database in ("copy", "old")]
        expect(both[0] == both[1], f"{both}")
    couch.has_bulk_get = True


def push(server, couch, url):
    server.ask("PUT", "/v1/databases/own", {})
    rows = server.ask("POST", "/couch/own/_bulk_docs", {"new_edits": False, "docs": [PLAIN, OTHER, GONE, document("refused", 1, "a1")]})
    expect(rows == [], f"{rows}")
    noted = document("noted", 1, "f1", _attachments={"text.txt": {"content_type": "text/plain", "data": "aGVsbG8="},
                                                     "picture": {"content_type": "image/png", "data": "AAEC"}})
    server.ask("PUT", "/couch/own/noted?new_edits=false", noted)
    couch.asked.clear()
    shown = replicated(server, "own", url)
    expect(shown["failures"] == 1 and shown["failed"][0]["id"] == "refused", f"{shown}")
    asked = [what for what in couch.asked if what not in ("GET /", "PUT /db")]
    expect(asked == ["GET /db", "GET /db/_local/ID", "POST /db/_revs_diff", "POST /db/_bulk_docs", "PUT /db/noted",
                     "PUT /db/_local/ID"], f"it asked {couch.asked}")
    for of in (PLAIN, OTHER, GONE):
        expect(couch.taken.get((of["_id"], of["_rev"])) == of, f"{of['_id']} came as {couch.taken.get((of['_id'], of['_rev']))}")
    expect(couch.attachments["noted"] == {"text.txt": b"hello", "picture": b"\0\1\2"}, f"{couch.attachments}")
    of = couch.taken["noted", "1-f1"]["_attachments"]["text.txt"]
    expect(of["follows"] is True and of["length"] == 5 and of["digest"] == digest(b"hello"), f"{of}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    options = parser.parse_args()
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    couch = listener.couch = Couch()
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{listener.server_address[1]}/db"
    try:
        with fresh_server(options.programs, "couch-server", ("--replication-networks", "127.0.0.1")) as server:
            pull(server, couch, url)
            pull_without_bulk_get(server, couch, url)
            push(server, couch, url)
        expect(not couch.faults, f"{couch.faults}")
    except Finding as finding:
        print(f"FAILED: {finding}", flush=True)
        return 1
    print("what CouchDB has came, and what it lacked went there", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
