#!/usr/bin/env python3
"""canary.py BIN: no secret is where none belongs.

Marked passwords, and every key and token that the server gives, go through each way that takes one: rightly, wrongly,
in the wrong place, in JSON that is none and in HTTP that is none; the log's level is debug. Then all of it is looked
for: in the log, in every answer but the one that shows it, in the metrics, in every byte of the data directory, and
in every record of it, since tables are compressed. In each of these something else is found, so that the search can
find something."""

import argparse
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
import server_rounds  # noqa: E402
from server_rounds import Connection, Cut, Finding, HalfAnswer, expect  # noqa: E402

TOKEN = re.compile(r"qr_(?:user|admin|session)_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}")
PLANTED = "a text that is stored"
NAME = "visible-name"


def forms(secret):
    """What a secret may look like."""
    data = secret.encode()
    yield data
    yield data.hex().encode()
    yield urllib.parse.quote(secret).encode()
    yield urllib.parse.quote_plus(secret).encode()
    for front in range(3):  # wherever it stands in what became Base64: without what its neighbours are part of
        text = base64.b64encode(b"\0" * front + data)
        yield text[(front * 8 + 5) // 6:len(text) // 4 * 4 - 4]
    if match := TOKEN.fullmatch(secret):
        yield match.group()[-49:-6].encode()  # its random part


class Scene:
    def __init__(self, programs, place):
        self.programs = programs
        self.data = place / "data"
        self.log = place / "log"
        self.log.touch()
        self.secrets = {}        # secret: what it is
        self.answers = []        # (what was asked, bytes), without what the answer is to show
        self.made = 0
        self.server = None

    def start(self, *arguments):
        self.server = server_rounds.Server(self.programs, self.data, self.log, (
            "--log-level", "debug", "--accounts-password-memory", "19MiB", "--accounts-password-passes", "2", *arguments))

    def password(self, what):
        """One that no other is a part of."""
        self.made += 1
        return self.mark(f"canary {self.made:02} {os.urandom(8).hex()}!", what)

    def mark(self, secret, what):
        expect(len(secret) >= 20, f"{what} is too short to be found by nothing else")
        self.secrets[secret] = what
        return secret

    def note(self, what, head, text, shows=False):
        """An answer; where it is to show a token, that is marked, and looked for everywhere else."""
        text = text if isinstance(text, bytes) else text.encode()
        if shows:
            found = TOKEN.search(text.decode() + head)
            expect(found is not None, f"{what} shows no token: {text[:200]}")
            self.mark(found.group(), f"the token of {what}")
            text = text.replace(found.group().encode(), b"SHOWN")
            head = head.replace(found.group(), "SHOWN")
        self.answers.append((what, head.encode() + b"\n" + text))

    def ask(self, what, method, target, body=None, token=None, fields=(), shows=False, source="127.0.0.1", good=None):
        connection = Connection(self.server.port, token, source)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        try:
            status, text = connection.call(method, target, body, fields)
        finally:
            connection.close()
        expect(good is None or status in good, f"{what}: {method} {target} answered {status} {text[:200]}")
        self.note(what, "\n".join(f"{name}: {value}" for name, value in connection.answer.items()), text, shows)
        if shows:
            return next(reversed(self.secrets))
        return text

    def act(self, what, action, token=None, shows=False, source="127.0.0.1", good=None, **payload):
        return self.ask(what, "POST", "/api", {"action": action, "payload": payload}, token, (), shows, source, good)

    def send(self, what, data):
        """Bytes that are no request; whatever is answered."""
        connection = Connection(self.server.port)
        connection.socket.settimeout(3)
        answer = b""
        try:
            connection.socket.sendall(data)
            while piece := connection.socket.recv(65536):
                answer += piece
        except OSError:
            pass
        connection.close()
        self.answers.append((what, answer))

    # --- what is done

    def begin(self):
        self.start()
        lines = [self.server.process.stdout.readline().decode() for _ in range(4)]
        text = "".join(lines)
        self.mark(re.search(r"^ +password +(\S+)$", text, re.MULTILINE).group(1), "the first administrator's password")
        self.admin = self.mark(TOKEN.search(text).group(), "the first administrator's key")
        self.server.wait_until_ready(self.admin)
        self.ask("plant", "PUT", "/v1/databases/main/collections/c/documents/planted", {"text": PLANTED}, self.admin, good=(201,))

    def make_accounts(self):
        self.right = self.password("the right password")
        self.act("register", "register", username=NAME, password=self.right, email="a@example.org", good=(200,))
        self.act("register again", "register", username=NAME, password=self.password("of a second"), email="a@example.org",
                 good=(400,))
        self.act("register without an address", "register", username="x", password=self.password("without an address"))
        self.act("register under a bad name", "register", username="a/b", password=self.password("of a bad name"), email="a@example.org")
        self.act("register with a password as name", "register", username=self.password("as name") + "\n",
                 password=self.password("beside it"), email="a@example.org")
        self.act("register with a password as address", "register", username="y", password="short",
                 email=self.password("as address"))
        self.act("a password of a megabyte", "register", username="y", password=self.password("long") * 40_000, email="a@example.org")
        self.act("a password in an array", "register", username="y", password=[self.password("in an array")], email="a@example.org")
        self.ask("users", "POST", "/v1/users", {"username": "eve", "password": self.password("of eve"), "email": "e@example.org"},
                 good=(201,))
        self.ask("users, wrongly", "POST", "/v1/users", {"username": "eve", "password": {"$gt": self.password("operator")}})
        self.ask("users, another member", "POST", "/v1/users", {"username": "z", "password": self.password("another member"),
                                                                 "passwort": self.password("misspelled")})

    def come_in(self):
        right = self.right
        self.session = self.act("login", "login", username=NAME, password=right, shows=True, good=(200,))
        self.act("login, wrong", "login", username=NAME, password=self.password("wrong, by login"))
        self.act("login, nobody", "login", username="nobody", password=self.password("of nobody"), source="127.7.0.1")
        self.act("login, the password as name", "login", username=self.password("as name"), password="x" * 10, source="127.7.0.2")
        self.key = self.act("getAPIkey", "getAPIkey", username=NAME, password=right, shows=True, good=(200,))
        self.act("getAPIkey, wrong", "getAPIkey", username=NAME, password=self.password("wrong, by getAPIkey"))
        self.ask("sessions", "POST", "/v1/sessions", {"username": NAME, "password": right}, shows=True, good=(201,))
        self.cookie = self.ask("sessions, cookie", "POST", "/v1/sessions", {"username": NAME, "password": right, "cookie": True},
                               shows=True, good=(201,))
        self.ask("sessions, wrong", "POST", "/v1/sessions", {"username": NAME, "password": self.password("wrong, by sessions")},
                 source="127.7.0.3")
        self.ask("Basic", "GET", "/v1/me", fields=(self.basic(NAME, right),), good=(200,))
        for what, name, source in (("wrong", NAME, "127.7.0.4"), ("nobody", "no one", "127.7.0.5")):
            self.ask(f"Basic, {what}", "GET", "/v1/me", fields=(self.basic(name, self.password(f"{what}, by Basic")),),
                     source=source)
        self.ask("Basic, not Base64", "GET", "/v1/me", fields=(f"Authorization: Basic {self.password('no Base64')}",))
        self.ask("another scheme", "GET", "/v1/me", fields=(f"Authorization: Digest {self.password('Digest')}",))
        self.ask("Basic, kv", "GET", "/kv/get?k=a", fields=(self.basic(NAME, self.password("kv")),), source="127.7.0.6")

    @staticmethod
    def basic(name, password):
        return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()

    def show_tokens(self):
        for token, what in ((self.key, "key"), (self.session, "session"), (self.admin, "administrator's key")):
            for target in ("/v1/me", "/v1/databases", "/v1/keys", "/v1/users", "/v1/status", "/metrics", "/kv/status",
                           "/v1/databases/main/changes", "/v1/databases/nowhere/changes"):
                self.ask(f"{what}, {target}", "GET", target, token=token)
            self.act(f"{what} in the payload", "getDatabases", apiKey=token, good=(200,))
            self.act(f"{what} in the payload of another", "createDatabase", apiKey=token, dbName="a/b")
            self.ask(f"{what} in the other form", "POST", "/api", {"action": "deleteDatabase",
                                                                    "apiKey": {"APIkey": token, "dbID": "nowhere"}})
            self.ask(f"{what} as a parameter", "GET", f"/v1/me?apiKey={token}")
            self.ask(f"{what} as a key", "GET", f"/kv/get?k={token}")
            self.ask(f"{what} in a path", "DELETE", f"/v1/keys/{token}x", token=self.admin)  # a whole key would be ended
            self.ask(f"{what} in a path of nothing", "GET", f"/v2/{token}/x")
            self.ask(f"{what} as a database", "GET", f"/v1/databases/{token}", token=self.admin)
            wrong = self.mark(token[:-7] + ("0" if token[-7] != "0" else "1") + token[-6:], f"{what} with another digit")
            short = self.mark(token[:40], f"half of a {what}")
            for bad in (wrong, short):
                self.ask(f"{self.secrets[bad]}, Bearer", "GET", "/v1/me", token=bad, good=(401,))
                self.act(f"{self.secrets[bad]}, payload", "getDatabases", apiKey=bad, good=(400,))
                self.ask(f"{self.secrets[bad]}, cookie", "GET", "/v1/me", fields=(f"Cookie: quire={bad}",))
        self.ask("cookie", "GET", "/v1/me", fields=(f"Cookie: a=b; quire={self.cookie}",), good=(200,))
        self.ask("cookie, changing something", "PUT", "/v1/databases/x", fields=(f"Cookie: quire={self.cookie}",))

    def say_nonsense(self):
        start = '{"action":"login","payload":{"username":"ann","password":"%s"'
        for what, front, back in (
                ("cut JSON", start, ""), ("text behind JSON", start, "}} x"), ("twice", start, ',"password":"%s"}}'),
                ("another type", '{"action":"login","payload":{"password":[[["%s"]]]', "}}"),
                ("deep", '{"action":"login","payload":{"password":' + "[" * 2000 + '"%s"', ""),
                ("an unknown action", '{"action":"%s"', ',"payload":{}}'),
                ("an escape that is none", '{"action":"login","payload":{"password":"%s\\q"', "}}"),
                ("an array", '["login","%s"', "]"), ("a string", '"%s"', ""), ("text", "password=%s", ""),
                ("a body that is long", start, ',"more":"' + "m" * 10_000 + '"}}')):
            secret = self.password(f"in {what}")
            body = (front + back).replace("%s", secret).encode()
            for target in ("/api", "/v1/sessions", "/v1/users"):
                self.ask(f"{what} to {target}", "POST", target, body)
        self.ask("bytes that are no UTF-8", "POST", "/api",
                 b'{"action":"login","payload":{"username":"\xff","password":"' + self.password("no UTF-8").encode() + b'"}}')
        self.ask("a form", "POST", "/v1/sessions", f"password={self.password('in a form')}".encode(),
                 fields=("Content-Type: application/x-www-form-urlencoded",))

    def break_http(self):
        line = "GET /v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for what, text in (
                ("a field with NUL", "Authorization: Bearer %s\0\r\n\r\n"), ("a space before the colon", "Authorization : %s\r\n\r\n"),
                ("a folded field", "Authorization: Bearer\r\n %s\r\n\r\n"), ("no colon", "%s\r\n\r\n"),
                ("two lengths", "Authorization: Bearer %s\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
                ("a field of 100 KB", "Authorization: Bearer %s" + "x" * 100_000 + "\r\n\r\n"),
                ("a bad chunk", "Authorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
                ("a host that is another", "Authorization: Bearer %s\r\nHost: evil.example\r\n\r\n")):
            self.send(what, (line + text.replace("%s", self.password(what).replace(" ", "_"))).encode())
        self.secrets = dict(self.secrets) | {key.replace(" ", "_"): what for key, what in self.secrets.items()
                                             if key.startswith("canary")}
        self.send("a request line", f"{self.password('as method').replace(' ', '_')} / HTTP/1.1\r\n\r\n".encode())

    def end_rights(self):
        new = self.password("a new one")
        self.ask("password, wrong old", "PATCH", f"/v1/users/{NAME}", {"oldPassword": self.password("no old one"), "password": new},
                 self.key)
        self.act("revokeAPIkey, wrong", "revokeAPIkey", username=NAME, password=self.right, apiKey=self.admin)
        self.act("revokeAPIkey", "revokeAPIkey", username=NAME, password=self.right, apiKey=self.key, good=(200,))
        self.ask("a revoked key", "GET", "/v1/me", token=self.key, good=(401,))
        made = self.ask("keys", "POST", "/v1/keys", {"label": "laptop"}, self.session, shows=True, good=(201,))
        self.ask("a key", "GET", "/v1/keys", token=made, good=(200,))
        self.ask("password", "PATCH", f"/v1/users/{NAME}", {"oldPassword": self.right, "password": new}, self.session, good=(200,))
        self.ask("a session of before", "GET", "/v1/me", token=self.session, good=(401,))
        self.ask("logout", "DELETE", "/v1/sessions/current", token=self.act("login with the new one", "login", username=NAME,
                                                                            password=new, shows=True, good=(200,)), good=(200,))
        self.metrics = self.ask("metrics at the end", "GET", "/metrics", token=self.admin, good=(200,))

    def stop(self):
        self.server.process.send_signal(signal.SIGTERM)
        expect(self.server.process.wait(30) == 0, "the server did not end well")
        self.server.end()

    def use_the_command_line(self):
        """Passwords that it prints are its answer; keys too."""
        for words in (("admin", "reset-password"), ("key", "list"), ("user", "list")):
            done = subprocess.run([self.programs / "quire", *words, "--data", self.data], capture_output=True, text=True,
                                  timeout=60, check=False)
            text = done.stdout + done.stderr
            if words[1] == "reset-password":
                expect(done.returncode == 0, f"admin reset-password failed: {text}")
                self.mark(re.search(r"^ *password +(\S+)$", done.stdout, re.MULTILINE).group(1), "the password that was reset to")
                text = ""
                for token in TOKEN.findall(done.stdout):
                    self.mark(token, "the key of the reset")
            self.answers.append((f"quire {' '.join(words)}", text.encode()))

    # --- where it is looked for

    def look(self):
        places = [(f"the answer to {what}", text) for what, text in self.answers]
        log = self.log.read_bytes()
        expect(b" debug " in log and NAME.encode() in b"".join(text for _, text in places), "the search finds nothing")
        places.append(("the log", log))
        raw = b"".join(path.read_bytes() for path in sorted(self.data.rglob("*")) if path.is_file())
        places.append(("the files", raw))
        dump = subprocess.run([self.programs / "stored_records", self.data], capture_output=True, timeout=120, check=True).stdout
        for text in (NAME, PLANTED, "a@example.org", "$argon2id$"):
            expect(text.encode() in dump, f"'{text}' is not among the records: the search finds nothing")
        expect(PLANTED.encode() in raw or NAME.encode() in raw, "nothing is found in the files")
        places.append(("the records", dump))
        found = [f"{what} is in {where}" for where, text in places for secret, what in self.secrets.items()
                 if any(form in text for form in forms(secret))]
        print(f"{len(self.secrets)} secrets; {len(self.answers)} answers, {len(log)} bytes of log, {len(raw)} of files, "
              f"{len(dump)} of records")
        expect(not found, "\n".join(found))


def main():
    parser = argparse.ArgumentParser(prog="canary", description=__doc__)
    parser.add_argument("programs", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    place = pathlib.Path(tempfile.mkdtemp(prefix="quire-canary-"))
    scene = Scene(options.programs, place)
    try:
        scene.begin()
        for step in (scene.make_accounts, scene.come_in, scene.show_tokens, scene.say_nonsense, scene.break_http,
                     scene.end_rights, scene.stop, scene.use_the_command_line, scene.look):
            step()
    except (Finding, Cut, HalfAnswer) as finding:
        print(f"FAILED: {type(finding).__name__}: {finding}", flush=True)
        return 1
    finally:
        if scene.server is not None:
            scene.server.end()
        shutil.rmtree(place, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
