#!/usr/bin/env python3
"""clang-tidy over the sources of a build folder: those that changed since the main branch, those given, or --all.

A file that passed is not looked at again until it, a header of ours that it includes, or .clang-tidy changes.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import source_tree

CLANG_TIDY = "clang-tidy-14"
ARGUMENTS = ("--extra-arg=-Wno-unknown-warning-option",)  # the build is GCC's
# GoogleTest and RapidCheck take every other check a quarter of a minute a file, and the tests run under sanitizers.
CHECKS_OF_TESTS = "-*,readability-identifier-naming,bugprone-use-after-move,performance-for-range-copy"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)


class Inputs:
    """What decides the outcome for a source: its own text and that of every header of ours below it."""

    def __init__(self, root):
        self._root = root
        self._headers = {}

    def _direct(self, path):
        if path not in self._headers:
            names = INCLUDE.findall(path.read_text(encoding="utf-8"))
            places = [place / name for name in names for place in (self._root / "src", self._root / "include", path.parent)]
            self._headers[path] = [place.resolve() for place in places if place.is_file()]
        return self._headers[path]

    def of(self, path):
        seen = {path}
        waiting = [path]
        while waiting:
            for header in self._direct(waiting.pop()):
                if header not in seen:
                    seen.add(header)
                    waiting.append(header)
        return seen

    def digest(self, path):
        digest = hashlib.sha256((self._root / ".clang-tidy").read_bytes() + CHECKS_OF_TESTS.encode())
        for part in sorted(self.of(path)):
            digest.update(part.read_bytes())
        return digest.hexdigest()


def changed(root):
    """The files that differ from where this branch left main, or from the last commit on main itself; None: all."""
    def git(*arguments):
        return subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
    base = git("merge-base", "HEAD", "origin/main")
    since = base.stdout.strip() if base.returncode == 0 else "HEAD"
    listed = git("diff", "--name-only", since)
    unknown = git("ls-files", "--others", "--exclude-standard")
    if listed.returncode != 0:
        return None
    return {(root / name).resolve() for name in (listed.stdout + unknown.stdout).splitlines()}


def chosen(root, sources, inputs, arguments):
    if "--all" in arguments:
        return sources
    given = {pathlib.Path(argument).resolve() for argument in arguments}
    wanted = given or changed(root)
    return [source for source in sources if wanted is None or inputs.of(source) & wanted]


def lint(build, source):
    """The findings in one source, or an empty text."""
    checks = [f"--checks={CHECKS_OF_TESTS}"] if source.name.endswith("_test.cc") else []
    run = subprocess.run([CLANG_TIDY, "--quiet", *checks, *ARGUMENTS, "-p", build, source], capture_output=True, text=True)
    if run.returncode == 0:
        return ""
    return run.stdout or run.stderr


def main():
    root = source_tree.ROOT
    build = pathlib.Path(sys.argv[1])
    database = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    sources = sorted({pathlib.Path(entry["file"]).resolve() for entry in database})
    inputs = Inputs(root)
    passed = build / "linted"
    passed.mkdir(exist_ok=True)
    stamps = {source: passed / inputs.digest(source) for source in chosen(root, sources, inputs, sys.argv[2:])}
    waiting = [source for source, stamp in stamps.items() if not stamp.exists()]
    findings = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, text in zip(waiting, pool.map(lambda source: lint(build, source), waiting)):
            if text:
                findings.append(text.strip())
            else:
                stamps[source].touch()
    source_tree.report(findings, f"clang-tidy over {len(stamps)} files, {len(waiting)} of them anew")


if __name__ == "__main__":
    main()
