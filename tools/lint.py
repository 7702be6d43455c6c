#!/usr/bin/env python3
"""clang-tidy over the sources of a build folder: those that changed since the main branch, those given, or --all.

A file that passed is not looked at again until it, a header of ours that it includes, .clang-tidy or this file changes.
"""

import concurrent.futures
import hashlib
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import source_tree

CLANG_TIDY = "clang-tidy-14"
ARGUMENTS = ("--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-pessimizing-move")  # the build is GCC's
# GoogleTest and RapidCheck take every other check a quarter of a minute a file, and the tests run under sanitizers.
CHECKS_OF_TESTS = "-*,readability-identifier-naming,bugprone-use-after-move,performance-for-range-copy"
GROUP = 8  # sources that are looked at together: as many as release builds compile as one, so that they do compile
NAME_OF_GROUP = "UnifiedSource.cc"  # the analyzer takes what another file includes for a header, and passes it over
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)
TARGET = re.compile(r" -o (\S+)\.dir/")  # CMake's folder of the target that a source is compiled for


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
        digest = hashlib.sha256((self._root / ".clang-tidy").read_bytes() + pathlib.Path(__file__).read_bytes())
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


def is_test(source):
    return source.name.endswith("_test.cc")


def run_tidy(build, source, tests):
    """Whether clang-tidy has nothing to say about a source, and what it says."""
    checks = [f"--checks={CHECKS_OF_TESTS}"] if tests else []
    run = subprocess.run([CLANG_TIDY, "--quiet", f"--config-file={source_tree.ROOT / '.clang-tidy'}", *checks, *ARGUMENTS, "-p", build, source], capture_output=True, text=True)
    return run.returncode == 0, run.stdout or run.stderr


def command_of_group(entries, group, place):
    """What compiles a source that includes a whole group: the first one's command, with the other name."""
    entry = dict(entries[group[0]])
    command = entry.get("arguments") or shlex.split(entry["command"])
    entry.pop("command", None)
    entry["arguments"] = [str(place) if pathlib.Path(entry["directory"], part) == group[0] else part for part in command]
    entry["file"] = str(place)
    return entry


def lint_group(build, entries, group):
    """Looks at sources as if they were one, so that the headers that they share are walked once. Answers those that
    passed, and the findings in the others: where there is one in a group, none of it has passed."""
    if len(group) == 1:
        good, text = run_tidy(build, group[0], is_test(group[0]))
        return (group, []) if good else ([], [text.strip()])
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, NAME_OF_GROUP)
        place.write_text("".join(f'#include "{source}"  // NOLINT\n' for source in group), encoding="utf-8")
        database = pathlib.Path(folder, "compile_commands.json")
        database.write_text(json.dumps([command_of_group(entries, group, place)]), encoding="utf-8")
        good, text = run_tidy(folder, place, is_test(group[0]))
    if good:
        return group, []
    if "[clang-diagnostic-error" not in text:
        return [], [text.strip()]
    # Two of them do not compile together.
    middle = len(group) // 2
    first, second = (lint_group(build, entries, half) for half in (group[:middle], group[middle:]))
    return first[0] + second[0], first[1] + second[1]


def groups_of(entries, waiting):
    """Those that wait of the sources of each target, a few at a time, in CMake's order."""
    def target_of(source):
        return TARGET.search(entries[source]["command"]).group(1)
    for _, sources in itertools.groupby(sorted(entries, key=lambda source: (target_of(source), str(source))), key=target_of):
        sources = list(sources)
        for start in range(0, len(sources), GROUP):
            if group := [source for source in sources[start:start + GROUP] if source in waiting]:
                yield group


def main():
    root = source_tree.ROOT
    build = pathlib.Path(sys.argv[1])
    database = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    entries = {pathlib.Path(entry["file"]).resolve(): entry for entry in database}
    sources = sorted(entries)
    inputs = Inputs(root)
    passed = build / "linted"
    passed.mkdir(exist_ok=True)
    stamps = {source: passed / inputs.digest(source) for source in chosen(root, sources, inputs, sys.argv[2:])}
    waiting = {source for source, stamp in stamps.items() if not stamp.exists()}
    findings = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for good, bad in pool.map(lambda group: lint_group(build, entries, group), groups_of(entries, waiting)):
            for source in good:
                stamps[source].touch()
            findings.extend(bad)
    source_tree.report(findings, f"clang-tidy over {len(stamps)} files, {len(waiting)} of them anew")


if __name__ == "__main__":
    main()
