"""Accounts, keys and reservations: what they cost beside the same calls without, and what many databases cost."""

import http.client
import json
import threading
import time

import load
import machine
from quire import Quire
from report import Goal
from rest import DOCUMENTS, HOT, Puts, documents, shuffled
from suite import compare, rate_of

OWNER = "owner"
SHARED = 100_000   # databases, of which a page is listed
OWNERS = 100       # of these: an account may have a thousand
PAGE = 50
WRITTEN = 5_000    # databases that are written once
IN_USE = 50        # of these
MAKERS = 32        # connections that make them
LISTED_SECONDS = 10
IDLE_SECONDS = 20  # behind which a database that nobody uses is closed


def add_account(server, name):
    """An account's key."""
    server.expect("POST", "/v1/users", json.dumps({"username": name, "password": f"password of {name}"}), JSON)
    return json.loads(server.expect("POST", "/v1/keys", json.dumps({"user": name}), JSON))["key"]


JSON = {"Content-Type": "application/json"}


def many(server, requests):
    """Sends (method, target, body[, key]) each, over MAKERS connections; seconds that it took."""
    left, mutex, faults = iter(requests), threading.Lock(), []

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        try:
            while not faults:
                with mutex:
                    request = next(left, None)
                if request is None:
                    return
                method, target, body, *key = request
                fields = {"Authorization": f"Bearer {key[0] if key else server.key}"}
                connection.request(method, target, body, {**JSON, **fields} if body else fields)
                answer = connection.getresponse()
                text = answer.read()
                if answer.status not in (200, 201):
                    faults.append(f"{method} {target}: {answer.status} {text[:300]}")
        except OSError as error:
            faults.append(str(error))
        finally:
            connection.close()

    begin = time.monotonic()
    threads = [threading.Thread(target=work, daemon=True) for _ in range(MAKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(faults[0])
    return time.monotonic() - begin


def reads(report, options):
    name = "GET /v1 of 1 KB with a key, to anybody's with --dev"
    if not report.wants(name):
        return
    with machine.Directory("accounts") as directory, machine.Directory("dev") as other:
        body = documents(directory / "one.ndjson", 1).read_text().strip()
        path = directory / "hot.ndjson"
        path.write_text("".join(f'{{"_id":"{number}",{body.split(",", 1)[1]}\n' for number in range(HOT)), encoding="ascii")
        ours, peer = Quire(directory), Quire(other, "--dev=true")
        for server in (ours, peer):
            server.import_file(path, "stations")
        key = add_account(ours, "reader")
        ours.expect("PUT", "/v1/databases/main/grants/reader", '{"right":"read"}', JSON)
        ours.key, peer.key = key, None  # whoever connects may do everything there
        targets = load.write_targets(directory / "targets", shuffled(f"{DOCUMENTS}/{number}" for number in range(HOT)))
        for server in (ours, peer):
            rate_of(server, targets, 3)
        compare(report, name, "get/s", Goal(0.9, 0.97), ours, peer, lambda: rate_of(ours, targets, options.seconds),
                lambda: rate_of(peer, targets, options.seconds), note="an account with a grant to read; 64 connections")
        ours.stop()
        peer.stop()


def adds(report, options):
    name = "manageDatabase Add of 1 KB, to PUT /v1 of the same"
    if not report.wants(name):
        return
    with machine.Directory("accounts") as directory:
        body = documents(directory / "one.ndjson", 1).read_text().strip()
        body = "{" + body.split(",", 1)[1]  # without its id
        ours = Quire(directory)
        ours.key = add_account(ours, OWNER)
        made = json.loads(ours.expect("POST", "/api", '{"action":"createDatabase","payload":{"dbName":"main"}}', JSON))
        database = made["message"]["dbID"]
        ours.expect("POST", "/api", json.dumps({"action": "loadDatabase", "payload": {"dbID": database}}), JSON)
        for collection in ("added", "stations"):
            ours.expect("PUT", f"/v1/databases/{database}/collections/{collection}", "{}", JSON)
        puts = Puts(directory, body)
        add = directory / "add.json"
        add.write_text('{"action":"manageDatabase","payload":{"operation":"Add","collectionName":"added","documentData":' +
                       body + "}}", encoding="ascii")
        action = load.write_targets(directory / "action", ["/api"])

        def put():
            targets = puts.targets()
            targets.write_text(targets.read_text().replace("/main/", f"/{database}/"))
            return rate_of(ours, targets, options.seconds, method="PUT", body=puts.body)

        def add_documents():
            return rate_of(ours, action, options.seconds, method="POST", body=add)
        add_documents()
        put()
        report.pair(name, "docs/s", Goal(0.8, 0.95), add_documents, put,
                    note="of the holder of a reservation; 64 connections, durable; PUT to ids of the client's")
        ours.stop()


def listing(report):
    name = f"listing {PAGE} of {SHARED:,} shared databases, p99"
    if not report.wants(name):
        return
    with machine.Directory("accounts") as directory:
        ours = Quire(directory, "--accounts-password-memory=19MiB", "--accounts-password-passes=2")
        admin, reader = ours.key, add_account(ours, "reader")
        owners = [add_account(ours, f"{OWNER}{number}") for number in range(OWNERS)]
        names = [(f"/v1/databases/d{number:06}", owners[number % OWNERS]) for number in range(SHARED)]
        took = many(ours, (("PUT", name, None, key) for name, key in names))
        shared = many(ours, (("PUT", f"{name}/grants/reader", '{"right":"read"}', key) for name, key in names))
        note = f"made in {took:.0f} s, shared in {shared:.0f} s, over {MAKERS} connections; "
        note += "the slowest of three pages, one connection"
        ours.process.wait_until_idle()
        ours.key = reader
        action = load.write_targets(directory / "action", ["/api"])

        def slowest():
            worst = 0.0
            for offset in (0, SHARED // 2, SHARED - PAGE):
                body = directory / "list.json"
                body.write_text(json.dumps({"action": "getDatabases", "payload": {"limit": PAGE, "offset": offset}}))
                page = json.loads(ours.expect("POST", "/api", body.read_text(), JSON))["message"]
                if page["total"] != SHARED or len(page["databases"]) != PAGE:
                    raise SystemExit(f"a page has {len(page['databases'])} of {page['total']} databases")
                worst = max(worst, load.latency(ours, action, LISTED_SECONDS, connections=1, method="POST", body=body)["p99"])
            return worst / 1000
        report.pair(name, "ms", Goal(10, 3, at_most=True), slowest, note=note, runs=1)
        ours.key = admin
        ours.stop()


def memory(report):
    name = f"{WRITTEN:,} databases, each once written, {IN_USE} in use: memory"
    if not report.wants(name):
        return
    with machine.Directory("accounts") as directory:
        ours = Quire(directory, f"--accounts-databases={WRITTEN}", f"--idle-close={IDLE_SECONDS}s")
        ours.key = add_account(ours, OWNER)
        ours.expect("GET", "/v1/me")
        time.sleep(IDLE_SECONDS + 5)
        empty = ours.process.resident_bytes()
        numbers = range(WRITTEN)
        took = many(ours, (("PUT", f"/v1/databases/d{number}", None) for number in numbers))
        document = json.dumps({"text": "t" * 900})
        target = "/v1/databases/d{}/collections/c/documents/1"
        wrote = many(ours, (("PUT", target.format(number), document) for number in numbers))

        def use(seconds):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                many(ours, [("GET", target.format(number), None) for number in range(IN_USE)])
                time.sleep(1)
            return (ours.process.resident_bytes() - empty) / (1 << 20)
        note = f"over {empty / (1 << 20):.1f} MiB of an empty server; made in {took:.0f} s, written in {wrote:.0f} s"
        grown = use(3 * IDLE_SECONDS)
        ours.process.stop()
        ours.start()
        ours.process.wait_for(ours._ready)
        note += f"; after a restart {use(10):.1f} MiB"
        report.pair(name, "MiB", Goal(32, 24, at_most=True), lambda: grown, note=note, runs=1)
        ours.stop()


def run(report, options):
    reads(report, options)
    adds(report, options)
    listing(report)
    memory(report)
    return []
