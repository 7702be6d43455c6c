#!/usr/bin/env python3
"""hostile_peer.py BIN [--slow N]: a server replicates from one that plays CouchDB and means it harm.

One replication after the other meets an endless answer, trees of a million revisions, attachments that are not what was
said, redirects, a bomb of gzip, garbage, and N streams at once that give a byte a second. Each must be reported with an
error or a failed document, and be ended when it is taken away; nothing of the peer's may be written or called, and
nothing that it says be shown. Meanwhile a polite client writes and reads, and gets every answer; memory stays below what
idle takes and MOST_MIB, and in the end an honest peer is replicated from and the server stops in order."""

import argparse
import base64
import contextlib
import hashlib
import json
import pathlib
import re
import signal
import socket
import sys
import threading
import time
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
from server_rounds import STOP_SECONDS, Connection, Finding, expect, fresh_server  # noqa: E402

# The largest answer that is read, 32 MiB of changes, and what it is parsed into, seven times as much; and what the
# allocator keeps.
MOST_MIB = 288
MILLION = 1_000_000
SECRET = "a-word-of-the-peers"
WAIT_SECONDS = 150
END = threading.Event()


def as_json(value):
    return json.dumps(value, separators=(",", ":")).encode()


def answer(body, fields=(), status="200 OK"):
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close", *fields]
    return ["\r\n".join(head).encode() + b"\r\n\r\n" + body]


def chunked(pieces):
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    for piece in pieces:
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


def changes_of(*rows, last="1"):
    return as_json({"results": list(rows), "last_seq": last, "pending": 0})


def row_of(name, revision="1-a", **more):
    return {"seq": "1", "id": name, "changes": [{"rev": revision}], **more}


def got(name, **members):
    return as_json({"results": [{"id": name, "docs": [{"ok": {"_id": name, **members}}]}]})


class Peer:
    """What a peer answers: to be extended by one that lies. `path` is behind the database."""

    rows = (row_of("doc"),)
    document = {"_rev": "1-a", "_revisions": {"start": 1, "ids": ["a"]}, "word": SECRET}

    def __init__(self, other_port):
        self.other_port = other_port

    def of(self, path, method):
        if path.startswith("/_local/") and method == "PUT":
            return answer(as_json({"ok": True, "id": path[1:], "rev": "0-1"}), status="201 Created")
        if path.startswith("/_local/"):
            return answer(b'{"error":"not_found"}', status="404 Object Not Found")
        if path.startswith("/_changes"):
            return self.changes(path)
        if path.startswith("/_bulk_get"):
            return answer(got("doc", **self.document))
        if "/" in path[1:]:
            return self.attachment()
        return answer(as_json({"db_name": "db", "update_seq": "1", "instance_start_time": "0"}))

    def changes(self, path):
        return answer(changes_of(*([] if "since=1" in path else self.rows)))

    def attachment(self):
        return answer(b"")


class Honest(Peer):
    pass


class EndlessAnswer(Peer):
    def changes(self, path):
        row = as_json(row_of("doc")) + b","

        def pieces():
            yield b'{"results":['
            while not END.is_set():
                yield row * 1000
        return chunked(pieces())


class EndlessPages(Peer):
    """Each page is followed by another, and no document of them is to be had."""

    def changes(self, path):
        since = re.search(r"since=(\d+)", path)
        limit = int(re.search(r"limit=(\d+)", path).group(1))
        first = int(since.group(1)) if since else 0
        rows = [row_of(f"doc{first + i}") for i in range(limit)]
        return answer(as_json({"results": rows, "last_seq": str(first + limit), "pending": 1 << 40}))


class TreeOfAMillion(Peer):
    document = {"_rev": f"{MILLION}-a", "_revisions": {"start": MILLION, "ids": ["a"] * MILLION}}


class LeavesOfAMillion(Peer):
    def changes(self, path):
        leaves = b",".join(b'{"rev":"1-%x"}' % number for number in range(MILLION))
        return answer(b'{"results":[{"seq":"1","id":"doc","changes":[' + leaves + b']}],"last_seq":"1","pending":0}')


class ManyRows(Peer):
    """More than were asked for."""

    def changes(self, path):
        return answer(changes_of(*(row_of(f"doc{i}") for i in range(300_000))))


class LongPosition(Peer):
    def changes(self, path):
        return answer(changes_of(*self.rows, last="1" * (10 << 20)))


class Attachment(Peer):
    bytes = b"x" * 1000
    length = len(bytes)
    digest = base64.b64encode(hashlib.md5(bytes).digest()).decode()
    fields = ()

    @property
    def document(self):
        return {"_rev": "1-a", "_revisions": {"start": 1, "ids": ["a"]},
                "_attachments": {"file": {"stub": True, "revpos": 1, "content_type": "text/plain", "length": self.length,
                                          "digest": "md5-" + self.digest}}}

    def attachment(self):
        return answer(self.bytes, self.fields)


class ShortAttachment(Attachment):
    length = 2000


class LongAttachment(Attachment):
    length = 10


class EndlessAttachment(Attachment):
    def attachment(self):
        return chunked(iter(lambda: b"x" * 65536, None))


class HugeAttachment(Attachment):
    length = 1 << 62


class OtherAttachment(Attachment):
    digest = base64.b64encode(b"\0" * 16).decode()


class BombAttachment(Attachment):
    fields = ("Content-Encoding: gzip",)


class Redirect(Peer):
    def of(self, path, method):
        return answer(b"", (f"Location: http://127.0.0.1:{self.other_port}/db",), "302 Found")


class RedirectedAttachment(Attachment):
    def attachment(self):
        return answer(b"", (f"Location: http://127.0.0.1:{self.other_port}/file",), "307 Temporary Redirect")


class Slow(Peer):
    def changes(self, path):
        def pieces():
            yield b'{"results":['
            while not END.wait(1.0):
                yield b" "
        return chunked(pieces())


class Bomb(Peer):
    def changes(self, path):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(1024)) + packer.flush()
        return answer(packed, ("Content-Encoding: gzip",))


class Garbage(Peer):
    text = bytes(range(256)) * 4000

    def changes(self, path):
        return answer(self.text)


class Depth(Garbage):
    text = b"[" * MILLION


class DeepDocument(Peer):
    def of(self, path, method):
        if not path.startswith("/_bulk_get"):
            return super().of(path, method)
        deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
        return answer(b'{"results":[{"id":"doc","docs":[{"ok":{"_id":"doc","_rev":"1-a","deep":' + deep + b"}}]}]}")


class HalfAnswer(Garbage):
    def changes(self, path):
        return [b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n{"]


class NoHttp(Peer):
    def of(self, path, method):
        return [b"\x16\x03\x01" + SECRET.encode() * 1000]


class HeadWithoutEnd(Peer):
    def of(self, path, method):
        yield b"HTTP/1.1 200 OK\r\n"
        while not END.is_set():
            yield b"A: " + b"b" * 60_000 + b"\r\n"


# What is seen of each: an error of the replication, a document that failed, or that it goes on.
CASES = ((EndlessAnswer, "error"), (TreeOfAMillion, "failure"), (LeavesOfAMillion, "any"), (ManyRows, "error"),
         (LongPosition, "error"), (ShortAttachment, "failure"), (LongAttachment, "failure"), (EndlessAttachment, "failure"),
         (HugeAttachment, "any"), (OtherAttachment, "failure"), (BombAttachment, "failure"), (Redirect, "error"),
         (RedirectedAttachment, "any"), (Bomb, "error"), (Garbage, "error"), (Depth, "error"), (DeepDocument, "any"),
         (HalfAnswer, "error"), (NoHttp, "error"), (HeadWithoutEnd, "error"), (EndlessPages, "goes on"))


class Listener(threading.Thread):
    """A socket whose connections each get one answer."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.socket.getsockname()[1]
        self.peers = {}
        self.asked = 0
        self.start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.asked += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        # Who is answered may be gone at any time.
        with connection, contextlib.suppress(OSError):
            connection.settimeout(60)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            head, _, body = head.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
            left = int(length.group(1)) - len(body) if length else 0
            while left > 0:
                left -= len(connection.recv(65536))
            method, target = head.decode().split(" ")[:2]
            for piece in self.answer_to(method, re.fullmatch(r"/(\w+)/db(.*)", target)):
                connection.sendall(piece)

    def answer_to(self, method, match):
        if match is None or match.group(1) not in self.peers:
            return answer(as_json({"couchdb": "Welcome", "uuid": "1"}))
        return self.peers[match.group(1)].of(match.group(2), method)


class Polite(threading.Thread):
    """Writes and reads a document, again and again."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.over = threading.Event()
        self.rounds = 0
        self.slowest = 0.0
        self.fault = None

    def run(self):
        try:
            while not self.over.wait(0.01):
                began = time.monotonic()
                self.rounds += 1
                connection = Connection(self.server.port, self.server.key)
                path = "/v1/databases/main/collections/polite/documents/d"
                status, text = connection.call("PUT", path, as_json({"n": self.rounds}))
                expect(status in (200, 201), f"a polite client was answered {status} {text[:200]}")
                status, text = connection.call("GET", path)
                expect(status == 200 and json.loads(text)["n"] == self.rounds, f"a polite client read {status} {text[:200]}")
                connection.close()
                self.slowest = max(self.slowest, time.monotonic() - began)
        except Exception as error:  # a thread's error is nobody's otherwise
            self.fault = f"{type(error).__name__}: {error}"


class Memory(threading.Thread):
    """The most that the server has."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.status = pathlib.Path(f"/proc/{process.pid}/status")
        self.most = 0.0
        self.start()

    def run(self):
        with contextlib.suppress(OSError, AttributeError):
            while True:
                self.most = max(self.most, self.now())
                time.sleep(0.02)

    def now(self):
        return int(re.search(r"VmRSS:\s+(\d+)", self.status.read_text(encoding="ascii")).group(1)) / 1024


class Scene:
    def __init__(self, server, listener, other):
        self.server = server
        self.listener = listener
        self.other = other

    def begin(self, kind, name=None):
        """A replication into a database of its own; (what to ask for it, the database)."""
        name = name or kind.__name__
        self.listener.peers[name] = kind(self.other.port)
        database = name.lower()
        self.server.ask("PUT", f"/v1/databases/{database}")
        made = self.server.ask("POST", "/v1/replications", {"source": f"http://127.0.0.1:{self.listener.port}/{name}/db",
                                                            "target": database})
        return f"/v1/replications/{made['id']}", database

    def documents(self, database):
        return self.server.ask("GET", f"/v1/databases/{database}")["documents"]

    def wait(self, job, condition, what):
        end = time.monotonic() + WAIT_SECONDS
        while True:
            shown = self.server.ask("GET", job)
            if condition(shown["progress"]):
                return shown
            expect(time.monotonic() < end, f"{what}: {json.dumps(shown)[:1000]}")
            time.sleep(0.05)

    def take_away(self, job):
        self.server.ask("DELETE", job)
        self.server.ask("GET", job, good=(404,))

    def meet(self, kind, wanted, memory):
        name = kind.__name__
        began, memory.most = time.monotonic(), 0.0
        job, database = self.begin(kind)

        def reported(progress):
            return ("error" in progress and wanted != "failure") or (progress["failures"] > 0 and wanted != "error") or \
                (wanted == "any" and progress["state"] == "finished")

        if wanted == "goes on":
            shown = self.wait(job, lambda progress: progress["changesRead"] > 20_000, f"{name} does not go on")
        else:
            shown = self.wait(job, reported, f"{name} is not reported")
        expect(SECRET not in json.dumps(shown), f"{name}: what the peer says is shown")
        self.take_away(job)
        expect(self.documents(database) == 0, f"{name}: a document was written")
        progress = shown["progress"]
        error = progress.get("error") or next((of["error"] for of in progress["failed"]), {})
        print(f"{name:20} {progress['state']:9} {progress['failures']:6} failed, {error.get('code', '-'):12} "
              f"{time.monotonic() - began:6.2f} s, at most {memory.most:6.0f} MiB", flush=True)
        return memory.most

    def meet_slow_ones(self, count):
        """While others hold their streams an honest peer is replicated from."""
        jobs = [self.begin(Slow, f"Slow{i}")[0] for i in range(count)]
        time.sleep(1)
        began = time.monotonic()
        self.take_from_an_honest_peer("behind")
        seconds = time.monotonic() - began
        for job in jobs:
            self.take_away(job)
        print(f"{count} slow streams: an honest replication beside them took {seconds:.1f} s", flush=True)

    def take_from_an_honest_peer(self, name):
        job, database = self.begin(Honest, name)
        self.wait(job, lambda progress: progress["state"] == "finished", "an honest replication does not end")
        expect(self.documents(database) == 1, "an honest peer's document did not come")


def attack(server, options):
    listener, other = Listener(), Listener()
    scene = Scene(server, listener, other)
    scene.take_from_an_honest_peer("before")
    memory = Memory(server.process)
    idle = memory.now()
    polite = Polite(server)
    polite.start()
    most = max(scene.meet(kind, wanted, memory) for kind, wanted in CASES if options.only in (None, kind.__name__))
    if options.only is None:
        scene.meet_slow_ones(options.slow)
    polite.over.set()
    polite.join(STOP_SECONDS)
    END.set()
    expect(polite.fault is None, polite.fault)
    expect(polite.rounds > 0, "a polite client was not served")
    expect(other.asked == 0, "a redirect was followed")
    scene.take_from_an_honest_peer("after")
    print(f"idle {idle:.0f} MiB, most {most:.0f}; {polite.rounds} polite rounds, the slowest {polite.slowest * 1000:.0f} ms", flush=True)
    expect(most < idle + MOST_MIB, f"memory grew from {idle:.0f} to {most:.0f} MiB")
    server.process.send_signal(signal.SIGTERM)
    expect(server.process.wait(STOP_SECONDS) == 0, "the server did not end in order")
    expect(SECRET not in server.log.read_text(encoding="utf-8"), "what the peer says is in the log")


def main():
    parser = argparse.ArgumentParser(prog="hostile_peer", description=__doc__)
    parser.add_argument("programs", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--slow", type=int, default=16, help="streams that give a byte a second (16)")
    parser.add_argument("--only", help="one case")
    options = parser.parse_args()
    try:
        with fresh_server(options.programs, "peer", ("--replication-networks", "127.0.0.1")) as server:
            attack(server, options)
    except Finding as finding:
        print(f"FAILED: {finding}", flush=True)
        return 1
    finally:
        END.set()
    return 0


if __name__ == "__main__":
    sys.exit(main())
