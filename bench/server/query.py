"""Queries, beside PostgreSQL with the same documents as jsonb.

The documents are loaded once: with `--in DIRECTORY` they are kept there for the next time (PostgreSQL's user must be able to
reach it). A row is data: a filter with the condition that says the same in SQL. What both count must be equal.
"""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
from dataclasses import dataclass

import machine
import records
from postgres import USER, Cluster
from report import Goal

# Separators of a table's text that no JSON holds.
COLUMN, QUOTE = "\x02", "\x01"
CACHED_MB, DISK_MB = 4096, 256


@dataclass
class Scan:
    name: str
    collection: str
    filter: str
    sql: str


SCANS = [
    Scan("a number in front", "generated", '{"station":{"$lt":50}}', "body->'station' < '50'"),
    Scan("equality in a nested object", "generated", '{"place.country":"vdjw"}', "body#>>'{place,country}' = 'vdjw'"),
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

    def scan(self, scan, keep):
        """Documents, how many match, and seconds."""
        documents, matched, seconds = self.process.ask(f"scan {int(keep)} {scan.collection} {scan.filter}").split()
        return int(documents), int(matched), float(seconds)

    def stop(self):
        self.process.stop()


def count(cluster, scan):
    """How many match, and the seconds that psql waited."""
    printed = cluster.query(f"SELECT count(*) FROM {scan.collection} WHERE {scan.sql}", timing=True)
    matched, milliseconds = re.match(r"(\d+)\nTime: ([0-9.]+) ms", printed).groups()
    return int(matched), float(milliseconds) / 1000


def load(directory, documents):
    """The same records into a data directory of ours, and into tables."""
    if (directory / "loaded").exists():
        if (directory / "loaded").read_text() != str(documents):
            raise SystemExit(f"{directory} holds another number of documents")
        return
    for stale in ("quire", "postgres"):
        shutil.rmtree(directory / stale, ignore_errors=True)
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
            machine.run(machine.PROGRAMS / "query_worker", "load", directory / "quire", name, stdin=text)
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
    worker = Worker(directory / "quire", memory_mb)
    cluster = Cluster(directory / "postgres", f"shared_buffers={memory_mb}MB", "max_parallel_workers_per_gather=0")
    for name, scan in wanted:
        documents, matched, _ = worker.scan(scan, keep=not cold)
        theirs, _ = count(cluster, scan)
        if matched != theirs:
            raise SystemExit(f"{name}: {matched} documents match here, {theirs} there")

        def ours(scan=scan):
            if cold:
                drop_pages(directory / "quire")
            documents, _, seconds = worker.scan(scan, keep=not cold)
            return documents / seconds

        def peer(scan=scan, documents=documents):
            if cold:
                drop_pages(directory / "postgres")
            return documents / count(cluster, scan)[1]
        report.pair(name, "docs/s", goal, ours, peer, note=f"{matched:,} of {documents:,} match; {note}")
    worker.stop()
    cluster.stop()


def scans(report, directory):
    compare_scans(report, directory, "scan in cache", Goal(1.5, 2.5), CACHED_MB, "in process, to count(*) by psql")
    compare_scans(report, directory, "scan of disk, pages cached", Goal(0.6, 1.0), DISK_MB,
                  f"{DISK_MB} MB of cache, and shared_buffers; the system's page cache holds the files")
    compare_scans(report, directory, "scan of disk", Goal(0.6, 1.0), DISK_MB,
                  f"{DISK_MB} MB of cache, and shared_buffers; the files dropped from the page cache before each run",
                  cold=True)


# What takes the report and the directory that load() filled, in this order.
PARTS = [scans]


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
        load(directory, options.documents)
        for part in PARTS:
            part(report, directory)
    return []
