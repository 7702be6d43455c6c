#!/usr/bin/env python3
"""full_disk.py BIN: a server's disk is filled up by an import, and has room again later.

The import must say what is wrong; what was acknowledged must be read all the while; writes must be refused with the same
words, by each surface; and be taken again as soon as there is room, by the same process. Needs the right to mount."""

import argparse
import base64
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
from server_rounds import Connection, Finding, Server, expect  # noqa: E402

SKIPPED = 77  # as ctest is told
MIB = 1 << 20
DOCUMENTS = "/v1/databases/main/collections/few/documents"
WORDS = "no space is left on the disk"
ROOM_SECONDS = 10


def mount(place, size, again=""):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"{again}size={size}", "quire-full-disk", place],
                          capture_output=True).returncode == 0


def lines(count):
    """Documents of 1 KB that do not compress."""
    dice = random.Random(1)
    for number in range(count):
        yield json.dumps({"_id": f"d{number}", "text": base64.b64encode(dice.randbytes(720)).decode()}) + "\n"


def run(programs, disk, log):
    server = Server(programs, disk / "data", log)
    try:
        server.key = server.read_key()
        server.wait_until_ready(server.key)
        client = Connection(server.port, server.key)
        status, text = client.call("PUT", f"{DOCUMENTS}/kept", b'{"n":1}')
        expect(status == 201, f"the first write answered {status} {text}")

        body = "".join(lines(150_000)).encode()  # 150 MB
        importer = Connection(server.port, server.key)
        status, text = importer.call("POST", "/v1/databases/main/import?collection=many", body,
                                     body_type="application/x-ndjson")
        expect(status == 503 and WORDS in str(text), f"an import that fills the disk answered {status} {text}")

        client = Connection(server.port, server.key)
        for _ in range(5):
            status, text = client.call("GET", f"{DOCUMENTS}/kept")
            expect(status == 200 and json.loads(text)["n"] == 1, f"a read beside a full disk answered {status} {text}")
            status, text = client.call("PUT", f"{DOCUMENTS}/more", b'{"n":2}')
            expect(status == 503 and WORDS in str(text), f"a write to a full disk answered {status} {text}")
            status, text = client.call("PUT", "/couch/main/more", b'{"n":2}')
            expect(status == 503 and WORDS in str(text), f"a write by /couch to a full disk answered {status} {text}")
            status, text = client.call("GET", "/v1/databases/main/collections/many/documents/d0")
            expect(status == 200, f"a document of the import, which was acknowledged, answered {status} {text}")

        expect(mount(disk, 800 * MIB, "remount,"), "the disk could not be made larger")
        end = time.monotonic() + ROOM_SECONDS
        while True:
            status, text = client.call("PUT", f"{DOCUMENTS}/more", b'{"n":2}')
            if status == 201:
                break
            expect(time.monotonic() < end, f"{ROOM_SECONDS} s after there was room a write answered {status} {text}")
            time.sleep(0.1)
        for name in ("kept", "more"):
            status, text = client.call("GET", f"{DOCUMENTS}/{name}")
            expect(status == 200, f"{name} answered {status} {text}")
        expect(server.process.poll() is None, "the server has ended")
    finally:
        server.end()


def main():
    parser = argparse.ArgumentParser(prog="full_disk", description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quire-full-disk-") as name:
        place = pathlib.Path(name)
        disk, log = place / "disk", place / "log"
        disk.mkdir()
        log.touch()
        if not mount(disk, 120 * MIB):
            print("nothing can be mounted here")
            return SKIPPED
        try:
            run(options.programs, disk, log)
        except Finding as finding:
            print(f"FAILED: {finding}", flush=True)
            return 1
        finally:
            subprocess.run(["umount", disk], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
