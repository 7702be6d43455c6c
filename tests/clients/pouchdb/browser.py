#!/usr/bin/env python3
"""browser.py BIN: two browsers with PouchDB sync through a server, live; one is offline in between and edits what the
other edits too. Both then have both edits, choose the same one, and forget the other when one of them does. The pages
come from an origin of their own, which the server is told to allow, and show a key."""

import contextlib
import http.server
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from run import HERE, packages

SECONDS = 60
NAMES = ("one", "two")


class Pages(http.server.ThreadingHTTPServer):
    """Serves the page and PouchDB, and passes on what the pages are to do."""

    daemon_threads = True

    def __init__(self, script):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {"/": ("text/html", (HERE / "page.html").read_bytes()),
                      "/pouchdb.min.js": ("text/javascript", script.read_bytes())}
        self.next = {name: queue.Queue() for name in NAMES}
        self.done = {name: queue.Queue() for name in NAMES}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def ask(self, name, action, **more):
        self.next[name].put({"action": action, **more})
        result = self.done[name].get(timeout=SECONDS)
        if "fault" in result:
            raise RuntimeError(f"{action} in {name}: {result['fault']}")
        return result

    def handle_error(self, request, client_address):
        pass  # a browser that has gone


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def name(self):
        return urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["name"][0]

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if path == "/next":
            try:
                return self.answer("application/json", json.dumps(self.server.next[self.name()].get(timeout=5)).encode())
            except queue.Empty:
                return self.answer("application/json", b"{}")
        self.answer(*self.server.files.get(path, ("text/plain", b"")))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.done[self.name()].put(json.loads(body))
        self.answer("application/json", b"{}")

    def log_message(self, *_):
        pass


class Server:
    """With accounts, and one that has a key and the database `notes`."""

    def __init__(self, programs, place, origin):
        self.process = subprocess.Popen(
            [programs / "quire", "serve", "--allow-root", "--data", place / "data", "--listen", "couch=127.0.0.1:0",
             "--listen", "127.0.0.1:0", "--origins", origin], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said = ""
        while "Listening on" not in said or said.count("Listening on") < 2 or "qr_" not in said:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the server did not start: " + said)
            said += line
        self.couch, self.main = re.findall(r"Listening on (http\S+)", said)
        admin = re.search(r"qr_\w+", said).group(0)
        self.ask(admin, "POST", "/v1/users", {"username": "ann", "password": "password of ann"})
        self.key = self.ask(admin, "POST", "/v1/keys", {"user": "ann"})["key"]
        self.ask(self.key, "PUT", "/v1/databases/notes", {})

    def ask(self, key, method, path, body):
        request = urllib.request.Request(self.main + path, method=method, data=json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.loads(answer.read())

    def end(self):
        self.process.terminate()
        self.process.wait(60)


def start_browser(place, name, url):
    return subprocess.Popen(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", f"--user-data-dir={place / name}",
         "--remote-debugging-port=0", url],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def wait_for(what, holds):
    end = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(0.05)


def edits(pages):
    def text(name, key):
        return pages.ask(name, "read", id=key).get("text")

    for name in NAMES:
        pages.ask(name, "online")
    pages.ask("one", "write", id="a", text="from one")
    wait_for("the first edit", lambda: text("two", "a") == "from one")
    began = time.monotonic()
    pages.ask("two", "write", id="b", text="from two")
    wait_for("an edit the other way", lambda: text("one", "b") == "from two")
    print(f"an edit in one browser was seen in the other after {(time.monotonic() - began) * 1000:.0f} ms")
    pages.ask("two", "offline")
    pages.ask("two", "write", id="a", text="offline")
    pages.ask("one", "write", id="a", text="online")
    time.sleep(1)
    assert text("two", "a") == "offline" and text("one", "a") == "online"
    pages.ask("two", "online")
    shown = {}

    def both_have_both():
        for name in NAMES:
            shown[name] = pages.ask(name, "read", id="a")
        return all(len(one.get("_conflicts", [])) == 1 for one in shown.values())

    wait_for("the conflict in both", both_have_both)
    assert shown["one"] == shown["two"], shown
    print("both show", shown["one"])
    pages.ask("one", "resolve", id="a")
    wait_for("its end in both", lambda: all("_conflicts" not in pages.ask(name, "read", id="a") for name in NAMES))


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    script = pathlib.Path(packages()) / "pouchdb" / "dist" / "pouchdb.min.js"
    place = pathlib.Path(tempfile.mkdtemp(prefix="quire-pouchdb-page-"))
    pages = Pages(script)
    origin = f"http://127.0.0.1:{pages.server_address[1]}"
    server = Server(programs, place, origin)
    browsers = []
    try:
        for name in NAMES:
            query = urllib.parse.urlencode({"name": name, "server": server.couch, "key": server.key})
            browsers.append(start_browser(place, name, f"{origin}/?{query}"))
        edits(pages)
        print("ok      two browsers, one of them offline in between")
    finally:
        for browser in browsers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
        server.end()
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
