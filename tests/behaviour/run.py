#!/usr/bin/env python3
"""run.py [--server] BIN CASES.yaml [NAME...]: runs cases of behaviour with the programs in the folder BIN. With --server
each case has a server of its own, which its commands speak to instead of opening a directory.

A file holds a list of cases. Each runs in an empty directory of its own:

  - case: what is shown                  # its name
    server: false                        # it is about a directory, or what only one can do; default: true
    files: {NAME: TEXT, ...}             # are there beforehand
    steps:
      - run: quire get a                 # by bash
        stdin: TEXT                      # default: nothing
        out: TEXT                        # of standard output; default: nothing
        err: TEXT                        # of standard error; default: nothing
        status: 0                        # of the last program
        within: 60                       # seconds

"..." in an expected text stands for anything within a line, and a line of just "..." for any lines.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml


def pattern_of(expected):
    """The regular expression that an expected text stands for."""
    parts = []
    for line in expected.splitlines():
        if line.strip() == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append(".*".join(re.escape(part) for part in line.split("...")) + r"\n")
    return re.compile("".join(parts))


def matches(expected, actual):
    if actual and not actual.endswith("\n"):
        actual += "\n"
    return pattern_of(expected).fullmatch(actual) is not None


def run_step(step, directory, environment):
    """The faults of a step, as lines."""
    unknown = set(step) - {"run", "stdin", "out", "err", "status", "within"}
    if unknown:
        return [f"unknown words {unknown}"]
    try:
        done = subprocess.run(["bash", "-c", "set -o pipefail\n" + step["run"]], cwd=directory, env=environment,
                              input=step.get("stdin", "").encode(), capture_output=True,
                              timeout=step.get("within", 60), check=False)
    except subprocess.TimeoutExpired:
        return ["took too long"]
    faults = []
    if done.returncode != step.get("status", 0):
        faults.append(f"status {done.returncode} instead of {step.get('status', 0)}")
    for name, actual in (("out", done.stdout), ("err", done.stderr)):
        actual = actual.decode(errors="backslashreplace")
        if not matches(step.get(name, ""), actual):
            faults.append(f"{name} is\n{actual[:4000]}instead of\n{step.get(name, '')}")
    return faults


class Server:
    """A server over a directory beside that of the case."""

    def __init__(self, programs, directory, environment):
        self.directory = directory
        self.process = subprocess.Popen(
            [programs / "quire", "serve", "--dev", "--data", f"{directory}/data", "--listen", "127.0.0.1:0"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("Listening on "):
                self.url = line.split()[2]
                return
        raise RuntimeError(f"the server did not start: {self.process.stderr.read()}")

    def end(self):
        """What is wrong with how it ended."""
        self.process.terminate()
        try:
            _, err = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return ["the server did not stop"]
        return [] if self.process.returncode == 0 else [f"the server ended with {self.process.returncode}: {err}"]


def run_case(case, programs, with_server):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QUIRE_")}
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    environment["LC_ALL"] = "C.UTF-8"
    environment["QUIRE_ALLOW_ROOT"] = "1"  # in a container everything is root
    with tempfile.TemporaryDirectory(prefix="quire-behaviour-") as directory:
        server = None
        if with_server:
            server = Server(programs, directory, environment)
            environment["QUIRE_SERVER"] = server.url
        try:
            faults = run_steps(case, pathlib.Path(directory) / "case", environment)
        finally:
            ended = server.end() if server else []
        return faults or ended


def run_steps(case, directory, environment):
    directory.mkdir()
    for name, text in case.get("files", {}).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    for number, step in enumerate(case["steps"], 1):
        faults = run_step(step, directory, environment)
        if faults:
            return [f"step {number}, {step['run'].strip()}"] + faults
    return []


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--server"]
    with_server = len(arguments) < len(sys.argv) - 1
    programs, path, *names = arguments
    cases = yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
    failed = 0
    for case in cases:
        if (names and case["case"] not in names) or (with_server and not case.get("server", True)):
            continue
        faults = run_case(case, pathlib.Path(programs).resolve(), with_server)
        failed += bool(faults)
        print(("FAILED  " if faults else "ok      ") + case["case"])
        for fault in faults:
            print("        " + fault.replace("\n", "\n        "))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
