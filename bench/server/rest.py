"""/v1: beside PostgreSQL with the same documents, and RocksDB with batches of them."""

import json
import random
import subprocess

import load
import machine
from postgres import USER, Postgres
from quire import Quire
from report import Goal
from suite import Curves, compare, rate_of

DOCUMENTS = "/v1/databases/main/collections/stations/documents"
HOT = 20_000
IMPORTED = 200_000
# Ids of one run of puts: more than a run can use.
NEW_IDS = 200_000


def documents(path, count):
    with open(path, "wb") as out:
        subprocess.run([machine.PROGRAMS / "quire_bench", "documents", str(count)], stdout=out, check=True)
    return path


class Puts:
    """Ids that are new in each run."""

    def __init__(self, directory, body):
        self._directory, self._random = directory, random.Random(3)
        self.body = directory / "body.json"
        self.body.write_text(body, encoding="ascii")

    def targets(self, documents=DOCUMENTS):
        return load.write_targets(self._directory / "puts",
                                  (f"{documents}/{self._random.randrange(10**15)}" for _ in range(NEW_IDS)))


def beside_postgres(report, options, curves):
    put = "PUT /v1 of 1 KB, to PostgreSQL INSERT of the same jsonb"
    get = "GET /v1 of 1 KB, hot, to PostgreSQL's point read"
    change = "PATCH /v1 with $inc of 1 KB, to PostgreSQL UPDATE of the same jsonb"
    curve = "GET /v1 of 1 KB"
    if not report.wants(put, get, change, curve):
        return
    with machine.Directory("rest") as directory, machine.Directory("postgres", USER) as other:
        body = documents(directory / "one.ndjson", 1).read_text().strip()
        body = '{"n":0,' + body.split(",", 1)[1]  # without its id, and with a number to count up
        ours, peer = Quire(directory), Postgres(other, body, HOT)
        if report.wants(put):
            puts = Puts(directory, body)
            compare(report, put, "put/s", Goal(1.5, 3), ours, peer,
                    lambda: rate_of(ours, puts.targets(), options.seconds, method="PUT", body=puts.body),
                    lambda: quiet(peer, "insert", options.seconds))
        if report.wants(get, change, curve):
            path = directory / "hot.ndjson"
            path.write_text("".join(f'{{"_id":"{number}",{body[1:]}\n' for number in range(HOT)), encoding="ascii")
            ours.import_file(path, "stations")
            targets = load.write_targets(directory / "targets", shuffled(f"{DOCUMENTS}/{number}" for number in range(HOT)))
            rate_of(ours, targets, 3)
        if report.wants(get):
            compare(report, get, "get/s", Goal(1.5, 3), ours, peer, lambda: rate_of(ours, targets, options.seconds),
                    lambda: quiet(peer, "read", options.seconds))
        if report.wants(change):
            increment = directory / "increment.json"
            increment.write_text('{"$inc":{"n":1}}', encoding="ascii")
            compare(report, change, "update/s", Goal(1.5, 4), ours, peer,
                    lambda: rate_of(ours, targets, options.seconds, method="PATCH", body=increment),
                    lambda: quiet(peer, "update", options.seconds))
        if report.wants(curve) and options.curves:
            curves.add(curve, [(ours, targets)])
        ours.stop()
        peer.stop()


def shuffled(items):
    items = list(items)
    random.Random(4).shuffle(items)
    return items


def quiet(peer, script, seconds):
    return peer.process.rate(lambda: peer.rate(script, seconds), seconds)


def imports(report):
    name = "import over HTTP of 1 KB, to RocksDB WriteBatch of 500"
    if not report.wants(name):
        return
    with machine.Directory("rest") as directory:
        lines = documents(directory / "documents.ndjson", IMPORTED)
        ours = Quire(directory)
        collections = iter(range(1000))
        def measure():
            ours.process.wait_until_idle()
            return IMPORTED / ours.import_file(lines, f"import{next(collections)}")
        def raw():
            # On the servers' core, as ours; its figures are in a file.
            path = directory / "raw.json"
            machine.run(machine.PROGRAMS / "quire_bench", "storage", "--only", "bulk put", "--runs", 1, "--json", path)
            return json.loads(path.read_text())["rows"][0]["peer"][0]
        report.pair(name, "docs/s", Goal(0.3, 0.45), measure, raw, note=f"{IMPORTED:,} documents a run")
        ours.stop()


def run(report, options):
    curves = Curves(options.curve_runs, options.curve_seconds)
    beside_postgres(report, options, curves)
    imports(report)
    return curves.curves
