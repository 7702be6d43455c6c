#!/usr/bin/env python3
"""streams.py BIN [node | page]: /db and /changes from programs as they are: one with the package `ws`, and a page in
Chromium, whose origin the server allows. The server is killed and started again while they watch; every change must
come once, in the order of the feed, and nothing that was acknowledged may be lost."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from run import DATABASE, Fault, Proxy, Server, start_browser, wait_for

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENTS = 300
KILLS = 3


def make_key(server):
    """Of an account that may write to the database."""
    def ask(method, target, body):
        return server.curl("-X", method, "-H", "Content-Type: application/json", "-d", json.dumps(body), target)

    ask("POST", "/v1/users", {"username": "ann", "password": "password of ann"})
    ask("PUT", f"{DATABASE}/grants/ann", {"right": "write"})
    return json.loads(ask("POST", "/v1/keys", {"user": "ann"}))["key"]


def feed_of(server, collection):
    """(operation, id) of each change of a document of it."""
    rows, since, more = [], "0", True
    while more:
        page = json.loads(server.curl(f"{DATABASE}/changes?since={since}&limit=1000"))
        rows += [row["id"] for row in page["changes"] if "id" in row and row["collection"] == collection]
        since, more = page["next"], page["more"]
    return rows


def with_node(programs, place):
    server = Server(programs, place / "node", 0)
    key = make_key(server)
    environment = {**os.environ, "NODE_PATH": os.environ.get("NODE_PATH", "/usr/share/nodejs")}
    client = subprocess.Popen(["node", HERE / "stream_client.js", str(server.port), key, str(DOCUMENTS)],
                              stdout=subprocess.PIPE, env=environment)
    lines = []

    def read():
        for line in client.stdout:
            lines.append(line.decode().split())

    def told(word):
        return [line[1:] for line in list(lines) if line[0] == word]

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        for number in range(KILLS):
            wait_for("writes", lambda n=number: len(told("written")) > (n + 1) * DOCUMENTS // (KILLS + 1))
            server.end(signal.SIGKILL)
            server = Server(programs, place / "node", server.port)
        if client.wait(60) != 0:
            raise Fault(f"the client ended so: {lines[-3:]}")
        reader.join(10)
        events = [line[1] for line in told("event")]
        written = [line[0] for line in told("written")]
        unanswered = told("unanswered")
        wanted = feed_of(server, "node")
        print(f"node: {len(written)} written, {len(unanswered)} unanswered, {len(events)} events, watches began behind",
              [line[0] for line in told("started")])
        lost = set(written) - set(events)
        if lost or told("error"):
            raise Fault(f"lost: {sorted(lost)[:5]}; errors: {told('error')}")
        if events != wanted:
            raise Fault(f"the feed has {wanted}, and the client saw {events}")
        if len(told("started")) != KILLS + 1:
            raise Fault("the client did not resume each time")
        count, more = map(int, told("read")[0])
        if count != len(set(wanted)) or more != count - 1 or told("none") != [["not_found"]]:
            raise Fault(f"read {count} documents, {more} of them with more behind; none: {told('none')}")
    finally:
        client.kill()
        client.wait()
        server.end(signal.SIGKILL)


def with_page(programs, place):
    server = Server(programs, place / "page", 0)
    key = make_key(server)
    proxy = Proxy(server.port)
    proxy.page = (HERE / "stream.html").read_bytes()
    address = f"http://127.0.0.1:{proxy.server_address[1]}"
    arguments = ("--origins", address)
    server.end(signal.SIGTERM)
    server = Server(programs, place / "page", server.port, arguments)
    browser = start_browser(place, f"{proxy.server_address[1]}/#{server.port},{key}")

    def told(kind):
        return [row for row in list(proxy.seen) if row["kind"] == kind]

    try:
        wait_for("the page to watch", lambda: told("started"))
        wait_for("the foreign page to be refused", lambda: told("refused"))
        for number, how in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)):
            for name in ("a", "b"):
                server.put(f"{name}{number}", number)
            if number == 1:
                wait_for("what was put", lambda: len(told("change")) == 5)
            server.end(how)
            server = Server(programs, place / "page", server.port, arguments)
            server.put(f"c{number}", number)
            wait_for("what came meanwhile", lambda n=number: len(told("change")) >= (n + 1) * 3)
        time.sleep(1.0)  # what came twice would have come by now
        ids = [row["id"] for row in told("change")]
        print("page: saw", " ".join(ids), "and began behind", [row["behind"] for row in told("started")],
              "; refused:", [row["origin"] for row in told("refused")])
        if ids != feed_of(server, "pages") or told("error"):
            raise Fault(f"the feed has {feed_of(server, 'pages')}; errors: {told('error')}")
        if any(row["origin"] == address for row in told("refused")):
            raise Fault("a page whose origin is allowed was refused")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
        proxy.shutdown()
        server.end(signal.SIGKILL)


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:] or ["node", "page"]
    place = pathlib.Path(tempfile.mkdtemp(prefix="quire-streams-"))
    try:
        if "node" in wanted:
            with_node(programs, place)
        if "page" in wanted:
            with_page(programs, place)
    except Fault as fault:
        print(f"FAULT: {fault}")
        return 1
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
