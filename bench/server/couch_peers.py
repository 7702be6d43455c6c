"""What the suite `couch` has beside the server: express-pouchdb, and a counter of what goes over a wire."""

import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import threading
import urllib.request

import machine

HERE = pathlib.Path(__file__).resolve().parent / "pouchdb"
HEAD = re.compile(rb"(?:GET|PUT|POST|DELETE|HEAD) /[^\r\n]* HTTP/1\.1\r\n")
LONGEST_LINE = 4096


def packages():
    """The folder in which node finds PouchDB; installed once, or what $QUIRE_BENCH_NODE_MODULES names."""
    if "QUIRE_BENCH_NODE_MODULES" in os.environ:
        return os.environ["QUIRE_BENCH_NODE_MODULES"]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "quire-bench-pouchdb"
    cache.mkdir(parents=True, exist_ok=True)
    wanted, done = (HERE / "package.json").read_text(), cache / "done"
    if not done.exists() or done.read_text() != wanted:
        shutil.copy(HERE / "package.json", cache)
        # No script of a package is run.
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=cache,
                       check=True, timeout=600)
        done.write_text(wanted)
    return str(cache / "node_modules")


class ExpressPouch:
    """On the servers' core, with the database `main` in memory."""

    name = "express-pouchdb"
    key = None

    def __init__(self, directory):
        self.port = machine.free_port()
        self.process = machine.Process(["node", HERE / "server.js", self.port], directory / "express.log",
                                       env={**os.environ, "NODE_PATH": packages()}, cwd=directory)
        self.process.wait_for(lambda: machine.listens(self.port))
        self.send("PUT", "/main")

    def send(self, method, path, body=""):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body.encode(), method=method,
                                         headers={"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=60).close()

    def stop(self):
        self.process.stop()


class Counter:
    """A listener that passes on to a port of this machine, and counts requests, and bytes both ways with their heads."""

    def __init__(self, to):
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self.reset()
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self):
        with self._lock:
            self.requests = self.sent = self.received = 0

    @property
    def bytes(self):
        return self.sent + self.received

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def __str__(self):
        return f"{self.requests} requests, {self.sent:,} bytes there and {self.received:,} back"

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        tail = b""
        with client, socket.create_connection(("127.0.0.1", self._to)) as server:
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                for one in select.select([client, server], [], [])[0]:
                    try:
                        data = one.recv(1 << 18)
                    except OSError:
                        return
                    if not data:
                        return
                    # Counted before it is passed on, so that what was answered was counted.
                    with self._lock:
                        if one is client:
                            self.sent += len(data)
                            seen = tail + data
                            self.requests += len(HEAD.findall(seen))
                            # The last line may be the beginning of a head; one that is whole was counted.
                            tail = seen[seen.rfind(b"\n") + 1:][-LONGEST_LINE:]
                        else:
                            self.received += len(data)
                    (server if one is client else client).sendall(data)
