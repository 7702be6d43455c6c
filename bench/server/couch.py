"""CouchDB's protocol, with PouchDB as it is published as the client, beside express-pouchdb, a server made of the same; and
replication between two servers.

`--in DIRECTORY` keeps the million documents for the next time."""

import contextlib
import json
import os
import pathlib
import shutil
import statistics
import time
import urllib.request

import machine
from couch_peers import Counter, ExpressPouch, packages
from query import Worker
from quire import Quire
from report import Goal, Row
from rest import Puts, documents
from suite import compare, rate_of

HERE = pathlib.Path(__file__).resolve().parent
COUCH, V1 = "/couch/main", "/v1/databases/main/collections/_default/documents"
FIRST_SYNC, FIRST_BATCH = 18_000, 1000
MOVED = 100_000
EDITS = 200
MB = 1 << 20
ATTACHMENT = 100 * MB
LOOPBACK = "--replication-networks=127.0.0.0/8"


def serve(directory, *settings, **options):
    return Quire(directory, *settings, program="quire", **options)


def client(what, url, number, key=None):
    """What a PouchDB in node, on the load's core, printed."""
    environment = {**os.environ, "NODE_PATH": packages()}
    environment.pop("QUIRE_KEY", None)
    if key:
        environment["QUIRE_KEY"] = key
    return json.loads(machine.run("node", HERE / "pouchdb/client.js", what, url, number, env=environment))


# --- PouchDB

def first_sync(report):
    name = "first sync of 18,000 documents of 300 B, to express-pouchdb"
    absolute = "the same, ours"
    large = "the same by batches of 1,000, to express-pouchdb"
    if not report.wants(name, absolute, large):
        return
    with machine.Directory("couch") as directory:
        ours, peer = serve(directory), ExpressPouch(directory)
        for begin in range(0, FIRST_SYNC, FIRST_BATCH):
            rows = [{"_id": f"document{number:06}", "text": "x" * 260} for number in range(begin, begin + FIRST_BATCH)]
            body = json.dumps({"docs": rows})
            ours.expect("POST", f"{COUCH}/_bulk_docs", body, {"Content-Type": "application/json"})
            peer.send("POST", "/main/_bulk_docs", body)

        def pull(server, url, batch):
            server.process.wait_until_idle()
            result = client("first", url, batch, server.key)
            if result["documents"] != FIRST_SYNC:
                raise SystemExit(f"{server.name}: {result['documents']} documents were pulled")
            return FIRST_SYNC / result["seconds"]

        # As PouchDB does it by itself, and in fewer steps.
        for row_name, batch in ((name, 100), (large, 1000)):
            if not report.wants(row_name) and not (batch == 100 and report.wants(absolute)):
                continue
            row = report.pair(row_name, "docs/s", Goal(2, 4), lambda: pull(ours, f"http://127.0.0.1:{ours.port}{COUCH}", batch),
                              lambda: pull(peer, f"http://127.0.0.1:{peer.port}/main", batch))
            if batch == 100:
                report.rows.append(Row(absolute, "s", [FIRST_SYNC / rate for rate in row.ours],
                                       goal=Goal(8, 4, at_most=True), runs=row.runs))
        ours.stop()
        peer.stop()


def live(report):
    name = "edit in one PouchDB to seen in another, live, p50"
    if not report.wants(name):
        return
    with machine.Directory("couch") as directory:
        ours = serve(directory)
        def measure():
            times = client("live", f"http://127.0.0.1:{ours.port}{COUCH}", EDITS, ours.key)["milliseconds"]
            return statistics.median(times)
        report.pair(name, "ms", Goal(150, 50, at_most=True), measure, note=f"both in one node; {EDITS} edits a run")
        ours.stop()


# --- one server

def puts(report, options):
    name = "64 clients PUT 1 KB by /couch, to PUT /v1"
    if not report.wants(name):
        return
    with machine.Directory("couch") as directory, machine.Directory("couch") as other:
        body = documents(directory / "one.ndjson", 1).read_text().strip()
        body = "{" + body.split(",", 1)[1]  # without its id
        ours, peer = serve(directory), serve(other)
        ids = Puts(directory, body)
        def put(server, base):
            return rate_of(server, ids.targets(base), options.seconds, method="PUT", body=ids.body)
        compare(report, name, "put/s", Goal(0.85, 0.95), ours, peer, lambda: put(ours, COUCH), lambda: put(peer, V1))
        ours.stop()
        peer.stop()


def fill(directory, count):
    """A server over so many small documents."""
    server = serve(directory, LOOPBACK)
    if not (directory / "filled").exists():
        lines = directory / "lines.ndjson"
        with open(lines, "w", encoding="ascii") as out:
            out.writelines(f'{{"_id":"{number:07}","n":{number}}}\n' for number in range(count))
        server.import_file(lines, "_default")
        lines.unlink()
        (directory / "filled").touch()
    return server


def changes(report, directory, count):
    name = "_changes of 1,000,000 documents, to iteration of the history"
    if not report.wants(name):
        return
    server = fill(directory, count)
    # The store's files are flushed, and another process reads the same ones.
    server.stop()
    copy = directory / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(directory / "data", copy)
    server = serve(directory, LOOPBACK)
    worker = Worker(copy, 512)
    config = directory / "curl.conf"
    config.touch(mode=0o600)
    config.write_text(f'header = "Authorization: Bearer {server.key}"\n')
    def streamed():
        server.process.wait_until_idle()
        seconds = float(machine.run("curl", "-sS", "--fail", "-K", config, "-o", "/dev/null", "-w", "%{time_total}",
                                    f"http://127.0.0.1:{server.port}{COUCH}/_changes"))
        return count / seconds
    def iterated():
        worker.process.wait_until_idle()
        rows, seconds = worker.process.ask("history").split()
        # Besides the documents there are the collections.
        if not count <= int(rows) <= count + 10:
            raise SystemExit(f"the history has {rows} rows")
        return int(rows) / float(seconds)
    streamed()
    iterated()
    report.pair(name, "rows/s", Goal(0.2, 0.4), streamed, iterated)
    worker.stop()
    server.stop()
    shutil.rmtree(copy)


# --- two servers

def replicated(server, source, target, source_port=None):
    """Has `server` pull, and waits; seconds."""
    return job(server, {"source": f"http://127.0.0.1:{source_port or source.port}/v1/databases/main",
                        "sourceKey": source.key, "target": target})


def pushed(server, target, target_port):
    """Has `server` push, and waits; seconds."""
    return job(server, {"source": "main", "target": f"http://127.0.0.1:{target_port}/v1/databases/main",
                        "targetKey": target.key})


def job(server, body):
    """A replication that `server` runs; seconds."""
    began = time.monotonic()
    one = json.loads(server.expect("POST", "/v1/replications", json.dumps(body), {"Content-Type": "application/json"}))
    while True:
        status = json.loads(server.expect("GET", f"/v1/replications/{one['id']}"))
        progress = status.get("progress", status)
        if progress["state"] in ("finished", "failed", "cancelled"):
            break
        time.sleep(0.01)
    seconds = time.monotonic() - began
    if progress["state"] != "finished" or progress["failures"]:
        raise SystemExit(f"a replication ended so: {json.dumps(status)[:500]}")
    server.call("DELETE", f"/v1/replications/{one['id']}")
    return seconds


def by_command(source, target, source_port=None, target_port=None, database="main"):
    """`quire replicate`, on the load's core; seconds."""
    began = time.monotonic()
    printed = machine.run(machine.PROGRAMS / "quire", "replicate",
                          f"http://127.0.0.1:{source_port or source.port}/v1/databases/main",
                          f"http://127.0.0.1:{target_port or target.port}/v1/databases/{database}",
                          "--source-key", source.directory / "key", "--target-key", target.directory / "key")
    if not printed.startswith("finished") or " 0 failures" not in printed:
        raise SystemExit(f"quire replicate: {printed}")
    return time.monotonic() - began


def quire_to_quire(report):
    name = "Quire to Quire, 100,000 documents of 1 KB, to their import"
    command = "the same by `quire replicate`"
    if not report.wants(name, command):
        return
    with machine.Directory("couch") as directory, machine.Directory("couch") as other:
        lines = documents(directory / "documents.ndjson", MOVED)
        # Where the import has its client.
        source = serve(other, core=machine.LOAD_CORE)
        source.import_file(lines, "_default")
        target = serve(directory, LOOPBACK)
        names = iter(range(1000))
        def fresh():
            made = f"copy{next(names)}"
            target.expect("PUT", f"/v1/databases/{made}", "{}", {"Content-Type": "application/json"})
            target.process.wait_until_idle()
            source.process.wait_until_idle()
            return made
        def imported():
            target.process.wait_until_idle()
            return MOVED / target.import_file(lines, f"import{next(names)}")
        def pulled():
            database = fresh()
            return MOVED / replicated(target, source, database)
        def moved():
            database = fresh()
            return MOVED / by_command(source, target, database=database)
        if report.wants(name):
            report.pair(name, "docs/s", Goal(0.5, 0.9), pulled, imported, note="the target pulls")
        if report.wants(command):
            report.pair(command, "docs/s", Goal(), moved, imported)
        source.stop()
        target.stop()


def attachment(report):
    names = [f"attachment of 100 MB, memory above idle, {side}" for side in ("source", "target")]
    if not report.wants(*names):
        return
    with machine.Directory("couch") as directory, machine.Directory("couch") as other:
        source = serve(other, core=machine.LOAD_CORE)
        body = directory / "attachment"
        with open(body, "wb") as out:
            for _ in range(ATTACHMENT // MB):
                out.write(os.urandom(MB))
        request = urllib.request.Request(
            f"http://127.0.0.1:{source.port}{COUCH}/large/data", body.open("rb"), method="PUT",
            headers={**source.fields(), "Content-Type": "application/octet-stream", "Content-Length": str(ATTACHMENT)})
        urllib.request.urlopen(request, timeout=300).close()
        source.stop()
        body.unlink()
        rows = [Row(name, "MB", goal=Goal(32, 16, at_most=True), runs=report.runs) for name in names]
        for number in range(report.runs):
            # Both have answered nothing yet but whether they are there.
            source = serve(other, core=machine.LOAD_CORE)
            target = serve(directory, LOOPBACK)
            target.expect("PUT", f"/v1/databases/copy{number}", "{}", {"Content-Type": "application/json"})
            servers = (source, target)
            for server in servers:
                server.process.wait_until_idle()
                server.process.forget_peak()
            idle = [server.process.resident_bytes() for server in servers]
            seconds = replicated(target, source, f"copy{number}")
            for row, server, before in zip(rows, servers, idle):
                row.ours.append((server.process.peak_bytes() - before) / MB)
                row.note = f"idle: {before / MB:.0f} MB; {seconds:.1f} s"
                server.stop()
        report.rows += rows


def on_the_wire(report, directory, count):
    """What one replication costs: requests and bytes with their heads, both ways."""
    equal = "an equal pair: requests, of the side with more"
    changed = "one changed document of 1 KB among 1,000,000: bytes"
    ways = {"the target pulls": Goal(4096, 3072, at_most=True), "the source pushes": Goal(4096, 3072, at_most=True),
            "`quire replicate`, to both": Goal()}
    names = {way: f"{changed}, {way}" for way in ways}
    if not report.wants(equal, *names.values()):
        return
    with machine.Directory("couch") as other:
        source, target = fill(directory, count), serve(other, LOOPBACK)
        with Counter(source.port) as to_source, Counter(target.port) as to_target:
            replicate = {"the target pulls": lambda: replicated(target, source, "main", to_source.port),
                         "the source pushes": lambda: pushed(source, target, to_target.port),
                         "`quire replicate`, to both": lambda: by_command(source, target, to_source.port, to_target.port)}

            def counted(way):
                to_source.reset()
                to_target.reset()
                replicate[way]()
                return f"to the source: {to_source}; to the target: {to_target}"

            numbers = iter(range(1, count))
            requests = Row(equal, "requests", goal=Goal(1, 1, at_most=True), runs=report.runs)
            rows = [Row(names[way], "bytes", goal=goal, runs=report.runs) for way, goal in ways.items()]
            for way, row in zip(ways, rows):
                counted(way)
                for _ in range(report.runs):
                    note = counted(way)
                    if way == "`quire replicate`, to both":
                        requests.ours.append(max(to_source.requests, to_target.requests))
                        requests.note = note
                    body = json.dumps({"text": os.urandom(500).hex()})
                    source.expect("PUT", f"{V1}/{next(numbers):07}", body, {"Content-Type": "application/json"})
                    row.note = counted(way)
                    row.ours.append(to_source.bytes + to_target.bytes)
        report.rows += [requests, *rows]
        source.stop()
        target.stop()


def run(report, options):
    first_sync(report)
    live(report)
    puts(report, options)
    quire_to_quire(report)
    attachment(report)
    with contextlib.ExitStack() as stack:
        directory = options.kept or stack.enter_context(machine.Directory("million"))
        directory.mkdir(parents=True, exist_ok=True)
        changes(report, directory, options.documents)
        on_the_wire(report, directory, options.documents)
    return []
