#!/usr/bin/env python3
"""run.py BIN [CASE...]: PouchDB, as npm has it, against a server of the programs in the folder BIN: at the root of a
listener of its own, and under /couch. It is installed beside the sources of the tests, once.

QUIRE_NODE_MODULES names a folder that has the packages already."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES = ["writes", "both", "live", "attachments", "filters", "indexes"]
SECONDS = 120  # for each case


def packages():
    """The folder in which node finds PouchDB."""
    if "QUIRE_NODE_MODULES" in os.environ:
        return os.environ["QUIRE_NODE_MODULES"]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "quire-tests-pouchdb"
    cache.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text()
    if not (cache / "done").exists() or (cache / "done").read_text() != wanted:
        shutil.copy(HERE / "package.json", cache)
        # No script of a package is run.
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=cache,
                       check=True, timeout=600)
        (cache / "done").write_text(wanted)
    return str(cache / "node_modules")


class Server:
    def __init__(self, programs, directory):
        self.process = subprocess.Popen(
            [programs / "quire", "serve", "--dev", "--allow-root", "--data", f"{directory}/data", "--listen",
             "127.0.0.1:0", "--listen", "couch=127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        urls = []
        for line in self.process.stdout:
            found = re.match(r"Listening on (http\S+)", line)
            if found:
                urls.append(found.group(1))
            if len(urls) == 2:
                break
        self.prefix, self.root = f"{urls[0]}/couch", urls[1]

    def end(self):
        self.process.terminate()
        return self.process.wait(60) == 0


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    names = sys.argv[2:] or CASES
    environment = {**os.environ, "NODE_PATH": packages()}
    failed = 0
    with tempfile.TemporaryDirectory(prefix="quire-pouchdb-") as directory:
        for which in ("root", "prefix"):
            server = Server(programs, f"{directory}/{which}")
            for name in names:
                try:
                    done = subprocess.run(["node", HERE / "client.js", name, getattr(server, which)], env=environment,
                                          timeout=SECONDS, check=False)
                    good = done.returncode == 0
                except subprocess.TimeoutExpired:
                    good = False
                    print(f"{name} took too long")
                failed += not good
                print(f"{'ok     ' if good else 'FAILED '} {name}, at the {which}", flush=True)
            if not server.end():
                failed += 1
                print("FAILED  the server did not stop well")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
