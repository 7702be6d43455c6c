#!/usr/bin/env python3
"""hostile_clients.py BIN [--connections N] [--seconds N] [--pause N]: a server among clients that mean it harm.

A crowd of N connections holds on at once, each from one of many addresses: some idle, some that send a head or a body
byte by byte, some that ask for much and hardly read; of slow exports and imports there are many times as many as the
server has threads for these. Beside it come clients that vanish in the middle of an export, an import and a feed,
pipelined garbage, heads of 10 MB, a million parameters, and documents that are nothing but depth or width. Meanwhile
polite clients write and read, export and import, and must get every answer.

When all are gone and the pause is over, the server has as many sockets as before, and hardly more memory: a tenth, and
ALLOCATOR_MIB for what the allocator keeps of pages that are partly used. The default takes less than a minute."""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import random
import re
import select
import shutil
import socket
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "crash"))
import server_rounds  # noqa: E402

ALLOCATOR_MIB = 16     # what the server leaves to its allocator
AN_ADDRESS = 100       # connections of the crowd from one address; the server takes 200
EXPORTED = 20_000      # documents that exports have
PAGE_BYTES = 64 << 10  # of the document that slow readers ask for
POLITE = 4
CLOSE_SECONDS = 20     # until the server has seen that everybody is gone
END = threading.Event()


class Finding(Exception):
    """What is wrong."""


def expect(holds, what):
    if not holds:
        raise Finding(what)


def documents(collection):
    return f"/v1/databases/main/collections/{collection}/documents"


class Target:
    """The server, as its clients see it."""

    def __init__(self, port, key):
        self.port = port
        self.key = key

    def head(self, method, target, *fields):
        lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {self.key}", *fields]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def connect(self, source, timeout=30.0, receive_bytes=0):
        """A connection from an address of the network 127.0.0.0/8."""
        made = socket.socket()
        if receive_bytes:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        made.settimeout(timeout)
        made.bind((source, 0))
        made.connect(("127.0.0.1", self.port))
        return made


# --- the crowd

class Member:
    """One connection of the crowd, and what it does each half second."""

    def __init__(self, kind, target, source):
        self.kind = kind
        slow = kind in ("slow_export", "slow_pages")
        self.socket = target.connect(source, receive_bytes=4096 if slow else 0)
        self.socket.setblocking(False)
        with contextlib.suppress(OSError):
            self.socket.send(self.first(target))

    def first(self, target):
        if self.kind == "idle":
            return target.head("GET", "/healthz")
        if self.kind == "slow_head":
            return b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
        if self.kind == "slow_body":
            return target.head("PUT", documents("crowd") + "/slow", "Content-Type: application/json",
                               "Content-Length: 100000") + b'{"text":"'
        if self.kind == "slow_import":
            return target.head("POST", "/v1/databases/main/import?collection=slow", "Content-Type: application/x-ndjson",
                               "Content-Length: 10000000")
        if self.kind == "slow_export":
            return target.head("GET", "/v1/databases/main/export?collection=exported")
        return target.head("GET", documents("crowd") + "/page") * 20

    def step(self):
        with contextlib.suppress(OSError):
            if self.kind in ("slow_head", "slow_body"):
                self.socket.send(b"x")
            elif self.kind == "slow_import":  # not slow enough to be given up
                self.socket.send(b'{"text":"' + b"s" * 990 + b'"}\n')
            elif self.kind != "idle":
                self.socket.recv(16)


KINDS = ("idle", "slow_head", "slow_body", "slow_pages")
SLOW_STREAMS = 64  # exports, and as many imports: the server has eight threads for them


def kind_of(number):
    if number < 2 * SLOW_STREAMS:
        return ("slow_export", "slow_import")[number % 2]
    return KINDS[number % len(KINDS)]


class Crowd(threading.Thread):
    """So many connections at once: one that the server ends is replaced."""

    def __init__(self, target, size):
        super().__init__()
        self.target = target
        self.size = size
        self.members = {}
        self.poll = select.poll()
        self.replaced = 0
        self.refused = 0
        self.fault = None
        self.whole = threading.Event()

    def join_in(self, number):
        address = number // AN_ADDRESS
        try:
            member = Member(kind_of(number), self.target, f"127.1.{address // 250}.{address % 250 + 1}")
        except OSError:
            self.refused += 1  # tried again at the next step
            return
        self.members[member.socket.fileno()] = (number, member)
        self.poll.register(member.socket, select.POLLRDHUP | select.POLLHUP | select.POLLERR)

    def run(self):
        try:
            wanted = list(range(self.size))
            while not END.is_set():
                for number in wanted:
                    self.join_in(number)
                if len(self.members) >= self.size:
                    self.whole.set()
                held = {number for number, _ in self.members.values()}
                wanted = [number for number in range(self.size) if number not in held]
                wanted += [self.leave(descriptor) for descriptor, _ in self.poll.poll(0)]
                for _, member in list(self.members.values()):
                    member.step()
                END.wait(0.5)
        except Exception as error:  # a thread's error is nobody's otherwise
            self.fault = f"the crowd: {type(error).__name__}: {error}"
        finally:
            for descriptor in list(self.members):
                self.leave(descriptor)

    def leave(self, descriptor):
        number, member = self.members.pop(descriptor)
        self.poll.unregister(descriptor)
        member.socket.close()
        self.replaced += 1
        return number


# --- attackers, one after the other

def vanish(connection, dice):
    """With a reset, or as if nothing were the matter."""
    if dice.random() < 0.5:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_until_closed(connection, most=1 << 20):
    text = b""
    with contextlib.suppress(OSError):
        while len(text) < most:
            piece = connection.recv(65536)
            if not piece:
                break
            text += piece
    return text


def send_all(connection, pieces):
    """As far as the server lets it."""
    with contextlib.suppress(OSError):
        for piece in pieces:
            connection.sendall(piece)


def leave_an_export(target, connection, dice):
    connection.sendall(target.head("GET", "/v1/databases/main/export?collection=exported"))
    connection.recv(dice.randrange(1, 50_000))
    vanish(connection, dice)


def leave_an_import(target, connection, dice):
    line = b'{"_id":"%d","text":"' + b"v" * 200 + b'"}\n'
    body = b"".join(line % number for number in range(2000))
    connection.sendall(target.head("POST", "/v1/databases/main/import?collection=vanished&existing=replace",
                                   "Content-Type: application/x-ndjson", f"Content-Length: {len(body)}"))
    send_all(connection, [body[:dice.randrange(1, len(body))]])
    vanish(connection, dice)


def leave_a_feed(target, connection, dice):
    connection.sendall(target.head("GET", "/v1/databases/main/changes?feed=events&since=0&documents=true"))
    connection.recv(dice.randrange(1, 50_000))
    vanish(connection, dice)


def pipeline_garbage(target, connection, dice):
    good = dice.randrange(0, 200)
    send_all(connection, [target.head("GET", "/healthz") * good, dice.randbytes(dice.randrange(1, 100_000)),
                          b"\r\n\r\n" + target.head("GET", "/healthz") * 50])
    text = read_until_closed(connection)
    connection.close()
    # Behind what is no request nothing is answered.
    seen = text.count(b"HTTP/1.1 200")
    expect(seen <= good, f"{seen} good answers to {good} requests and garbage")


def send_a_huge_head(target, connection, dice):
    send_all(connection, [b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"] +
             [b"X-%d: " % number + b"h" * 10_000 + b"\r\n" for number in range(1000)])
    answer = read_until_closed(connection)
    connection.close()
    # The reset of a connection that still sends may take the answer with it.
    expect(not answer or answer.startswith(b"HTTP/1.1 431"), f"10 MB of head: {answer[:100]!r}")


def send_a_million_parameters(target, connection, dice):
    send_all(connection, [b"GET " + documents("crowd").encode() + b"?"] + [b"limit=1&" * 1000] * 1000 +
             [b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"])
    answer = read_until_closed(connection)
    connection.close()
    expect(not answer or answer.startswith((b"HTTP/1.1 414", b"HTTP/1.1 431")),
           f"a million parameters: {answer[:100]!r}")


def fill_the_request_line(target, connection, dice):
    connection.sendall(target.head("GET", documents("crowd") + "?" + "a&" * 3500, "Connection: close"))
    answer = read_until_closed(connection)
    connection.close()
    expect(answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 413")), f"thousands of parameters: {answer[:100]!r}")


def send_a_strange_document(target, connection, dice):
    body = dice.choice([b"[" * 4_000_000, b'{"a":' * 800_000,
                        b"{" + b",".join(b'"%d":0' % number for number in range(500_000)) + b"}"])
    send_all(connection, [target.head("PUT", documents("crowd") + "/strange", "Content-Type: application/json",
                                      f"Content-Length: {len(body)}", "Connection: close"), body])
    answer = read_until_closed(connection)
    connection.close()
    expect(not answer or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 413")), f"a strange document: {answer[:100]!r}")


ATTACKS = (leave_an_export, leave_an_import, leave_a_feed, pipeline_garbage, send_a_huge_head,
           send_a_million_parameters, fill_the_request_line, send_a_strange_document)


class Attacker(threading.Thread):
    """Does one thing again and again, from an address of its own."""

    def __init__(self, target, number):
        super().__init__()
        self.target = target
        self.attack = ATTACKS[number]
        self.source = f"127.2.0.{number + 1}"
        self.dice = random.Random(number)
        self.times = 0
        self.fault = None

    def run(self):
        try:
            while not END.is_set():
                with contextlib.suppress(OSError):
                    connection = self.target.connect(self.source)
                    try:
                        self.attack(self.target, connection, self.dice)
                    finally:
                        connection.close()
                    self.times += 1
                END.wait(0.02)
        except Exception as error:
            self.fault = f"{self.attack.__name__}: {error}"


# --- those who are to be served

class Polite(threading.Thread):
    """Writes and reads what it wrote, one request after the other; each must be answered, and rightly."""

    def __init__(self, target, number):
        super().__init__()
        self.target = target
        self.number = number
        self.times = []
        self.fault = None

    def run(self):
        try:
            connection = server_rounds.Connection(self.target.port, self.target.key)
            round_number = 0
            while not END.is_set():
                round_number += 1
                self.one_round(connection, round_number)
                time.sleep(0.01)
            connection.close()
        except Exception as error:
            self.fault = f"a polite client: {type(error).__name__}: {error}"

    def one_round(self, connection, round_number):
        name = f"p{self.number}-{round_number % 100}"
        self.call(connection, (200,), "GET", f"/kv/set?k={name}&v={round_number}")
        expect(self.call(connection, (200,), "GET", f"/kv/get?k={name}") == str(round_number), "another value")
        self.call(connection, (200, 201), "PUT", documents("polite") + "/" + name,
                  json.dumps({"round": round_number}).encode())
        found = self.call(connection, (200,), "GET", documents("polite") + "/" + name)
        expect(found["round"] == round_number, f"another document: {found}")
        if round_number % 20 == 1:
            self.carry(connection)

    def carry(self, connection):
        """All that the polite wrote, into a collection of one's own."""
        lines = self.call(connection, (200,), "GET", "/v1/databases/main/export?collection=polite", plain=True)
        done = self.call(connection, (200,), "POST",
                         f"/v1/databases/main/import?collection=polite{self.number}&existing=replace", lines,
                         body_type="application/x-ndjson")
        expect(done["imported"] == lines.count(b"\n"), f"an import of another length: {done}")

    def call(self, connection, good, method, target, body=None, body_type="application/json", plain=False):
        begin = time.monotonic()
        status, text = connection.call(method, target, body, body_type=body_type)
        self.times.append(time.monotonic() - begin)
        expect(status in good, f"{method} {target} answered {status} {text[:200]}")
        return text if plain else json.loads(text)


# --- what the server is like

def resident_mib(process):
    text = pathlib.Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def descriptors(process, data):
    """What they are, without the files of databases, which open and close as the engine needs them."""
    found = []
    for entry in os.scandir(f"/proc/{process}/fd"):
        with contextlib.suppress(OSError):
            path = os.readlink(entry.path)
            if not path.startswith(str(data)):
                found.append(re.sub(r"\d+", "N", path))
    return found


def metric(target, name):
    connection = server_rounds.Connection(target.port, target.key)
    status, text = connection.call("GET", "/metrics")
    connection.close()
    expect(status == 200, f"/metrics answered {status}")
    return float(re.search(rf"^{name} (\S+)$", text.decode(), re.MULTILINE).group(1))


def wait_until_alone(target):
    """Until the server has seen that everybody is gone: the one who asks is one connection."""
    end = time.monotonic() + CLOSE_SECONDS
    while (connections := metric(target, "quire_connections")) > 1:
        expect(time.monotonic() < end, f"{connections:.0f} connections are left")
        time.sleep(0.2)


def load(target):
    connection = server_rounds.Connection(target.port, target.key)
    lines = b"".join(b'{"_id":"%06d","text":"' % number + b"e" * 500 + b'"}\n' for number in range(EXPORTED))
    status, text = connection.call("POST", "/v1/databases/main/import?collection=exported", lines,
                                   body_type="application/x-ndjson")
    expect(status == 200, f"import answered {status} {text[:200]}")
    status, _ = connection.call("PUT", documents("crowd") + "/page", json.dumps({"text": "p" * PAGE_BYTES}).encode())
    expect(status == 201, f"PUT answered {status}")
    # What is made at its first use is there from here on, and the caches are filled as far as the attack will.
    status, _ = connection.call("GET", "/v1/databases/main/changes?feed=longpoll&since=now&timeout=100")
    expect(status == 200, f"a long poll answered {status}")
    leave_a_feed(target, target.connect("127.0.0.1"), random.Random(0))
    for _ in range(2):
        status, text = connection.call("GET", "/v1/databases/main/export?collection=exported")
        expect(status == 200 and text.count(b"\n") == EXPORTED, "an export is not whole")
    connection.close()


def run_all(threads, seconds, while_whole):
    """Runs threads at once; the seconds begin when the crowd is whole."""
    END.clear()
    for thread in threads:
        thread.start()
    try:
        while_whole()
        time.sleep(seconds)
    finally:
        END.set()
        for thread in threads:
            thread.join(60)
    for thread in threads:
        expect(not thread.is_alive(), f"{type(thread).__name__} was not let go")
        expect(thread.fault is None, thread.fault)


def share(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


def attack(target, options, process):
    crowd = Crowd(target, options.connections)
    attackers = [Attacker(target, number) for number, attack in enumerate(ATTACKS)
                 if options.only in (None, attack.__name__)]
    polite = [Polite(target, number) for number in range(POLITE)]
    seen = {}

    def while_whole():
        expect(crowd.whole.wait(60), f"only {len(crowd.members)} connections were made: {crowd.fault}")
        seen["connections"] = metric(target, "quire_connections")
        seen["resident"] = resident_mib(process)

    run_all([crowd, *attackers, *polite], options.seconds, while_whole)
    print(f"connections at once, as the server counts them: {seen['connections']:.0f}; "
          f"replaced {crowd.replaced - options.connections}, refused {crowd.refused}")
    print("attacks:", ", ".join(f"{attacker.attack.__name__} {attacker.times}" for attacker in attackers))
    times = [time for client in polite for time in client.times]
    print(f"polite requests, all answered: {len(times)}; milliseconds at 50, 99 and 100 %: "
          f"{share(times, 0.5):.1f}, {share(times, 0.99):.1f}, {share(times, 1):.1f}")
    print(f"resident with the crowd: {seen['resident']:.0f} MiB")
    expect(seen["connections"] >= options.connections * 0.9, "the crowd was not there at once")
    for attacker in attackers:
        expect(attacker.times > 0, f"{attacker.attack.__name__} never came to its end")
    for client in polite:
        expect(len(client.times) > 0, "a polite client was not served")


def round_of_faults(options, place):
    data = place / "data"
    log = place / "log"
    log.touch()
    server = server_rounds.Server(pathlib.Path(options.programs), data, log,
                                  ("--limits-connections", str(options.connections + 1000), "--memory", "16MiB"))
    try:
        key = server.read_key()
        server.wait_until_ready(key)
        target = Target(server.port, key)
        process = server.process.pid
        load(target)
        run_all([Polite(target, number) for number in range(POLITE)], 2, lambda: None)
        wait_until_alone(target)
        time.sleep(min(options.pause, 5))
        before, open_before = resident_mib(process), descriptors(process, data)
        attack(target, options, process)
        wait_until_alone(target)
        time.sleep(options.pause)
        after, open_after = resident_mib(process), descriptors(process, data)
        most = before * 1.1 + ALLOCATOR_MIB
        print(f"resident before and {options.pause:g} s after: {before:.1f} and {after:.1f} MiB (at most {most:.1f}); "
              f"sockets and other descriptors: {len(open_before)} and {len(open_after)}")
        lost = list((collections.Counter(open_after) - collections.Counter(open_before)).elements())
        expect(not lost, f"descriptors were lost: {lost}")
        expect(after <= most, "memory was lost")
        connection = server_rounds.Connection(server.port, key)
        status, text = connection.call("GET", "/v1/databases/main/export?collection=exported")
        expect(status == 200 and text.count(b"\n") == EXPORTED, "an export is not whole any more")
        connection.close()
        server.process.terminate()
        expect(server.process.wait(40) == 0, "the server did not end well")
        faults = [line for line in log.read_text(encoding="utf-8").splitlines() if " error " in line]
        expect(not faults, "\n".join(faults[:5]))
    finally:
        server.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", metavar="BIN")
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--pause", type=float, default=12)
    parser.add_argument("--only", help="one attack, by its function's name; none: only the crowd")
    options = parser.parse_args()
    place = pathlib.Path(tempfile.mkdtemp(prefix="quire-faults-"))
    try:
        round_of_faults(options, place)
    except (Finding, server_rounds.Finding) as finding:
        print((place / "log").read_text(encoding="utf-8")[-2000:])
        print(f"FAULT: {finding}")
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
