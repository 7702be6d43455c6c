#!/usr/bin/env python3
"""streams.py BIN [--idle N] [--watchers N] [--events N] [--writes N] [--json FILE]: what watching over /changes costs.

- commit to event: one writer, one watcher, each a process: from the answer that a write is durable, and from its
  request, until the event is there. The answer and the event race, so that the first may be below nothing.
- events a second to many watchers of one collection, in bursts as an import makes them. The watchers are a process of
  their own, which takes its share of the machine; each must have got every event.
- memory for each of many idle watchers."""

import argparse
import json
import os
import pathlib
import resource
import select
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "crash"))
from server_rounds import Connection, expect, fresh_server  # noqa: E402
from web_socket import WebSocket  # noqa: E402

DOCUMENTS = "/v1/databases/main/collections/watched/documents"
AN_ADDRESS = 500   # connections from one address
LAST = b'"documentKey":{"_id":"last'


def arguments(feeds):
    """The bound of an account's feeds is lower, and all of these are one account's."""
    return ("--accounts-feeds", str(feeds), "--limits-feeds", str(feeds), "--limits-connections", str(feeds + 1000),
            "--limits-connections-per-address", str(AN_ADDRESS * 2))


def resident_kb(server):
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")))


def watch(server, number=0):
    socket = WebSocket(server.port, "/changes", server.key, source=f"127.0.0.{2 + number // AN_ADDRESS}")
    socket.send(json.dumps({"collection": "watched"}))
    answer = socket.receive()
    expect(answer == '{"started":true}', f"a watch was answered {answer}")
    return socket


def in_process(work):
    """Runs it in a process of its own, which writes a line when it is ready; its output as JSON, once it is asked for."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "w") as out:
                work(out)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    pipe = os.fdopen(reading)
    expect(pipe.readline() == "ready\n", "the watchers did not begin")

    def result():
        text = pipe.readline()
        pipe.close()
        os.waitpid(child, 0)
        expect(text, "the watchers ended")
        return json.loads(text)
    return result


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def latency(programs, writes):
    with fresh_server(programs, "streams", arguments(1000)) as server:
        def watcher(out):
            socket = watch(server)
            print("ready", file=out, flush=True)
            times = []
            for _ in range(writes):
                socket.receive()
                times.append(time.monotonic_ns())
            print(json.dumps(times), file=out)

        result = in_process(watcher)
        connection = Connection(server.port, server.key)
        asked, answered = [], []
        for number in range(writes):
            asked.append(time.monotonic_ns())
            status, _ = connection.call("PUT", f"{DOCUMENTS}/d{number}", b'{"text":"' + b"x" * 100 + b'"}')
            answered.append(time.monotonic_ns())
            expect(status == 201, f"a write was answered {status}")
            time.sleep(0.001)
        seen = result()
    rows = {"event behind answer": [(s - a) / 1e6 for s, a in zip(seen, answered)],
            "event behind request": [(s - a) / 1e6 for s, a in zip(seen, asked)],
            "answer behind request": [(b - a) / 1e6 for b, a in zip(answered, asked)]}
    return {f"{name}, ms": {"p50": round(percentile(values, 0.5), 3), "p99": round(percentile(values, 0.99), 3)}
            for name, values in rows.items()}


def deliveries(programs, watchers, events, bursts):
    """Deliveries a second, of each burst: from the request that makes the changes until the last watcher has the last."""
    with fresh_server(programs, "streams", arguments(watchers + 1000)) as server:
        def work(out):
            sockets = {}
            poll = select.epoll()
            for number in range(watchers):
                socket = watch(server, number).socket
                sockets[socket.fileno()] = socket
                poll.register(socket.fileno(), select.EPOLLIN)
            print("ready", file=out, flush=True)
            finished = []
            sizes = set()
            one = next(iter(sockets))  # whose events are counted
            for _ in range(bursts):
                seen = []
                got = dict.fromkeys(sockets, 0)
                tails = dict.fromkeys(sockets, b"")
                waiting = watchers
                while waiting:
                    for number, _ in poll.poll():
                        data = sockets[number].recv(1 << 18)
                        expect(data, "a watcher was cut")
                        got[number] += len(data)
                        if number == one:
                            seen.append(data)
                        tail = tails[number] + data[-200:] if len(data) < 200 else data[-1000:]
                        tails[number] = tail[-1000:]
                        if LAST in tails[number] and tail.endswith(b"}}"):
                            tails[number] = b""
                            waiting -= 1
                finished.append(time.monotonic_ns())
                sizes.add(len(set(got.values())))
                count = b"".join(seen).count(b'"operationType":"insert"')
                expect(count == events, f"a watcher got {count} of {events} events")
            expect(sizes == {1}, "the watchers did not all get the same")
            print(json.dumps(finished), file=out)

        result = in_process(work)
        connection = Connection(server.port, server.key)
        began = []
        for burst in range(bursts):
            rows = [{"_id": f"b{burst}-{number}", "text": "x" * 100} for number in range(events - 1)]
            body = json.dumps([*rows, {"_id": f"last{burst}", "text": "x" * 100}]).encode()
            began.append(time.monotonic_ns())
            status, text = connection.call("POST", DOCUMENTS, body)
            expect(status in (200, 201), f"a burst was answered {status} {text[:200]}")
            time.sleep(3)
        rates = [watchers * events / ((end - begin) / 1e9) for begin, end in zip(began, result())]
    return {"deliveries/s, median of bursts": round(statistics.median(rates)), "of each": [round(rate) for rate in rates]}


def idle(programs, count):
    with fresh_server(programs, "streams", arguments(count + 1000)) as server:
        warm = [watch(server) for _ in range(20)]
        time.sleep(1)
        before = resident_kb(server)
        sockets = [watch(server, number) for number in range(count)]
        time.sleep(2)
        after = resident_kb(server)
        kept = len(sockets) + len(warm)
    return {"watchers": kept, "KB for each": round((after - before) / count, 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--events", type=int, default=1500, help="of a burst")
    parser.add_argument("--bursts", type=int, default=5)
    parser.add_argument("--writes", type=int, default=3000)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    table = {"commit to event": latency(options.programs, options.writes)}
    print(json.dumps(table), flush=True)
    table["many watchers"] = deliveries(options.programs, options.watchers, options.events, options.bursts)
    print(json.dumps(table["many watchers"]), flush=True)
    table["idle watchers"] = idle(options.programs, options.idle)
    print(json.dumps(table["idle watchers"]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
