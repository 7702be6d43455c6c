#!/usr/bin/env python3
"""couch_replicator.py BIN: a server is asked what CouchDB 3's replicator asks, in its order and form, as a target and then as
a source, and answers as that expects: both directions with checkpoints, conflicts, deletions, and an attachment that comes
packed, as CouchDB keeps texts."""

import argparse
import base64
import gzip
import hashlib
import http.client
import json
import pathlib
import re
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
from server_rounds import Finding, expect, fresh_server  # noqa: E402

# As CouchDB names a replication: a digest, and what makes it another one.
REPLICATION = "8f5e26b9a4d14b3a9c2e5f0d7b6a1c33+continuous"
OLDER_NAMES = ("27a0b1ee6a4c46e2bd0b9bb8ed4f0a51", "5f3dd7a9e1c84d3c8a7e2b60c94f18de")
SESSION = "4c6e1f0f0be2c0cf5d1d1d3fd0a5e2b1"
OPAQUE = "37-g1AAAACbeJzLYWBgYMpgTmHgz8tPSTV0MDQy1zMAQsMckEQiQ1L9____szKYE3OBAuzJZilGicYmyOoMLEwSk8wMDJDVZaKoYwAAkF8kLw"
# CouchDB packs texts; what it says of them has the digest of the packed bytes.
TEXT = b"a text that CouchDB keeps packed. " * 100
PACKED = gzip.compress(TEXT, mtime=0)
PICTURE = bytes(range(256))


def digest(data):
    return "md5-" + base64.b64encode(hashlib.md5(data).digest()).decode()


def document(name, generation, *hashes, **members):
    """With its way from the first revision."""
    return {"_id": name, "_rev": f"{generation}-{hashes[0]}", "_revisions": {"start": generation, "ids": list(hashes)}, **members}


PLAIN = document("plain", 2, "b2", "a1", word="winner")
OTHER = document("plain", 2, "a9", "a1", word="loser")
GONE = document("gone", 2, "d2", "d1", _deleted=True)
DESIGN = document("_design/app", 1, "e1", views={"all": {"map": "function (doc) { emit(doc._id); }"}})
NOTE = document("a note/1", 1, "f1", _attachments={
    "text.txt": {"content_type": "text/plain", "revpos": 1, "digest": digest(PACKED), "length": len(TEXT), "follows": True,
                 "encoding": "gzip", "encoded_length": len(PACKED)},
    "picture": {"content_type": "image/png", "revpos": 1, "digest": digest(PICTURE), "length": len(PICTURE), "follows": True}})


class Replicator:
    """CouchDB's, on one connection."""

    def __init__(self, server, database):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.database = f"/couch/{database}"
        self.fields = {"Accept": "application/json", "User-Agent": "CouchDB-Replicator/3.3.3",
                       # One of the `headers` of the replication's document.
                       "Authorization": f"Bearer {server.key}"}

    def send(self, method, target, body=None, **fields):
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        if body is not None and "Content-Type" not in named:
            named["Content-Type"] = "application/json"
        body = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        self.connection.request(method, target, body, {**self.fields, **named})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def ask(self, method, path, body=None, good=(200,), **fields):
        status, _, text = self.send(method, self.database + path, body, **fields)
        expect(status in good, f"{method} {path}: {status} {text[:300]}")
        return json.loads(text)

    def open(self):
        """The database, and the record, by its names of today and of older versions."""
        info = self.ask("GET", "")
        expect("update_seq" in info and "instance_start_time" in info, f"{info}")
        for name in (REPLICATION, *OLDER_NAMES):
            status, _, text = self.send("GET", f"{self.database}/_local/{urllib.parse.quote(name, safe='')}")
            if status == 200:
                return json.loads(text)
            expect(status == 404 and json.loads(text)["error"] == "not_found", f"{status} {text[:300]}")
        return {"_id": f"_local/{REPLICATION}"}

    def record(self, before, position):
        """What was reached, over the record before; its new revision."""
        entry = {"session_id": SESSION, "start_time": "Fri, 27 Nov 2026 02:00:00 GMT", "end_time": "Fri, 27 Nov 2026 02:00:01 GMT",
                 "start_last_seq": 0, "end_last_seq": position, "recorded_seq": position, "missing_checked": 5,
                 "missing_found": 5, "docs_read": 5, "docs_written": 5, "doc_write_failures": 0}
        record = {**before, "session_id": SESSION, "source_last_seq": position, "replication_id_version": 4,
                  "history": [entry, *before.get("history", [])]}
        written = self.ask("PUT", f"/_local/{urllib.parse.quote(REPLICATION, safe='')}", record, (201,))
        expect(written["ok"] is True and re.fullmatch(r"0-\d+", written["rev"]), f"{written}")
        again = self.open()
        expect(again == {**record, "_rev": written["rev"]}, f"the record came back as {again}")
        return again

    def put_parts(self, of, *parts):
        """A document with its attachments behind it."""
        boundary = "7f3a9c5e1b2d4f60"
        pieces = [f"--{boundary}\r\nContent-Type: application/json\r\n\r\n".encode() + json.dumps(of).encode()]
        for name, content_type, data, coding in parts:
            head = f'Content-Disposition: attachment; filename="{name}"\r\nContent-Type: {content_type}\r\nContent-Length: {len(data)}'
            head += f"\r\nContent-Encoding: {coding}" if coding else ""
            pieces.append(f"\r\n--{boundary}\r\n{head}\r\n\r\n".encode() + data)
        body = b"".join(pieces) + f"\r\n--{boundary}--".encode()
        path = f"/{urllib.parse.quote(of['_id'], safe='')}?new_edits=false"
        return self.ask("PUT", path, body, (201,), Content_Type=f'multipart/related; boundary="{boundary}"')


def as_target(replicator):
    """What has changed elsewhere comes here."""
    before = replicator.open()
    wanted = {"plain": ["2-b2", "2-a9"], "gone": ["2-d2"], "_design/app": ["1-e1"], "a note/1": ["1-f1"]}
    difference = replicator.ask("POST", "/_revs_diff", wanted)
    expect({name: sorted(of["missing"]) for name, of in difference.items()} == {name: sorted(revs) for name, revs in wanted.items()},
           f"{difference}")
    rows = replicator.ask("POST", "/_bulk_docs", {"new_edits": False, "docs": [PLAIN, OTHER, GONE, DESIGN]}, (201,),
                          X_Couch_Full_Commit="false")
    expect(rows == [], f"revisions were refused: {rows}")
    made = replicator.put_parts(NOTE, ("text.txt", "text/plain", PACKED, "gzip"), ("picture", "image/png", PICTURE, None))
    expect(made["rev"] == "1-f1", f"{made}")
    committed = replicator.ask("POST", "/_ensure_full_commit", b"", (201,))
    expect(committed["ok"] is True and "instance_start_time" in committed, f"{committed}")
    record = replicator.record(before, OPAQUE)
    expect(replicator.ask("POST", "/_revs_diff", wanted) == {}, "what came is missing")
    # The next round: a revision that only names the bytes which are here.
    stubs = {name: {**{key: value for key, value in of.items() if key != "follows"}, "stub": True}
             for name, of in NOTE["_attachments"].items()}
    later = document("a note/1", 2, "f2", "f1", word="later", _attachments=stubs)
    ancestors = replicator.ask("POST", "/_revs_diff", {"a note/1": ["2-f2"]})
    expect(ancestors == {"a note/1": {"missing": ["2-f2"], "possible_ancestors": ["1-f1"]}}, f"{ancestors}")
    rows = replicator.ask("POST", "/_bulk_docs", {"new_edits": False, "docs": [later]}, (201,))
    expect(rows == [], f"a revision that names attachments was refused: {rows}")
    replicator.record(record, OPAQUE.replace("37-", "38-"))


def parts_of(text, content_type):
    """(fields, bytes) of each part."""
    boundary = re.search(r'boundary="?([^";]+)', content_type).group(1).encode()
    pieces = (b"\r\n" + text).split(b"\r\n--" + boundary)
    expect(pieces[-1].strip() == b"--", f"a body of parts has no end: {text[-80:]!r}")
    for piece in pieces[1:-1]:
        head, _, body = piece.partition(b"\r\n\r\n")
        yield {name.lower(): value.strip() for name, value in
               (line.split(":", 1) for line in head.decode().split("\r\n") if line)}, body


def as_source(replicator):
    """All that came is read again, as what CouchDB would take from here."""
    replicator.open()
    page = replicator.ask("GET", "/_changes?feed=normal&style=all_docs&since=0&timeout=10000")
    changed = {row["id"]: {leaf["rev"] for leaf in row["changes"]} for row in page["results"]}
    expect(changed == {"plain": {"2-b2", "2-a9"}, "gone": {"2-d2"}, "_design/app": {"1-e1"}, "a note/1": {"2-f2"}}, f"{changed}")
    expect([row["id"] for row in page["results"] if row.get("deleted")] == ["gone"], f"{page}")
    expect(page["results"][-1]["seq"] == page["last_seq"] and page["pending"] == 0, f"{page}")
    asked = [{"id": name, "rev": rev} for name, revs in changed.items() if name != "a note/1" for rev in sorted(revs)]
    got = replicator.ask("POST", "/_bulk_get?latest=true&revs=true&attachments=false", {"docs": asked})
    documents = [docs["ok"] for of in got["results"] for docs in of["docs"]]
    wanted = [PLAIN, OTHER, GONE, DESIGN]
    order = lambda of: (of["_id"], of["_rev"])  # noqa: E731
    expect(sorted(documents, key=order) == sorted(wanted, key=order), f"{documents}")
    read_note(replicator)
    replicator.record(replicator.open(), page["last_seq"])
    since = urllib.parse.quote(page["last_seq"] if isinstance(page["last_seq"], str) else str(page["last_seq"]))
    rest = replicator.ask("GET", f"/_changes?feed=normal&style=all_docs&since={since}&timeout=10000")
    expect(rest["results"] == [], f"{rest}")


def read_note(replicator):
    """One document with its attachments, in parts."""
    revs = urllib.parse.quote(json.dumps(["2-f2"]))
    path = f"{replicator.database}/a%20note%2F1?atts_since=[]&revs=true&open_revs={revs}&latest=true".replace("[]", "%5B%5D")
    status, head, text = replicator.send("GET", path, Accept="multipart/mixed")
    expect(status == 200 and head["Content-Type"].startswith("multipart/mixed"), f"{status} {head} {text[:300]}")
    (inner_head, inner), = parts_of(text, head["Content-Type"])
    (_, body), *attachments = parts_of(inner, inner_head["content-type"])
    note = json.loads(body)
    expect(note["_revisions"] == {"start": 2, "ids": ["f2", "f1"]} and note["word"] == "later", f"{note}")
    expect(len(attachments) == len(note["_attachments"]), f"{note}")
    for (fields, data), (name, of) in zip(attachments, note["_attachments"].items()):
        expected = {"text.txt": TEXT, "picture": PICTURE}[name]
        expect(data == expected and of["length"] == len(expected) and of["digest"] == digest(expected), f"{name}: {of}")
        expect(f'filename="{name}"' in fields["content-disposition"] and int(fields["content-length"]) == len(expected), f"{fields}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    options = parser.parse_args()
    try:
        with fresh_server(options.programs, "couch-replicator") as server:
            server.ask("PUT", "/v1/databases/db", {})
            replicator = Replicator(server, "db")
            as_target(replicator)
            as_source(replicator)
    except Finding as finding:
        print(f"FAILED: {finding}", flush=True)
        return 1
    print("CouchDB's replicator gets what it expects", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
