#!/usr/bin/env python3
"""revocation.py BIN: whoever loses a right loses what follows under it, within a second.

For each way to lose one, an event stream and a long poll are opened over sockets; then it happens, and the time is
taken until the stream ends and the poll is answered. Feeds of one who loses nothing stay, but for a reservation of
another, which ends all others'. No feed says anything of what is written behind the loss."""

import argparse
import json
import pathlib
import socket
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
from server_rounds import Finding, expect, fresh_server  # noqa: E402

END_SECONDS = 1.0
PASSWORD = "password of {}"


class Feed(threading.Thread):
    """A request for changes, and when its answer was over."""

    def __init__(self, port, token, database, kind):
        super().__init__(daemon=True)
        self.kind = kind
        self.ended = None
        self.text = b""
        self.begun = threading.Event()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        target = f"/v1/databases/{database}/changes?feed={kind}&since=now&documents=true&timeout=50000"
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                            "Connection: close\r\n\r\n".encode())
        self.start()

    def run(self):
        try:
            while piece := self.socket.recv(65536):
                self.text += piece
                self.begun.set()
        except OSError:
            pass
        self.ended = time.monotonic()
        self.begun.set()

    def wait_until_open(self):
        if self.kind == "events":
            expect(self.begun.wait(10), "a feed did not begin")
            expect(self.text.startswith(b"HTTP/1.1 200"), f"a feed was refused: {self.text[:200]!r}")
        else:
            # Nothing of it is seen from here until it is answered.
            time.sleep(0.3)
            expect(self.ended is None, f"a poll was answered at once: {self.text[:300]!r}")

    def seconds_until_end(self, began):
        self.join(10)
        expect(self.ended is not None, f"a feed ({self.kind}) goes on after it should have ended")
        return self.ended - began

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.join(10)
        self.socket.close()


class Scene:
    ARGUMENTS = ("--accounts-password-memory", "19MiB", "--accounts-password-passes", "2")

    def __init__(self, server):
        self.server = server
        self.number = 0
        for name in ("owner", "other"):
            self.make_account(name)
        self.owner, self.other = self.key_of("owner")["key"], self.key_of("other")["key"]

    def ask(self, method, target, body=None, token=None, good=(200, 201)):
        return self.server.ask(method, target, body, token, good)

    def act(self, action, token=None, **payload):
        return self.ask("POST", "/api", {"action": action, "payload": payload}, token)["message"]

    def make_account(self, name):
        self.ask("POST", "/v1/users", {"username": name, "password": PASSWORD.format(name)})

    def key_of(self, name):
        return self.ask("POST", "/v1/keys", {"user": name})

    def session_of(self, name):
        return self.act("login", username=name, password=PASSWORD.format(name))["token"]

    # --- ways to lose a right; each answers the token to follow with, and what then happens

    def revoked_key(self, name, database):
        key = self.key_of(name)
        return key["key"], lambda: self.ask("DELETE", f"/v1/keys/{key['id']}?user={name}")

    def revoked_key_by_action(self, name, database):
        key = self.act("getAPIkey", username=name, password=PASSWORD.format(name))["apiKey"]
        return key, lambda: self.act("revokeAPIkey", username=name, password=PASSWORD.format(name), apiKey=key)

    def replaced_key(self, name, database):
        key = self.act("getAPIkey", username=name, password=PASSWORD.format(name))["apiKey"]
        return key, lambda: self.act("getAPIkey", username=name, password=PASSWORD.format(name))

    def changed_password_and_key(self, name, database):
        key = self.key_of(name)["key"]
        return key, lambda: self.change_password(name)

    def changed_password_and_session(self, name, database):
        return self.session_of(name), lambda: self.change_password(name)

    def change_password(self, name):
        self.ask("PATCH", f"/v1/users/{name}", {"oldPassword": PASSWORD.format(name), "password": "another password"},
                 self.session_of(name))

    def logout(self, name, database):
        session = self.session_of(name)
        return session, lambda: self.ask("DELETE", "/v1/sessions/current", token=session)

    def unshared(self, name, database):
        return self.key_of(name)["key"], lambda: self.ask("DELETE", f"/v1/databases/{database}/grants/{name}", token=self.owner)

    def unshared_by_action(self, name, database):
        return self.key_of(name)["key"], lambda: self.act("unshareDatabase", self.owner, userID=name, dbID=database)

    def disabled(self, name, database):
        return self.key_of(name)["key"], lambda: self.ask("PATCH", f"/v1/users/{name}", {"disabled": True})

    def removed(self, name, database):
        return self.key_of(name)["key"], lambda: self.ask("DELETE", f"/v1/users/{name}")

    def reserved_by_another(self, name, database):
        return self.key_of(name)["key"], lambda: self.ask("PUT", f"/v1/databases/{database}/reservation", token=self.owner)

    def reserved_by_action(self, name, database):
        return self.key_of(name)["key"], lambda: self.act("loadDatabase", self.owner, dbID=database)

    WAYS = (revoked_key, revoked_key_by_action, replaced_key, changed_password_and_key, changed_password_and_session, logout,
            unshared, unshared_by_action, disabled, removed, reserved_by_another, reserved_by_action)

    def lose(self, way):
        self.number += 1
        name = f"user{self.number}"
        self.make_account(name)
        database = self.act("createDatabase", self.owner, dbName=f"db{self.number}")["dbID"]
        for user in (name, "other"):
            self.act("shareDatabase", self.owner, userID=user, dbID=database)
        token, happen = way(self, name, database)
        kinds = ("events", "longpoll")
        feeds = [Feed(self.server.port, token, database, kind) for kind in kinds]
        others = [Feed(self.server.port, self.other, database, kind) for kind in kinds]
        for feed in feeds + others:
            feed.wait_until_open()
        began = time.monotonic()
        happen()
        happened = time.monotonic()
        seconds = [feed.seconds_until_end(happened) for feed in feeds]
        if "reserved" in way.__name__:
            seconds += [feed.seconds_until_end(happened) for feed in others]
        self.write_behind(database)
        for feed in others:
            if "reserved" not in way.__name__:
                expect(feed.ended is None or feed.kind == "longpoll", f"{way.__name__} ended a feed of somebody else")
            feed.close()
        for feed in feeds:
            expect(b"behind" not in feed.text, f"{way.__name__}: a {feed.kind} has what was written behind the loss")
        print(f"{way.__name__:30} took {(happened - began) * 1000:5.0f} ms; ended after it: stream {seconds[0] * 1000:6.1f} ms, "
              f"poll {seconds[1] * 1000:6.1f} ms: {self.answer(feeds[1])}", flush=True)
        expect(max(seconds) < END_SECONDS, f"{way.__name__} ended feeds after {max(seconds):.2f} s")

    def write_behind(self, database):
        target = f"/v1/databases/{database}/collections/c/documents"
        self.ask("POST", target, {"_id": "behind"}, self.owner)
        time.sleep(0.1)

    @staticmethod
    def answer(poll):
        head, _, body = poll.text.partition(b"\r\n\r\n")
        status = head[9:12].decode()
        expect(status in ("401", "403", "404", "423"), f"a poll that lost its right was answered {poll.text[:300]!r}")
        return f"{status} {json.loads(body)['error']}"


def main():
    parser = argparse.ArgumentParser(prog="revocation", description=__doc__)
    parser.add_argument("programs", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=1, help="of all ways (1)")
    options = parser.parse_args()
    try:
        with fresh_server(options.programs, "revocation", Scene.ARGUMENTS) as server:
            scene = Scene(server)
            for _ in range(options.rounds):
                for way in Scene.WAYS:
                    scene.lose(way)
    except Finding as finding:
        print(f"FAILED: {finding}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
