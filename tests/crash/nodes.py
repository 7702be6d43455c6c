"""Servers that come back at their own address, and `quire replicate` between two of them: what the tests of replication share."""

import contextlib
import hashlib
import json
import os
import random
import re
import socket
import subprocess
import urllib.parse

from server_rounds import Connection, Server, expect

REPLICATE_SECONDS = 300


def free_port():
    """One that nobody is given by chance while its server is away: below those that the system gives out."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


class Node:
    """A directory with a server that comes back at its own address."""

    def __init__(self, programs, place, name, arguments=()):
        self.programs = programs
        self.data = place / name
        self.log = place / f"{name}.log"
        self.log.touch()
        self.port = free_port()
        self.arguments = arguments
        self.key = None
        self.key_file = place / f"{name}.key"
        self.server = None

    def start(self):
        self.server = Server(self.programs, self.data, self.log,
                             ("--listen", f"127.0.0.1:{self.port}", "--replication-networks", "127.0.0.1", *self.arguments))
        if self.key is None:
            self.key = self.server.read_key()
            self.key_file.write_text(self.key, encoding="ascii")
        self.server.key = self.key
        self.server.wait_until_ready(self.key)

    def kill(self):
        if self.server is not None:
            self.server.end()
        self.server = None

    @property
    def url(self):
        return self.url_of("main")

    def url_of(self, database):
        return f"http://127.0.0.1:{self.port}/v1/databases/{database}"

    def ask(self, method, target, body=None, good=(200, 201)):
        return self.server.ask(method, target, body, None, good)

    def has(self, name):
        status = self.server.ask("GET", f"/v1/databases/main/collections/_default/documents/{name}", None, None, (200, 404))
        return "_id" in status

    def rows(self, database="main", since="0", current=True, documents=False):
        """The changes of documents behind a position, and the position behind these."""
        found = []
        options = f"limit=1000&current={str(current).lower()}&documents={str(documents).lower()}"
        connection = Connection(self.server.port, self.key)
        try:
            while True:
                target = f"/v1/databases/{database}/changes?since={urllib.parse.quote(since)}&{options}"
                status, text = connection.call("GET", target)
                expect(status == 200, f"GET {target} answered {status} {text[:300]}")
                page = json.loads(text)
                found += page["changes"]
                since = page["next"]
                if not page["more"]:
                    return found, since
        finally:
            connection.close()

    def changes(self, database="main"):
        """Every document's revision, by collection and id."""
        return {(row.get("collection"), row["id"]): row["revision"] for row in self.rows(database)[0] if "id" in row}

    def digest_of(self, target):
        """Of an attachment's bytes; None where there is none."""
        connection = Connection(self.server.port, self.key)
        try:
            status, bytes_ = connection.call("GET", target)
        finally:
            connection.close()
        expect(status in (200, 404), f"GET {target} answered {status} {bytes_[:300]}")
        return hashlib.sha256(bytes_).hexdigest() if status == 200 else None


def run(programs, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUIRE_")}
    environment["QUIRE_ALLOW_ROOT"] = "1"
    return subprocess.Popen([programs / "quire", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=environment, text=True)


def replicate(programs, source, target, *more, database="main"):
    return run(programs, "replicate", source.url_of(database), target.url_of(database), "--source-key", source.key_file,
               "--target-key", target.key_file, *more)


def finished(process):
    out, err = process.communicate(timeout=REPLICATE_SECONDS)
    expect(process.returncode == 0, f"quire replicate ended with {process.returncode}: {out} {err}")
    return out


def counts_of(report):
    """(revisions written, changes looked at) of what a finished `quire replicate` prints."""
    match = re.search(r"finished: (.+?) revisions? written, (.+?) changes? looked at, 0 failures", report)
    expect(match, f"quire replicate did not finish well: {report}")
    return tuple(int(re.sub(r"\D", "", text)) for text in match.groups())
