"""Rounds through a server: the real `quire serve` on a real directory, clients that write over connections that stay,
and a signal at a random moment. What was acknowledged must be there after the next start, and nothing that nobody asked
for; a request that was not answered is asked again with its Idempotency-Key, and must have one effect.

Each client owns its names, so that what a name may hold follows from what its client asked for: the last value that
was acknowledged, or the one that was under way."""

import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

CLIENTS = 6
NAMES = 5  # of each client, in each of the two surfaces
START_SECONDS = 30
STOP_SECONDS = 40
ANSWER_SECONDS = 30


class Finding(Exception):
    """What is wrong with a round, a line each."""


class Cut(Exception):
    """The connection ended without an answer."""


class HalfAnswer(Exception):
    """The connection ended within an answer."""


class Connection:
    """One connection, its requests and answers, byte by byte: a library would hide where an answer was cut."""

    def __init__(self, port, key=None, source="127.0.0.1"):
        self.key = key
        self.buffer = b""
        self.answer = {}  # fields of the last answer
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS,
                                                   source_address=(source, 0))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise Cut(str(error)) from None
        self.last = False  # the server said that it closes behind the answer

    def close(self):
        self.socket.close()

    def _more(self, what):
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            if what == "head" and not self.buffer:
                raise Cut
            raise HalfAnswer(f"cut within the {what}, behind {self.buffer[:80]!r}")
        self.buffer += data

    def call(self, method, target, body=None, fields=(), body_type="application/json"):
        """(status, body) of one request."""
        head = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", *fields]
        if self.key is not None:
            head.append(f"Authorization: Bearer {self.key}")
        if body is not None:
            head += [f"Content-Type: {body_type}", f"Content-Length: {len(body)}"]
        try:
            self.socket.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + (body or b""))
        except OSError:
            pass  # an answer may have come before the end
        while b"\r\n\r\n" not in self.buffer:
            self._more("head")
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        answer = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        self.answer = answer
        self.last = answer.get("connection", "").lower() == "close"
        if answer.get("transfer-encoding") == "chunked":
            return int(lines[0].split()[1]), self._chunks()
        size = int(answer.get("content-length", "0"))
        while len(self.buffer) < size:
            self._more("body")
        text, self.buffer = self.buffer[:size], self.buffer[size:]
        return int(lines[0].split()[1]), text

    def _chunks(self):
        text = b""
        while True:
            while b"\r\n" not in self.buffer:
                self._more("body")
            size, self.buffer = self.buffer.split(b"\r\n", 1)
            size = int(size, 16)
            while len(self.buffer) < size + 2:
                self._more("body")
            text += self.buffer[:size]
            self.buffer = self.buffer[size + 2:]
            if size == 0:
                return text


class Server:
    """The program, started and ready."""

    def __init__(self, programs, data, log, arguments=()):
        self.log = log
        environment = {name: value for name, value in os.environ.items() if not name.startswith("QUIRE_")}
        environment["QUIRE_ALLOW_ROOT"] = "1"
        with log.open("ab") as err:
            self.process = subprocess.Popen([programs / "quire", "serve", "--data", data, "--listen", "127.0.0.1:0",
                                             "--drain-time", "20s", *arguments], stdout=subprocess.PIPE, stderr=err,
                                            env=environment)
        self.key = None
        self.port = None
        timer = threading.Timer(START_SECONDS, self.process.kill)
        timer.start()
        try:
            # The key comes behind the addresses, at the first start alone; the line about it says so beforehand.
            for line in self.process.stdout:
                text = line.decode().strip()
                if match := re.fullmatch(r"Listening on http://127\.0\.0\.1:(\d+)", text):
                    self.port = int(match.group(1))
                    break
            if self.port is None:
                raise Finding(f"the server did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
        finally:
            timer.cancel()

    def read_key(self):
        for line in self.process.stdout:
            text = line.decode().strip()
            if match := re.fullmatch(r"key +(qr_admin_\S+)", text):
                return match.group(1)
        raise Finding("the first start printed no key")

    def wait_until_ready(self, key):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(Cut):
                connection = Connection(self.port, key)
                status, _ = connection.call("GET", "/readyz")
                connection.close()
                if status == 200:
                    return
            time.sleep(0.01)
        raise Finding("the server was not ready in time")

    def ask(self, method, target, body=None, key=None, good=(200, 201)):
        """What a request is answered, of the first administrator where no key is named."""
        connection = Connection(self.port, key or self.key)
        try:
            status, text = connection.call(method, target, None if body is None else json.dumps(body).encode())
        finally:
            connection.close()
        expect(status in good, f"{method} {target} answered {status} {text[:300]}")
        return json.loads(text)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@contextlib.contextmanager
def fresh_server(programs, name, arguments=()):
    """A server over a directory of its own, ready; `key` is its first administrator's, `place` what is removed behind it."""
    place = pathlib.Path(tempfile.mkdtemp(prefix=f"quire-{name}-"))
    server = None
    try:
        (place / "log").touch()
        server = Server(pathlib.Path(programs), place / "data", place / "log", arguments)
        server.place = place
        server.key = server.read_key()
        server.wait_until_ready(server.key)
        yield server
    finally:
        if server is not None:
            server.end()
        shutil.rmtree(place, ignore_errors=True)


class Name:
    """What a key or a document may hold."""

    def __init__(self, text):
        self.text = text
        self.number = 0          # of the last value that was asked for
        self.acknowledged = 0    # of the last one that was answered; 0: none
        self.revision = None     # of a document: of the last answer
        self.pending = None      # (number, request id, condition) of a request without an answer

    def may_hold(self):
        """The numbers that it may hold; 0: that it is not there."""
        return {self.acknowledged} | ({self.pending[0]} if self.pending else set())


class Client(threading.Thread):
    """One connection at a time, one request after the other, until the server is gone."""

    def __init__(self, life, number, server, dice):
        super().__init__()
        self.life = life
        self.keys, self.documents = life.names[number]
        self.server = server
        self.dice = dice
        self.fault = None
        self.acknowledged = 0
        self.unanswered = 0

    def run(self):
        try:
            connection = Connection(self.server.port, self.life.admin)
            try:
                while not connection.last:
                    name = self.dice.choice(self.keys + self.documents)
                    if name.pending is None:
                        self.write(connection, name)
            finally:
                connection.close()
        except Cut:
            pass
        except HalfAnswer as error:
            self.fault = f"half an answer: {error}"
        except Exception as error:  # a thread's error is nobody's otherwise
            self.fault = f"{type(error).__name__}: {error}"

    def write(self, connection, name):
        name.number += 1
        if name in self.keys:
            name.pending = (name.number, None, None)
            self.unanswered += 1
            status, text = connection.call("GET", set_target(name, name.number))
            expect(status == 200 and json.loads(text) == {"success": True}, f"/kv/set answered {status} {text[:200]}")
        else:
            name.pending = (name.number, f"{name.text}-{name.number}-{self.life.seed}", name.revision)
            self.unanswered += 1
            name.revision = put_document(connection, name)
        self.unanswered -= 1
        self.acknowledged += 1
        name.acknowledged, name.pending = name.number, None


def expect(holds, what):
    if not holds:
        raise Finding(what)


def value_of(name, number):
    return f"{name.text}/{number}/" + "x" * (number % 60)


def set_target(name, number):
    return "/kv/set?" + urllib.parse.urlencode({"k": name.text, "v": value_of(name, number)})


def put_document(connection, name):
    """Puts the pending value; the revision that it got."""
    number, request, revision = name.pending
    condition = f'If-Match: "{revision}"' if revision else "If-None-Match: *"
    body = json.dumps({"value": value_of(name, number), "number": number}).encode()
    status, text = connection.call("PUT", f"/v1/databases/main/collections/crash/documents/{name.text}", body,
                                   (condition, f"Idempotency-Key: {request}"))
    answer = json.loads(text)
    expect(status in (200, 201), f"PUT of {name.text}, number {number}, answered {status} {text[:300]}")
    expect(answer.get("durable") == "disk", f"PUT answered that it is not durable: {text[:300]}")
    return answer["_rev"] if "_rev" in answer else answer["rev"]


class LifeOfServer:
    """A directory of its own and the server that is started in it again and again: what the campaign's lives over HTTP
    share. A kind of life has rounds of its own."""

    arguments = ()

    def __init__(self, campaign, kind, number, in_memory):
        self.kind = kind
        self.seed = campaign.seed + number
        self.programs = campaign.programs
        self.place = campaign.place(in_memory) / f"{kind}-{self.seed}"
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        self.data, self.log = self.place / "data", self.place / "log"
        self.log.touch()
        self.server, self.admin = None, None

    def start(self):
        self.server = Server(self.programs, self.data, self.log, self.arguments)
        try:
            if self.admin is None:
                self.admin = self.server.read_key()
            self.server.wait_until_ready(self.admin)
        except BaseException:
            self.server.end()
            raise

    def end(self, kept_in=None):
        if self.server is not None:
            self.server.end()
        if kept_in is not None:
            shutil.rmtree(kept_in, ignore_errors=True)
            shutil.copytree(self.place, kept_in)
        shutil.rmtree(self.place, ignore_errors=True)


class ServerLife(LifeOfServer):
    """Clients that set keys and put documents, and what is there after each kill."""

    def __init__(self, campaign, kind, number):
        # A third in memory, where more happens in the same time.
        super().__init__(campaign, kind, number, number % 3 == 2)
        self.names = [([Name(f"k{client}-{i}") for i in range(NAMES)], [Name(f"d{client}-{i}") for i in range(NAMES)])
                      for client in range(CLIENTS)]

    def round(self, number):
        """One round; its numbers."""
        dice = random.Random(f"{self.kind}/{self.seed}/{number}")
        stop = signal.SIGTERM if dice.random() < 0.3 else signal.SIGKILL
        self.start()
        server = self.server
        try:
            clients = [Client(self, i, server, random.Random(f"{self.seed}/{number}/{i}")) for i in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(dice.uniform(0.0, 1.0) if dice.random() < 0.8 else dice.uniform(1.0, 3.0))
            server.process.send_signal(stop)
            for client in clients:
                client.join(STOP_SECONDS)
                expect(not client.is_alive(), "a client was not let go")
            self.check_end(server, stop)
        finally:
            server.end()
        self.check_clients(clients, stop)
        numbers = {"acknowledged": sum(client.acknowledged for client in clients), "lost": 0, "given_up": 0,
                   "unanswered": sum(client.unanswered for client in clients), "retried": 0, "unjudged": 0}
        self.start()
        server = self.server
        try:
            numbers["retried"] = self.check(server)
        finally:
            server.end()
        return numbers

    def check_end(self, server, stop):
        try:
            status = server.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise Finding(f"the server was there {STOP_SECONDS} s after its signal") from None
        wanted = -signal.SIGKILL if stop == signal.SIGKILL else 0
        expect(status == wanted, f"the server ended with {status}:\n{self.log.read_text(encoding='utf-8')[-2000:]}")

    def check_clients(self, clients, stop):
        for client in clients:
            # A killed process may leave half of anything; one that drains answers what it has begun.
            if client.fault and (stop == signal.SIGTERM or not client.fault.startswith("half an answer")):
                raise Finding(client.fault)

    def check(self, server):
        """What is there; then the requests that were not answered, once more. How many these were."""
        connection = Connection(server.port, self.admin)
        keys = {name.text: name for pair in self.names for name in pair[0]}
        documents = {name.text: name for pair in self.names for name in pair[1]}
        found = {row["k"]: row["v"] for row in json.loads(connection.call("GET", "/kv/getAll")[1])}
        self.compare(keys, found)
        self.compare(documents, self.listing(connection))
        retried = 0
        for name in keys.values():
            self.settle(name, found.get(name.text))
        for name in documents.values():
            if name.pending is None:
                continue
            retried += 1
            name.revision = put_document(connection, name)
            name.acknowledged, name.pending = name.number, None
            # Each value of a document is a revision: a retry that had a second effect would be one more.
            expect(name.revision.split("-")[0] == str(name.number),
                   f"doubled: {name.text} is at {name.revision} after {name.number} writes")
        self.compare(documents, self.listing(connection))
        connection.close()
        return retried

    def listing(self, connection):
        status, text = connection.call("GET", "/v1/databases/main/collections/crash/documents?limit=1000")
        if status == 404:
            return {}
        rows = json.loads(text)["documents"]
        for row in rows:
            expect(row["value"] == value_of(Name(row["_id"]), row["number"]), f"torn: {row}")
        return {row["_id"]: row["value"] for row in rows}

    def compare(self, names, found):
        alien = set(found) - set(names)
        expect(not alien, f"alien: nobody asked for {sorted(alien)[:5]}")
        for name in names.values():
            allowed = {value_of(name, number) if number else None for number in name.may_hold()}
            value = found.get(name.text)
            if value not in allowed:
                kind = "lost" if value is None or int(value.split("/")[1]) < name.acknowledged else "alien"
                raise Finding(f"{kind}: {name.text} holds {value!r} instead of one of {allowed}")

    def settle(self, name, value):
        """From here on a key holds what it was found to hold."""
        if name.pending and value == value_of(name, name.pending[0]):
            name.acknowledged = name.pending[0]
        name.pending = None
