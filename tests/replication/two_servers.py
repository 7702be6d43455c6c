#!/usr/bin/env python3
"""two_servers.py BIN [--documents N]: a database moves from one server to another while the target is killed twice.

`quire replicate` goes on through it, moves everything once, and finds nothing to do afterwards; then the target follows the
source by a replication of its own, which survives its restart."""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
from server_rounds import Finding, Server, expect  # noqa: E402

WAIT_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """A directory with a server that comes back at its own address."""

    def __init__(self, programs, place, name):
        self.programs = programs
        self.data = place / name
        self.log = place / f"{name}.log"
        self.log.touch()
        self.port = free_port()
        self.key = None
        self.key_file = place / f"{name}.key"
        self.server = None

    def start(self):
        self.server = Server(self.programs, self.data, self.log,
                             ("--listen", f"127.0.0.1:{self.port}", "--replication-networks", "127.0.0.1"))
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
        return f"http://127.0.0.1:{self.port}/v1/databases/main"

    def ask(self, method, target, body=None, good=(200, 201)):
        return self.server.ask(method, target, body, None, good)

    def has(self, name):
        status = self.server.ask("GET", f"/v1/databases/main/collections/_default/documents/{name}", None, None, (200, 404))
        return "_id" in status

    def changes(self):
        """Every document's revision, by collection and id."""
        found, since = {}, "0"
        while True:
            page = self.ask("GET", f"/v1/databases/main/changes?current=true&limit=1000&since={since}")
            for row in page["changes"]:
                if "id" in row:
                    found[row.get("collection"), row["id"]] = row["revision"]
            since = page["next"]
            if not page["more"]:
                return found


def run(programs, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QUIRE_")}
    environment["QUIRE_ALLOW_ROOT"] = "1"
    return subprocess.Popen([programs / "quire", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=environment, text=True)


def finished(process):
    out, err = process.communicate(timeout=180)
    expect(process.returncode == 0, f"quire replicate ended with {process.returncode}: {out} {err}")
    return out


def replicate(programs, source, target, *more):
    return run(programs, "replicate", source.url, target.url, "--source-key", source.key_file, "--target-key",
               target.key_file, *more)


def soon(condition, what):
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        expect(time.monotonic() < end, what)
        time.sleep(0.05)


def killed_twice(programs, source, target, documents):
    process = replicate(programs, source, target)
    for _ in range(2):
        time.sleep(0.4)
        target.kill()
        time.sleep(0.2)
        target.start()
    print(finished(process).strip(), flush=True)
    ours, theirs = source.changes(), target.changes()
    expect(len(ours) >= documents, f"the source has {len(ours)} documents")
    missing = [name for name, revision in ours.items() if theirs.get(name) != revision]
    expect(not missing, f"{len(missing)} documents are missing or others, {missing[:3]} among them")
    again = finished(replicate(programs, source, target))
    expect("0 revisions written, 0 changes looked at" in again, f"a second run found something: {again}")


def both_ways(programs, source, target):
    for node, text in ((source, "at the source"), (target, "at the target")):
        node.ask("PUT", "/v1/databases/main/collections/_default/documents/both", {"written": text})
    finished(replicate(programs, source, target, "--both"))
    path = "/v1/databases/main/collections/_default/documents/both?conflicts=true"
    ours, theirs = source.ask("GET", path), target.ask("GET", path)
    expect(ours == theirs and len(ours["_conflicts"]) == 1, f"{ours} {theirs}")


def by_a_job(source, target):
    made = target.ask("POST", "/v1/replications", {"source": source.url, "sourceKey": source.key, "target": "main",
                                                   "continuous": True})
    expect(source.key not in json.dumps(made), "a key was shown")
    source.ask("PUT", "/v1/databases/main/collections/_default/documents/live", {"n": 1})
    soon(lambda: target.has("live"), "a change did not come")
    target.kill()
    source.ask("PUT", "/v1/databases/main/collections/_default/documents/later", {"n": 2})
    target.start()
    soon(lambda: target.has("later"), "the replication did not go on after a restart")
    shown = target.ask("GET", f"/v1/replications/{made['id']}")
    expect(shown["progress"]["failures"] == 0, f"{shown}")
    target.ask("DELETE", f"/v1/replications/{made['id']}")
    expect(source.key not in target.log.read_text(encoding="utf-8"), "a key was logged")


def to_no_private_address(target):
    for address in ("169.254.169.254", "10.0.0.1", "[::ffff:192.168.0.1]"):
        made = target.ask("POST", "/v1/replications", {"source": f"http://me:secret@{address}/notes", "target": "main"})
        shown = {}

        def ended():
            nonlocal shown
            shown = target.ask("GET", f"/v1/replications/{made['id']}")
            return shown["progress"]["state"] == "failed"

        soon(ended, f"a replication from {address} goes on: {shown}")
        expect(shown["progress"]["error"]["code"] == "forbidden", f"{shown}")
        expect("secret" not in json.dumps(shown), "a password was shown")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--documents", type=int, default=20000)
    options = parser.parse_args()
    programs = options.programs.resolve()
    place = pathlib.Path(tempfile.mkdtemp(prefix="quire-replication-"))
    source, target = Node(programs, place, "source"), Node(programs, place, "target")
    try:
        lines = place / "documents.ndjson"
        with lines.open("w", encoding="utf-8") as out:
            for i in range(options.documents):
                out.write(json.dumps({"_id": f"d{i:07}", "n": i, "text": "x" * 300}) + "\n")
        loading = run(programs, "import", lines, "--data", source.data)
        loading.communicate(timeout=120)
        expect(loading.returncode == 0, "the import failed")
        source.start()
        target.start()
        killed_twice(programs, source, target, options.documents)
        both_ways(programs, source, target)
        by_a_job(source, target)
        to_no_private_address(target)
    except Finding as finding:
        print(f"FAILED: {finding}", flush=True)
        return 1
    finally:
        for node in (source, target):
            with contextlib.suppress(OSError):
                node.kill()
        shutil.rmtree(place, ignore_errors=True)
    print("what one had the other has", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
