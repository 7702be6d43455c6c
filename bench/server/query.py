"""Queries, beside PostgreSQL with the same documents as jsonb.

The documents are loaded once: with `--in DIRECTORY` they are kept there for the next time (PostgreSQL's user must be able to
reach it). A row is data: a filter with the condition that says the same in SQL. What both count must be equal.
"""

import contextlib
import functools
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import time
from dataclasses import dataclass

import load
import machine
import records
from postgres import USER, Cluster
from quire import Quire
from report import Goal
from suite import compare, rate_of

# Separators of a table's text that no JSON holds.
COLUMN, QUOTE = "\x02", "\x01"
CACHED_MB, DISK_MB = 4096, 256
CONNECTIONS, SECONDS = 32, 5


@dataclass
class Scan:
    name: str
    collection: str
    filter: str
    sql: str


SCANS = [
    Scan("a number in front", "generated", '{"station":{"$lt":50}}', "body->'station' < '50'"),
    Scan("equality in a nested object", "generated", '{"place.country":"lcxv"}', "body#>>'{place,country}' = 'lcxv'"),
    Scan("two numbers", "generated", '{"station":{"$lt":2500},"celsius":{"$gte":20.5}}',
         "body->'station' < '2500' AND body->'celsius' >= '20.5'"),
    Scan("a member that is missing", "generated", '{"altitude":{"$gt":100}}', "body->'altitude' > '100'"),
    Scan("packages of a section", "packages", '{"Section":"libs"}', "body->>'Section' = 'libs'"),
    Scan("large packages", "packages", '{"Installed-Size":{"$gt":100000}}', "body->'Installed-Size' > '100000'"),
    Scan("subdivisions of a type", "iso", '{"type":"Province"}', "body->>'type' = 'Province'"),
]


class Worker:
    """bench/query_worker.cc over a data directory."""

    def __init__(self, directory, memory_mb):
        self.process = machine.Process([machine.PROGRAMS / "query_worker", "serve", directory, memory_mb],
                                       directory.parent / "worker.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def scan(self, scan):
        """Documents, how many match, and seconds."""
        documents, matched, seconds = self.process.ask(f"scan {scan.collection} {scan.filter}").split()
        return int(documents), int(matched), float(seconds)

    def stop(self):
        self.process.stop()


def count(cluster, scan):
    """How many match, and the seconds that psql waited."""
    printed = cluster.query(f"SELECT count(*) FROM {scan.collection} WHERE {scan.sql}", timing=True)
    matched, milliseconds = re.match(r"(\d+)\nTime: ([0-9.]+) ms", printed).groups()
    return int(matched), float(milliseconds) / 1000


def fill(directory, documents):
    """The same records into a data directory of ours, and into tables."""
    if (directory / "loaded").exists():
        if (directory / "loaded").read_text() != str(documents):
            raise SystemExit(f"{directory} holds another number of documents")
        return
    for stale in ("data", "postgres"):
        shutil.rmtree(directory / stale, ignore_errors=True)
    (directory / "key").unlink(missing_ok=True)
    (directory / "postgres").mkdir()
    if os.geteuid() == 0:
        shutil.chown(directory / "postgres", USER)
    cluster = Cluster(directory / "postgres", "shared_buffers=256MB")
    for name, source in records.SOURCES.items():
        lines, table = directory / f"{name}.ndjson", directory / f"{name}.table"
        with open(lines, "w", encoding="utf-8") as ours, open(table, "w", encoding="utf-8") as peer:
            for key, text in source(documents):
                ours.write(f'{{"_id":"{key}",{text[1:]}\n')
                peer.write(f"{key}{COLUMN}{text}\n")
        with open(lines, "rb") as text:
            machine.run(machine.PROGRAMS / "query_worker", "load", directory / "data", name, stdin=text)
        cluster.query(f"CREATE TABLE {name} (id text PRIMARY KEY, body jsonb NOT NULL)")
        with open(table, "rb") as text:
            cluster.query(f"COPY {name} FROM STDIN (FORMAT csv, DELIMITER '{COLUMN}', QUOTE '{QUOTE}')", stdin=text)
        cluster.query(f"VACUUM (ANALYZE, FREEZE) {name}")
        lines.unlink()
        table.unlink()
    cluster.stop()
    (directory / "loaded").write_text(str(documents))


def drop_pages(directory):
    """Takes the files below out of the system's page cache."""
    for path in directory.rglob("*"):
        if not path.is_file():
            continue
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fdatasync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def compare_scans(report, directory, title, goal, memory_mb, note, cold=False):
    """A row for each scan, of documents a second on one core."""
    wanted = [(f"{title}: {scan.name}", scan) for scan in SCANS if report.wants(f"{title}: {scan.name}")]
    if not wanted:
        return
    worker = Worker(directory / "data", memory_mb)
    cluster = Cluster(directory / "postgres", f"shared_buffers={memory_mb}MB", "max_parallel_workers_per_gather=0")
    for name, scan in wanted:
        documents, matched, _ = worker.scan(scan)
        theirs, _ = count(cluster, scan)
        if matched != theirs:
            raise SystemExit(f"{name}: {matched} documents match here, {theirs} there")

        def ours(scan=scan):
            if cold:
                drop_pages(directory / "data")
            documents, _, seconds = worker.scan(scan)
            return documents / seconds

        def peer(scan=scan, documents=documents):
            if cold:
                drop_pages(directory / "postgres")
            return documents / count(cluster, scan)[1]
        report.pair(name, "docs/s", goal, ours, peer, note=f"{matched:,} of {documents:,} match; {note}")
    worker.stop()
    cluster.stop()


def scans(report, directory, _):
    compare_scans(report, directory, "scan in cache", Goal(1.5, 2.5), CACHED_MB, "in process, to count(*) by psql")
    compare_scans(report, directory, "scan of disk, pages cached", Goal(0.6, 1.0), DISK_MB,
                  f"{DISK_MB} MB of cache, and shared_buffers; the system's page cache holds the files")
    compare_scans(report, directory, "scan of disk", Goal(0.6, 1.0), DISK_MB,
                  f"{DISK_MB} MB of cache, and shared_buffers; the files dropped from the page cache before each run",
                  cold=True)


@dataclass
class Lookup:
    name: str
    filter: str  # of a number
    sql: str  # of :n


NUMBER = "((body->>'number')::bigint)"
LOOKUPS = [
    Lookup("equality", '{{"filter":{{"number":{0}}}}}', f"{NUMBER} = :n"),
    Lookup("range of 10, sorted", '{{"filter":{{"number":{{"$gte":{0},"$lt":{1}}}}},"sort":{{"number":1}}}}',
           f"{NUMBER} >= :n AND {NUMBER} < :n + 10 ORDER BY {NUMBER}"),
]
JSON = {"Content-Type": "application/json"}
GENERATED = "/v1/databases/main/collections/generated"
# Calls of one measure: more than a client asks in turn would only cost it memory.
ASKED = 20_000


@dataclass
class Grouping:
    name: str
    pipeline: list
    sql: str


GROUPINGS = [
    Grouping("count by country", [{"$group": {"_id": "$place.country", "n": {"$sum": 1}}}],
             "SELECT body#>>'{place,country}', count(*) FROM generated GROUP BY 1"),
    Grouping("count and mean by station", [{"$group": {"_id": "$station", "n": {"$sum": 1}, "mean": {"$avg": "$celsius"}}}],
             "SELECT body->>'station', count(*), avg((body->>'celsius')::float8) FROM generated GROUP BY 1"),
]


def lookups(report, directory, documents):
    """Queries by index over HTTP, to prepared statements by pgbench: both give whole documents."""
    wanted = [(f"by index: {lookup.name}", lookup) for lookup in LOOKUPS if report.wants(f"by index: {lookup.name}")]
    if not wanted:
        return
    ours = Quire(directory, f"--memory={CACHED_MB}MiB")
    peer = Cluster(directory / "postgres", f"shared_buffers={CACHED_MB}MB")
    ours.expect("PUT", f"{GENERATED}/indexes/by_number", '{"keys":[{"number":1}]}', JSON)
    ours.process.wait_for(lambda: b'"ready"' in ours.expect("GET", f"{GENERATED}/indexes/by_number"), seconds=600)
    peer.query(f"CREATE INDEX IF NOT EXISTS by_number ON generated ({NUMBER})")
    peer.query("VACUUM ANALYZE generated")
    picked = random.Random(5).choices(range(documents - 10), k=ASKED)
    for name, lookup in wanted:
        targets = load.write_targets(directory / "lookups", (
            f"{GENERATED}/query\t{lookup.filter.format(number, number + 10)}" for number in picked))
        script = directory / "lookup.sql"
        script.write_text(f"\\set n random(0, {documents - 11})\nSELECT body FROM generated WHERE {lookup.sql};\n")
        measure = functools.partial(rate_of, ours, targets, SECONDS, connections=CONNECTIONS, method="POST")
        measure_peer = functools.partial(
            peer.process.rate, functools.partial(peer.bench, script, SECONDS, CONNECTIONS), SECONDS)
        for warm in (measure, measure_peer):
            warm()
        compare(report, name, "query/s", Goal(1, 2), ours, peer, measure, measure_peer,
                note=f"{CONNECTIONS} connections, to pgbench -M prepared")
    ours.stop()
    peer.stop()


def groupings(report, directory, documents):
    wanted = [(f"group: {one.name}", one) for one in GROUPINGS if report.wants(f"group: {one.name}")]
    if not wanted:
        return
    ours = Quire(directory, f"--memory={CACHED_MB}MiB")
    peer = Cluster(directory / "postgres", f"shared_buffers={CACHED_MB}MB", "max_parallel_workers_per_gather=0")
    for name, one in wanted:
        asked = json.dumps({"pipeline": one.pipeline})

        def group(asked=asked):
            begin = time.monotonic()
            answer = json.loads(ours.expect("POST", f"{GENERATED}/aggregate", asked, JSON))
            seconds = time.monotonic() - begin
            if sum(row["n"] for row in answer["documents"]) != documents:
                raise SystemExit(f"{name}: not all documents were counted")
            return documents / seconds

        def group_peer(sql=one.sql):
            begin = time.monotonic()
            peer.query(sql)
            return documents / (time.monotonic() - begin)
        for warm in (group, group_peer):
            warm()
        report.pair(name, "docs/s", Goal(0.8, 1.4), group, group_peer, note="the whole call; by psql")
    ours.stop()
    peer.stop()


# What takes the report, the directory that fill() filled, and how many documents were generated, in this order.
PARTS = [scans, lookups, groupings]


@contextlib.contextmanager
def directory_of(options):
    if options.kept:
        options.kept.mkdir(parents=True, exist_ok=True)
        yield options.kept.resolve()
        return
    with machine.Directory("query") as made:
        pathlib.Path(made).chmod(0o755)
        yield made


def run(report, options):
    with directory_of(options) as directory:
        fill(directory, options.documents)
        for part in PARTS:
            part(report, directory, options.documents)
    return []
