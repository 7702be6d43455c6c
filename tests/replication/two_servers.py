#!/usr/bin/env python3
"""two_servers.py BIN [--documents N] [--packages]: a database moves from one server to another while the target is killed
twice.

`quire replicate` goes on through it, moves everything once, and finds nothing to do afterwards; then the target follows the
source by a replication of its own, which survives its restart. With --packages the documents are those of Debian's package
index, as apt knows it."""

import argparse
import contextlib
import itertools
import json
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
sys.path.insert(0, str(HERE.parents[1] / "bench/server"))
import records  # noqa: E402
from nodes import Node, finished, replicate, run  # noqa: E402
from replication import check_history  # noqa: E402
from server_rounds import Finding, expect  # noqa: E402

WAIT_SECONDS = 120
GENERATED = 20_000
SKIPPED = 77  # as ctest is told


def soon(condition, what):
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        expect(time.monotonic() < end, what)
        time.sleep(0.05)


def moved(target):
    return target.ask("GET", "/v1/databases/main")["documents"]


def killed_twice(programs, source, target, documents):
    target.ask("PATCH", "/v1/databases/main", {"historyBytes": 1 << 30})
    began = time.monotonic()
    process = replicate(programs, source, target)
    for quarter in (1, 2):
        soon(lambda: moved(target) >= documents * quarter // 4, "nothing comes to the target")
        expect(process.poll() is None, "quire replicate was done before the target was killed")
        target.kill()
        time.sleep(0.2)
        target.start()
    print(f"{documents} documents, target killed twice, {time.monotonic() - began:.1f} s: {finished(process).strip()}", flush=True)
    ours, theirs = source.changes(), target.changes()
    expect(len(ours) >= documents, f"the source has {len(ours)} documents")
    missing = [name for name, revision in ours.items() if theirs.get(name) != revision]
    expect(not missing, f"{len(missing)} documents are missing or others, {missing[:3]} among them")
    check_history(target.rows(current=False)[0], 0)
    again = finished(replicate(programs, source, target))
    expect("0 revisions written, 0 changes looked at" in again, f"a second run found something: {again}")


def both_ways(programs, source, target):
    for node, text in ((source, "at the source"), (target, "at the target")):
        node.ask("PUT", "/v1/databases/main/collections/_default/documents/both", {"written": text})
    finished(replicate(programs, source, target, "--both"))
    path = "/v1/databases/main/collections/_default/documents/both?conflicts=true"
    ours, theirs = source.ask("GET", path), target.ask("GET", path)
    expect(ours == theirs and len(ours["_conflicts"]) == 1, f"{ours} {theirs}")


def by_a_job(source, target):
    made = target.ask("POST", "/v1/replications", {"source": source.url, "sourceKey": source.key, "target": "main",
                                                   "continuous": True})
    expect(source.key not in json.dumps(made), "a key was shown")
    source.ask("PUT", "/v1/databases/main/collections/_default/documents/live", {"n": 1})
    soon(lambda: target.has("live"), "a change did not come")
    target.kill()
    source.ask("PUT", "/v1/databases/main/collections/_default/documents/later", {"n": 2})
    target.start()
    soon(lambda: target.has("later"), "the replication did not go on after a restart")
    shown = target.ask("GET", f"/v1/replications/{made['id']}")
    expect(shown["progress"]["failures"] == 0, f"{shown}")
    target.ask("DELETE", f"/v1/replications/{made['id']}")
    expect(source.key not in target.log.read_text(encoding="utf-8"), "a key was logged")


def to_no_private_address(target):
    for address in ("169.254.169.254", "10.0.0.1", "[::ffff:192.168.0.1]"):
        made = target.ask("POST", "/v1/replications", {"source": f"http://me:secret@{address}/notes", "target": "main"})
        shown = {}

        def ended():
            nonlocal shown
            shown = target.ask("GET", f"/v1/replications/{made['id']}")
            return shown["progress"]["state"] == "failed"

        soon(ended, f"a replication from {address} goes on: {shown}")
        expect(shown["progress"]["error"]["code"] == "forbidden", f"{shown}")
        expect("secret" not in json.dumps(shown), "a password was shown")


def generated(count):
    for i in range(count):
        yield f"d{i:07}", json.dumps({"n": i, "text": "x" * 300})


def write_lines(lines, options):
    """How many there are."""
    made = records.packages(None) if options.packages else generated(options.documents or GENERATED)
    count = 0
    with lines.open("w", encoding="utf-8") as out:
        for name, text in itertools.islice(made, options.documents):
            out.write(f'{{"_id":"{name}",{text[1:]}\n')
            count += 1
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--documents", type=int, help="of generated ones (20,000), or at most so many of the index")
    parser.add_argument("--packages", action="store_true", help="Debian's package index")
    options = parser.parse_args()
    programs = options.programs.resolve()
    place = pathlib.Path(tempfile.mkdtemp(prefix="quire-replication-"))
    source, target = Node(programs, place, "source"), Node(programs, place, "target")
    try:
        lines = place / "documents.ndjson"
        documents = write_lines(lines, options)
        if options.packages and documents == 0:
            print("apt knows no packages here", flush=True)
            return SKIPPED
        loading = run(programs, "import", lines, "--data", source.data)
        loading.communicate(timeout=300)
        expect(loading.returncode == 0, "the import failed")
        source.start()
        target.start()
        killed_twice(programs, source, target, documents)
        both_ways(programs, source, target)
        by_a_job(source, target)
        to_no_private_address(target)
    except Finding as finding:
        print(f"FAILED: {finding}", flush=True)
        return 1
    finally:
        for node in (source, target):
            with contextlib.suppress(OSError):
                node.kill()
        shutil.rmtree(place, ignore_errors=True)
    print("what one had the other has", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
