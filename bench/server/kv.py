"""The key-value surface: beside nginx, which answers from its configuration, and Redis, which syncs each command."""

import json
import random
import signal
import socket
import statistics
import subprocess
import sys
import time

import load
import machine
from nginx import Nginx
from quire import Quire
from redis import Redis
from report import Goal
from suite import Curves, compare, rate_of

VALUE = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz", k=200))
HOT_KEYS = 10_000
# What a record of 200 bytes takes in the cache of documents, about: the record, its key, and the cache's own entry.
CACHED_RECORD_BYTES = 430
SMALL_CACHE_MIB = 8
WARM_KEYS = 10 * SMALL_CACHE_MIB * 2**20 // CACHED_RECORD_BYTES
SET_KEYS = 100_000
IDLE = 10_000
LOAD_SECONDS = 60


def key(number):
    return f"key{number:08d}"


def get_targets(path, count):
    numbers = list(range(count))
    random.Random(1).shuffle(numbers)
    return load.write_targets(path, (f"/kv/get?k={key(number)}" for number in numbers))


def set_targets(path, count):
    numbers = random.Random(2).choices(range(count), k=count)
    return load.write_targets(path, (f"/kv/set?k={key(number)}&v={VALUE}" for number in numbers))


def fill(server, count):
    """Records as /kv/set makes them, by an import."""
    path = server.directory / "records.ndjson"
    with open(path, "w", encoding="ascii") as out:
        out.writelines(f'{{"_id":"{key(number)}","v":"{VALUE}"}}\n' for number in range(count))
    server.import_file(path, "kv")
    path.unlink()
    answer = json.loads(server.expect("GET", f"/kv/get?k={key(count - 1)}"))
    if answer != VALUE:
        raise SystemExit("a record is another one than was imported")


def gets(report, options, curves):
    hot = "/kv/get of hot keys, to nginx return 200"
    warm = "/kv/get, 10 x the document cache, to nginx return 200"
    curve = "/kv/get of hot keys"
    if report.wants(hot, curve):
        with machine.Directory("kv") as directory, machine.Directory("nginx") as other:
            ours, peer = Quire(directory), Nginx(other, f'"{VALUE}"')
            fill(ours, HOT_KEYS)
            targets = get_targets(directory / "targets", HOT_KEYS)
            rate_of(ours, targets, 2)
            if report.wants(hot):
                compare(report, hot, "get/s", Goal(0.65, 0.85), ours, peer, lambda: rate_of(ours, targets, options.seconds),
                            lambda: rate_of(peer, targets, options.seconds))
            if report.wants(curve) and options.curves:
                curves.add(curve, [(ours, targets), (peer, targets)])
            ours.stop()
            peer.stop()
    if report.wants(warm):
        with machine.Directory("kv") as directory, machine.Directory("nginx") as other:
            ours = Quire(directory, "--memory=256MiB", f"--document-cache={SMALL_CACHE_MIB}MiB")
            peer = Nginx(other, f'"{VALUE}"')
            fill(ours, WARM_KEYS)
            targets = get_targets(directory / "targets", WARM_KEYS)
            # Each block is read once, so that RocksDB's cache has them all.
            for _ in range(2):
                rate_of(ours, targets, max(4, options.seconds))
            compare(report, warm, "get/s", Goal(0.5, 0.65), ours, peer, lambda: rate_of(ours, targets, options.seconds),
                        lambda: rate_of(peer, targets, options.seconds),
                        note=f"{WARM_KEYS:,} keys, document cache of {SMALL_CACHE_MIB} MiB of 256 MiB")
            ours.stop()
            peer.stop()


def sets(report, options, curves):
    name = "/kv/set, durable, to redis SET with appendfsync always"
    tail = "p99 of /kv/set at half of the most, to one fsync"
    curve = "/kv/set"
    if not report.wants(name, tail, curve):
        return
    with machine.Directory("kv") as directory, machine.Directory("redis") as other:
        ours, peer = Quire(directory), Redis(other)
        ours.expect("GET", "/kv/set?k=a&v=b")
        targets = set_targets(directory / "targets", SET_KEYS)
        most = rate_of(ours, targets, options.seconds)
        peer_rate = peer.set_rate(20_000, SET_KEYS)
        if report.wants(name):
            row = compare(report, name, "set/s", Goal(0.55, 0.8), ours, peer,
                          lambda: rate_of(ours, targets, options.seconds),
                          lambda: peer.set_rate(int(peer_rate * options.seconds), SET_KEYS))
            most = statistics.median(row.ours)
        if report.wants(tail):
            def late():
                ours.process.wait_until_idle()
                return load.open_loop(ours, targets, most / 2, options.seconds)["p99"]
            report.pair(tail, "us", Goal(8, 4, at_most=True), late,
                        lambda: machine.fsync_seconds(directory) * 1e6,
                        note=f"open loop, 64 connections, {most / 2:.0f} a second")
        if report.wants(curve) and options.curves:
            curves.add(curve, [(ours, targets)])
        ours.stop()
        peer.stop()


def idle(report):
    name = f"memory of each of {IDLE:,} idle connections"
    if not report.wants(name):
        return
    with machine.Directory("kv") as directory:
        ours = Quire(directory)
        ours.expect("GET", "/kv/set?k=a&v=b")
        request = (f"GET /kv/get?k=a HTTP/1.1\r\nHost: 127.0.0.1:{ours.port}\r\n"
                   f"Authorization: Bearer {ours.key}\r\n\r\n").encode()
        def measure():
            before = ours.process.resident_bytes()
            connections = []
            for _ in range(IDLE):
                connections.append(socket.create_connection(("127.0.0.1", ours.port)))
                connections[-1].sendall(request)
                if not connections[-1].recv(4096).startswith(b"HTTP/1.1 200"):
                    raise SystemExit("a connection was not answered")
            time.sleep(5)  # buffers that are not used are given back after a second
            grown = ours.process.resident_bytes() - before
            for connection in connections:
                connection.close()
            ours.process.wait_until_idle()
            ours.stop()
            ours.start()
            ours.process.wait_for(ours._ready)
            return grown / IDLE / 1024
        report.pair(name, "KB", Goal(16, 6, at_most=True), measure,
                    note="resident memory of the process; each had asked once; the kernel's sockets are not in it")
        ours.stop()


def write_records(seconds):
    """Records without end, until the time is over; run as a process of its own, into a pipe."""
    end, number = time.monotonic() + seconds, 0
    out = sys.stdout
    while time.monotonic() < end:
        out.writelines(f'{{"_id":"{key(at)}","v":"{VALUE}"}}\n' for at in range(number, number + 1000))
        number += 1000
    out.flush()


def start(report, options):
    name = "start to first answer, after a clean stop"
    crash = "start to first answer, after kill -9"
    if not report.wants(name, crash):
        return
    with machine.Directory("kv") as directory:
        ours = Quire(directory)
        ours.expect("GET", "/kv/set?k=a&v=b")
        source = subprocess.Popen([sys.executable, __file__, str(options.load_seconds)], stdout=subprocess.PIPE)
        ours.import_stream(source.stdout, "kv")
        source.wait()
        count = json.loads(ours.expect("GET", "/kv/status"))["availableRecords"]
        note = f"{count:,} records, loaded in {options.load_seconds} s"
        ours.process.wait_until_idle()
        target = f"/kv/get?k={key(count // 2)}"
        if report.wants(name):
            report.pair(name, "s", Goal(2, 0.5, at_most=True), lambda: ours.first_answer_seconds(target), note=note)
        if report.wants(crash):
            targets = set_targets(directory / "targets", SET_KEYS)
            def after_crash():
                load.closed(ours, targets, 2)
                return ours.first_answer_seconds(target, signal.SIGKILL)
            report.pair(crash, "s", Goal(2, 0.5, at_most=True), after_crash, note=note + "; killed after 2 s of writes")
        ours.stop()


def run(report, options):
    curves = Curves(options.curve_runs, options.curve_seconds)
    gets(report, options, curves)
    sets(report, options, curves)
    idle(report)
    start(report, options)
    return curves.curves


if __name__ == "__main__":
    write_records(float(sys.argv[1]))
