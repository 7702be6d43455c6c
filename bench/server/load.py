"""The loads over HTTP: wrk as fast as it goes, and open_loop on a schedule."""

import json
import os
import pathlib

import machine

SCRIPT = pathlib.Path(__file__).with_name("wrk.lua")


def environment(server):
    extra = {"QUIRE_KEY": server.key} if server.key else {}
    return {**{name: value for name, value in os.environ.items() if name != "QUIRE_KEY"}, **extra}


def write_targets(path, targets):
    path.write_text("".join(f"{target}\n" for target in targets), encoding="ascii")
    return path


def closed(server, targets, seconds, **options):
    """Requests a second, each connection asking again once it has its answer."""
    result = latency(server, targets, seconds, **options)
    return result["requests"] / result["seconds"]


def latency(server, targets, seconds, connections=64, method="GET", body=None):
    """The same, with what wrk saw: microseconds at 50 and 99 %."""
    printed = machine.run("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", SCRIPT,
                          f"http://127.0.0.1:{server.port}/", "--", targets, method, *([body] if body else []),
                          env=environment(server))
    result = json.loads(printed.split("result ", 1)[1])
    if result["failed"] or result["refused"]:
        raise SystemExit(f"{server.name}: {result['failed']} calls failed, {result['refused']} were refused")
    return result


def open_loop(server, targets, rate, seconds, connections=64):
    """Latencies in microseconds from the scheduled time, by percentile, at so many requests a second."""
    printed = machine.run(machine.PROGRAMS / "open_loop", server.port, connections, int(rate), seconds, targets,
                          env=environment(server))
    result = json.loads(printed)
    if result["failed"]:
        raise SystemExit(f"{server.name}: {result['failed']} calls failed")
    return result
