"""The server on its core, with its key, and, if no other program is asked for, an index hook in the path of every call."""

import http.client
import os
import re
import signal
import subprocess
import time

import machine

# One address opens more connections here than one client should.
LIMITS = ["--limits-connections=20000", "--limits-connections-per-address=20000", "--limits-idle-time=10m"]


class Quire:
    name = "quire"

    def __init__(self, directory, *settings, program="indexed_server", core=machine.SERVER_CORE):
        self.directory = directory
        self._program, self._core = machine.PROGRAMS / program, core
        self._settings = settings
        self.port = machine.free_port()
        self.key = None
        if program == "indexed_server" and not (directory / "data").exists():
            machine.run(self._program, "prepare", directory / "data")
        self.start()
        self.process.wait_for(self._ready)
        # Printed once, at the first start over a data directory.
        key = directory / "key"
        if not key.exists():
            key.touch(mode=0o600)
            key.write_text(re.search(r"qr_admin_\S+", self.process.log()).group())
        self.key = key.read_text()

    def start(self):
        """Does not wait until it answers."""
        self.process = machine.Process(
            [self._program, "serve", f"--data={self.directory / 'data'}",
             f"--listen=127.0.0.1:{self.port}", "--allow-root=true", *LIMITS, *self._settings],
            self.directory / "quire.log", self._core)

    def _ready(self):
        try:
            return self.call("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def call(self, method, target, body=None, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(method, target, body, {**(fields or {}), **self.fields()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def fields(self):
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}

    def expect(self, method, target, body=None, fields=None):
        status, text = self.call(method, target, body, fields)
        if status not in (200, 201):
            raise SystemExit(f"{method} {target.split('?')[0]}: {status} {text[:500]}")
        return text

    def import_file(self, path, collection, existing="error"):
        """Seconds that an import over HTTP took."""
        begin = time.monotonic()
        with open(path, "rb") as lines:
            self.import_stream(lines, collection, existing)
        return time.monotonic() - begin

    def import_stream(self, source, collection, existing="error"):
        # curl, because Python would need most of the load's core; the key goes in by a file, not by the command line.
        url = f"http://127.0.0.1:{self.port}/v1/databases/main/import?collection={collection}&existing={existing}"
        config = self.directory / "curl.conf"
        config.touch(mode=0o600)
        config.write_text(f'header = "Authorization: Bearer {self.key}"\n')
        done = subprocess.run(["curl", "-sS", "--fail-with-body", "-K", config, "-X", "POST", "-T", "-", url,
                               "-H", "Content-Type: application/x-ndjson", "-H", "Expect:"],
                              stdin=source, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
        if done.returncode:
            raise SystemExit(f"import: {done.stderr} {done.stdout}")

    def first_answer_seconds(self, target, how=signal.SIGTERM):
        """Ends the server, starts it again, and asks until it answers."""
        self.process.stop(how)
        begin = time.monotonic()
        self.start()
        while True:
            try:
                if self.call("GET", target)[0] == 200:
                    return time.monotonic() - begin
            except OSError:
                pass
            if time.monotonic() - begin > 120:
                raise SystemExit("the server does not answer after its start: " + self.process.log()[-2000:])
            time.sleep(0.001)

    def stop(self):
        self.process.stop()
