#!/usr/bin/env python3
"""run.py BIN: a page in a real browser follows a database, while its server ends and comes back.

The server serves no pages, and lets no page of another origin read its answers. So a page comes from whoever stands in
front of the server, under one origin with it: here a small proxy, which serves page.html, forwards /v1 and keeps what
the page tells at /seen. The server is killed, started again at the same address, and stopped in order; every change
must reach the page once, in the order of the feed, and the browser must have gone on by Last-Event-ID."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

SECONDS = 60  # for each thing that is waited for
DATABASE = "/v1/databases/main"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}


class Fault(Exception):
    """What is wrong."""


def wait_for(what, holds):
    end = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > end:
            raise Fault(f"waited in vain for {what}")
        time.sleep(0.05)


class Proxy(http.server.ThreadingHTTPServer):
    """One origin for the page and the server's /v1."""

    daemon_threads = True

    def __init__(self, server_port):
        super().__init__(("127.0.0.1", 0), Handler)
        self.server_port_behind = server_port
        self.seen = []      # what the page told
        self.resumed = []   # the Last-Event-ID fields of requests for the feed
        self.page = (pathlib.Path(__file__).parent / "page.html").read_bytes()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a browser that has gone


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.server.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer(204, "text/plain", b"")

    def do_GET(self):
        if self.path.startswith("/v1/"):
            return self.forward()
        if self.path == "/":
            return self.answer(200, "text/html", self.server.page)
        return self.answer(404, "text/plain", b"")

    def forward(self):
        self.close_connection = True
        self.server.resumed.append(self.headers.get("Last-Event-ID"))
        fields = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        behind = http.client.HTTPConnection("127.0.0.1", self.server.server_port_behind)
        try:
            behind.request("GET", self.path, headers=fields)
            answer = behind.getresponse()
        except (OSError, http.client.HTTPException):
            # No answer at all: to a status that is not 200, such as 502, an EventSource gives up for good.
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"date", "server"}:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError, http.client.HTTPException):
            while piece := answer.read1(65536):
                self.wfile.write(piece)
                self.wfile.flush()


class Server:
    def __init__(self, programs, data, port, arguments=()):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("QUIRE_")}
        self.process = subprocess.Popen(
            [programs / "quire", "serve", "--dev", "--allow-root", "--data", data, "--listen", f"127.0.0.1:{port}",
             *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        for line in self.process.stdout:
            if match := re.search(rb"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(match.group(1))
                break
        else:
            raise Fault("the server did not start")
        wait_for("a ready server", lambda: self.curl("-o", os.devnull, "-w", "%{http_code}", "/readyz") == "200")

    def curl(self, *arguments):
        done = subprocess.run(["curl", "-sS", "-m", "30", *arguments[:-1],
                               f"http://127.0.0.1:{self.port}{arguments[-1]}"], capture_output=True, check=False)
        return done.stdout.decode()

    def put(self, name, number):
        answer = self.curl("-X", "PUT", "-H", "Content-Type: application/json", "-d", json.dumps({"n": number}),
                           f"{DATABASE}/collections/pages/documents/{name}")
        if "_rev" not in answer:
            raise Fault(f"curl put nothing: {answer}")

    def changes(self):
        """(position, id) of each change of a document, as the feed has them."""
        page = json.loads(self.curl(f"{DATABASE}/changes?since=0"))
        return [(change["position"], change["id"]) for change in page["changes"] if "id" in change]

    def end(self, how):
        self.process.send_signal(how)
        status = self.process.wait(SECONDS)
        self.process.stdout.close()
        return status


def start_browser(place, port):
    return subprocess.Popen(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", f"--user-data-dir={place / 'profile'}",
         "--remote-debugging-port=0", f"http://127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=(place / "browser.log").open("wb"), start_new_session=True)


def follow(programs, place):
    server = Server(programs, place / "data", 0)
    proxy = Proxy(server.port)
    browser = start_browser(place, f"{proxy.server_address[1]}/")

    def changes():
        return [(row["position"], row["id"]) for row in proxy.seen if row["kind"] == "change"]

    def kinds(kind):
        return sum(row["kind"] == kind for row in proxy.seen)

    try:
        server.put("before", 0)  # until here nobody follows, or since=now has it behind itself
        wait_for("the page to follow", lambda: kinds("open") == 1)
        seen_before = len(changes())
        server.put("a", 1)
        server.put("a", 2)
        wait_for("two changes on the page", lambda: len(changes()) == seen_before + 2)
        for number, how in enumerate((signal.SIGKILL, signal.SIGTERM)):
            last = changes()[-1][0]
            count = len(changes())
            asked = len(proxy.resumed)
            status = server.end(how)
            if how == signal.SIGTERM and status != 0:
                raise Fault(f"the server ended with {status}")
            server = Server(programs, place / "data", server.port)
            for name in ("b", "c", "a"):
                server.put(f"{name}{number}", number)
            wait_for("what came meanwhile", lambda: len(changes()) >= count + 3)
            if last not in proxy.resumed[asked:]:
                raise Fault(f"the browser went on by {proxy.resumed[asked:]}, and not by {last}")
        time.sleep(1.5)  # what came twice would have come by now
        wanted = server.changes()[1 - seen_before:]  # "before" came when nobody followed, or was the first to be seen
        print("the page saw", len(changes()), "changes:", " ".join(f"{position}/{name}" for position, name in changes()))
        print("it asked with Last-Event-ID", proxy.resumed)
        shown = [row["rows"] for row in proxy.seen if row["kind"] == "change"]
        if kinds("closed") or kinds("reset"):
            raise Fault("the feed was closed or reset")
        if changes() != wanted or len(changes()) != seen_before + 8:
            raise Fault(f"the feed has {wanted}")
        if sorted(shown) != list(range(1, len(shown) + 1)):
            raise Fault(f"the page shows {shown}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
        proxy.shutdown()
        if server.process.poll() is None:
            server.end(signal.SIGKILL)


def main():
    place = pathlib.Path(tempfile.mkdtemp(prefix="quire-browser-"))
    try:
        follow(pathlib.Path(sys.argv[1]).resolve(), place)
    except Fault as fault:
        print(f"FAULT: {fault}")
        print((place / "browser.log").read_text(encoding="utf-8", errors="replace")[-2000:])
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
