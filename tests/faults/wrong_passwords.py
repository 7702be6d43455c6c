#!/usr/bin/env python3
"""wrong_passwords.py BIN [--attempts N] [--seconds N] [--pause N] [--compare]: passwords are guessed, for one account and
for many.

From many connections, of many addresses, in each of the ways that take a password. Meanwhile another process reads
documents with a key. What must hold:

- after a few failures for an account, guesses at it are answered 429 with Retry-After, and are not looked at; the right
  password, too, has to wait, and is good once that is over;
- names of accounts that are not there are answered as those that are;
- every read is answered, and with --compare the latency at 99 % stays below three times what it was before;
- the server takes the memory of two hashes at most, and gives it back.

Each phase makes N guesses at least, and lasts so many seconds at least. The default takes less than 40 seconds."""

import argparse
import base64
import collections
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
from hostile_clients import ALLOCATOR_MIB, resident_mib  # noqa: E402
from server_rounds import Connection, Cut, Finding, expect, fresh_server  # noqa: E402

HASH_MIB = 64            # what a hash takes by default, and so many at once
HASHES = 2
FREE_FAILURES = 5        # as the server has it
AT_ONCE = 16             # guesses at one account that may have begun before the first of them failed
CONNECTIONS = 128        # more than there are passwords that wait for a hash
TIMES_SLOWER = 3
REAL = 20                # of the many accounts; the others are not there
PASSWORD = "the right one of {}"
DOCUMENT = "/v1/databases/main/collections/stations/documents/a"
END = threading.Event()


def share(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


# --- who reads, in a process of its own: threads of Python wait for each other

def read_for_long(port):
    """Until its standard input ends; a line of JSON with what it saw."""
    connection = Connection(port, os.environ["QUIRE_KEY"])
    times = []
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    while not stopped.is_set():
        begin = time.perf_counter()
        status, text = connection.call("GET", DOCUMENT)
        times.append((time.perf_counter() - begin) * 1000)
        expect(status == 200, f"a read was answered {status} {text[:200]}")
        time.sleep(0.001)
    print(json.dumps({"reads": len(times), "p50": share(times, 0.5), "p99": share(times, 0.99), "most": max(times)}))


class Reader:
    def __init__(self, port, key):
        self.process = subprocess.Popen([sys.executable, __file__, "--read", str(port)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env={**os.environ, "QUIRE_KEY": key})

    def result(self):
        text, _ = self.process.communicate(timeout=60)
        expect(self.process.returncode == 0, "a reader was not served")
        return json.loads(text)


# --- who guesses

def by_action(connection, name, password):
    return connection.call("POST", "/api", json.dumps(
        {"action": "login", "payload": {"username": name, "password": password}}).encode())


def by_session(connection, name, password):
    return connection.call("POST", "/v1/sessions", json.dumps({"username": name, "password": password}).encode())


def by_basic(connection, name, password):
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return connection.call("GET", "/v1/me", fields=(f"Authorization: Basic {pair}",))


WAYS = (by_action, by_session, by_basic)


class Guesses:
    """What was answered, by all who guess."""

    def __init__(self, attempts, seconds):
        self.mutex = threading.Lock()
        self.left = attempts
        self.end = time.monotonic() + seconds
        self.answers = collections.Counter()
        self.times = collections.defaultdict(list)   # of those that were looked at, by whether the account is there
        self.longest_wait = 0
        self.number = 0

    def next(self):
        """The number of the next guess; None: enough were made."""
        with self.mutex:
            if END.is_set() or (self.left <= 0 and time.monotonic() > self.end):
                return None
            self.left -= 1
            self.number += 1
            return self.number

    def note(self, way, status, text, connection, seconds, there):
        error = json.loads(text).get("error")
        with self.mutex:
            # The surface of actions answers whatever the caller did wrong with 400.
            if status == 429:
                wait = connection.answer.get("retry-after", "")
                expect(wait.isdigit() and int(wait) >= 1, f"429 says Retry-After: {wait!r}")
                self.longest_wait = max(self.longest_wait, int(wait))
                self.answers["not looked at"] += 1
                return
            expect(error == "unauthenticated" and status == (400 if way is by_action else 401),
                   f"a wrong password was answered {status} {text[:200]}")
            self.answers["wrong"] += 1
            self.times[there].append(seconds)


class Guesser(threading.Thread):
    """With a connection for each guess, of an address that `source` says, at the account that `name` says."""

    def __init__(self, port, guesses, name, source):
        super().__init__()
        self.port, self.guesses, self.name_of, self.source_of = port, guesses, name, source
        self.fault = None

    def run(self):
        try:
            while (number := self.guesses.next()) is not None:
                name, there = self.name_of(number)
                way = WAYS[number % len(WAYS)]
                connection = Connection(self.port, None, self.source_of(number))
                begin = time.monotonic()
                status, text = way(connection, name, f"a wrong password {number}")
                self.guesses.note(way, status, text, connection, time.monotonic() - begin, there)
                connection.close()
                time.sleep(0.02)
        except Cut as error:
            self.fault = f"a guess was not answered: {error}"
        except Exception as error:  # a thread's error is nobody's otherwise
            self.fault = f"{type(error).__name__}: {error}"


class Memory(threading.Thread):
    """The most that the server had."""

    def __init__(self, process):
        super().__init__()
        self.process = process
        self.most = 0
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.is_set():
            self.most = max(self.most, resident_mib(self.process))
            self.stopped.wait(0.02)


class Scene:
    def __init__(self, options, server):
        self.options = options
        self.server = server
        self.port = server.port
        self.quiet = None
        for name in ("ann", *(f"real{number}" for number in range(REAL))):
            self.server.ask("POST", "/v1/users", {"username": name, "password": PASSWORD.format(name)})
        self.server.ask("PATCH", "/v1/databases/main", {"public": "read"})
        self.server.ask("PUT", DOCUMENT, {"celsius": 3.5, "text": "t" * 900})
        self.key = self.server.ask("POST", "/v1/keys", {"user": "real0"})["key"]

    def measure_quiet(self):
        reader = Reader(self.port, self.key)
        time.sleep(self.options.seconds)
        self.quiet = reader.result()
        self.before = resident_mib(self.server.process.pid)
        print(f"quiet: {self.quiet['reads']} reads, {self.quiet['p50']:.2f} ms at 50 %, {self.quiet['p99']:.2f} at 99 %; "
              f"resident {self.before:.0f} MiB")

    def guess(self, what, name, source):
        """One phase; what was answered."""
        guesses = Guesses(self.options.attempts, self.options.seconds)
        guessers = [Guesser(self.port, guesses, name, source) for _ in range(CONNECTIONS)]
        memory = Memory(self.server.process.pid)
        reader = Reader(self.port, self.key)
        began = time.monotonic()
        for thread in (memory, *guessers):
            thread.start()
        try:
            for guesser in guessers:
                guesser.join(self.options.seconds + 300)
        finally:
            END.set()
            memory.stopped.set()
        END.clear()
        seconds = time.monotonic() - began
        faults = [guesser.fault for guesser in guessers if guesser.fault]
        expect(not faults, "\n".join(faults[:5]))
        self.judge(what, guesses, reader.result(), memory.most, seconds)
        return guesses, seconds

    def judge(self, what, guesses, read, most, seconds):
        times = "; ".join(f"accounts that {'are' if there else 'are not'} there: {share(all_of, 0.5) * 1000:.0f} ms"
                          for there, all_of in guesses.times.items())
        slower = read["p99"] / self.quiet["p99"]
        print(f"{what}: {guesses.number} guesses in {seconds:.1f} s, {guesses.answers['wrong']} looked at, "
              f"{guesses.answers['not looked at']} told to wait, {guesses.longest_wait} s at most")
        print(f"  medians of guesses that were looked at, of {times}")
        print(f"  reads meanwhile: {read['reads']}, {read['p50']:.2f} ms at 50 %, {read['p99']:.2f} at 99 %, {read['most']:.1f} at "
              f"most: {slower:.2f} times the quiet figure; resident at most {most:.0f} MiB")
        allowed = self.before * 1.1 + HASHES * HASH_MIB + ALLOCATOR_MIB
        expect(most <= allowed, f"the server took {most:.0f} MiB, where {allowed:.0f} were allowed")
        # Beside other tests a latency says nothing.
        expect(not self.options.compare or slower < TIMES_SLOWER, f"reads took {slower:.2f} times as long at 99 %")

    def one_account(self):
        guesses, seconds = self.guess("one account", lambda number: ("ann", True),
                                      lambda number: f"127.3.{number // 250 % 250}.{number % 250 + 1}")
        # Those that had begun when it was too many, and then one for each delay that passed: it doubles.
        allowed = FREE_FAILURES + AT_ONCE + int(seconds).bit_length() + 1
        expect(guesses.answers["wrong"] <= allowed, f"{guesses.answers['wrong']} guesses were looked at, of {allowed}")
        expect(guesses.answers["not looked at"] > 0, "nobody was told to wait")
        self.come_in("ann", guesses.longest_wait)

    def come_in(self, name, longest):
        """With the right password, once the delay is over: nobody is kept out for good."""
        begin = time.monotonic()
        waited = []
        while True:
            connection = Connection(self.port, None, "127.5.0.1")
            status, text = by_session(connection, name, PASSWORD.format(name))
            wait = connection.answer.get("retry-after")
            connection.close()
            if status == 201:
                break
            expect(status == 429, f"the right password was answered {status} {text[:200]}")
            waited.append(int(wait))
            expect(len(waited) < 5 and waited[-1] <= max(longest, 2), f"the right password has to wait {waited} s")
            time.sleep(int(wait))
        print(f"  the right password: told to wait {waited} s, and taken {time.monotonic() - begin:.1f} s later")

    def many_accounts(self):
        def name(number):
            return (f"real{number // 2 % REAL}", True) if number % 2 else (f"nobody{number}", False)

        stopped = threading.Event()
        logins = []
        owner = threading.Thread(target=self.log_in_often, args=(stopped, logins))
        owner.start()
        try:
            guesses, _ = self.guess("many accounts", name, lambda number: f"127.4.{number // 250 % 250}.{number % 250 + 1}")
        finally:
            stopped.set()
            owner.join()
        print(f"  beside them, somebody's logins with the right password: {logins.count(201)} taken, "
              f"{logins.count(429)} told to wait")
        expect(set(logins) <= {201, 429}, f"logins were answered {set(logins)}")
        expect(guesses.answers["wrong"] > 0, "no guess was looked at")

    def log_in_often(self, stopped, answers):
        while not stopped.is_set():
            connection = Connection(self.port, None, "127.5.0.2")
            answers.append(by_session(connection, "ann", PASSWORD.format("ann"))[0])
            connection.close()
            stopped.wait(0.5)

    def same_answer(self):
        """From an address of its own each, so that none has to wait."""
        texts = set()
        for number, name in enumerate(("real1", "nobody")):
            connection = Connection(self.port, None, f"127.6.0.{number + 1}")
            status, text = by_session(connection, name, "a wrong password")
            connection.close()
            answer = json.loads(text)
            answer.pop("id", None)  # the answer's own
            answer.pop("request", None)
            texts.add((status, json.dumps(answer)))
        expect(len(texts) == 1, f"who is not there is answered otherwise: {texts}")

    def give_back(self):
        time.sleep(self.options.pause)
        after = resident_mib(self.server.process.pid)
        print(f"resident before and {self.options.pause:g} s after: {self.before:.1f} and {after:.1f} MiB")
        expect(after <= self.before * 1.1 + (0 if self.options.pause >= 60 else ALLOCATOR_MIB), "memory was not given back")


def main():
    parser = argparse.ArgumentParser(prog="wrong_passwords", description=__doc__)
    parser.add_argument("programs", help=argparse.SUPPRESS)
    parser.add_argument("--attempts", type=int, default=150, help="of a phase, of which there are two (150)")
    parser.add_argument("--seconds", type=float, default=5, help="of a phase at least (5)")
    parser.add_argument("--pause", type=float, default=3, help="seconds until memory is looked at (3)")
    parser.add_argument("--compare", action="store_true", help="hold latencies to the quiet ones; wants a machine of its own")
    options = parser.parse_args()
    try:
        with fresh_server(options.programs, "passwords") as server:
            scene = Scene(options, server)
            for step in (scene.same_answer, scene.measure_quiet, scene.one_account, scene.many_accounts, scene.give_back):
                step()
    except Finding as finding:
        print(f"FAILED: {finding}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read_for_long(int(sys.argv[2]))
    else:
        sys.exit(main())
