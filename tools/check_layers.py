#!/usr/bin/env python3
"""Checks every #include against docs/layers.txt, that time, randomness and sleep are asked for in src/base alone, that
no lint is silenced without a reason, and that a test looks at what rc::check() answers."""

import pathlib
import re
import sys

import source_tree

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)

# What reaches the clock, the generator or the scheduler past the seams of src/base.
SEAMS = [
    (re.compile(r"\b\w*_clock::now\b"), "asks a clock; take a quire::Clock"),
    (re.compile(r"(?<![\w.>])(?:std::)?time\s*\(\s*(?:NULL|nullptr|0|&)"), "asks the time; take a quire::Clock"),
    (re.compile(r"\b(?:gettimeofday|clock_gettime)\s*\("), "asks the time; take a quire::Clock"),
    (re.compile(r"\b(?:std::)?(?<![\w.>])s?rand(?:om)?\s*\("), "draws a number; take a quire::Random"),
    (re.compile(r"\b(?:random_device|mt19937\w*|default_random_engine|getrandom|getentropy)\b"),
     "draws a number; take a quire::Random"),
    (re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])sleep\s*\("),
     "sleeps; use a quire::Executor's timer"),
]

STANDARD_C = re.compile(r"(?:assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|"
                        r"stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|tgmath|threads|time|"
                        r"uchar|wchar|wctype)\.h")


class Rules:
    """docs/layers.txt, read."""

    def __init__(self, text):
        self.folders = {}  # folder -> the folders it may include, its own among them
        self.foreign = {}  # beginning of a header's name -> folders and files
        self.apart = []    # groups of folders that do not include each other
        self.tests = []    # beginnings of headers for tests
        self.faults = []   # in the file itself
        section = None
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#")[0].strip()
            if line.startswith("["):
                section = line.strip("[]")
            elif line:
                self._take(section, number, line)

    def _take(self, section, number, line):
        name, colon, rest = line.partition(":")
        if section == "tests":
            self.tests.append(line)
            return
        if section == "apart":
            self.apart.append(line.split())
            return
        if not colon or section not in ("folders", "foreign"):
            self.faults.append(f"docs/layers.txt:{number}: not a line of a section: {line}")
        elif section == "foreign":
            self.foreign[name] = rest.split()
        else:
            for other in rest.split():
                if other not in self.folders:
                    self.faults.append(f"docs/layers.txt:{number}: {name} may only include what stands above it, "
                                       f"not {other}")
            self.folders[name] = {name, *rest.split()}

    def folder_of(self, header):
        """The folder that a quoted include names, or None."""
        first = header.split("/")[0]
        if first == "quire":
            return "include/quire"
        return first if "/" in header and first in self.folders else None

    def are_apart(self, within, header):
        """Whether a file, named from src/ on, stands in one folder of a group, and a header in another."""
        def place(name, group):
            return next((folder for folder in group if name.startswith(folder + "/")), None)

        pairs = [(place(within, group), place(header, group)) for group in self.apart]
        return any(own and other and own != other for own, other in pairs)

    def foreign_users(self, header):
        """Who may include a foreign header: the longest entry that its name begins with decides."""
        entries = [entry for entry in self.foreign if header.startswith(entry)]
        return self.foreign[max(entries, key=len)] if entries else None

    def is_for_tests(self, header):
        return any(header.startswith(entry) for entry in self.tests)


def place_of(path):
    """(folder as docs/layers.txt names it, or None for tests, benchmarks and examples; whether it is test code)."""
    parts = path.parts
    is_test = path.name.endswith(("_test.cc", "_test.h")) or "testing" in parts
    if parts[0] == "src" and len(parts) > 2:
        return parts[1], is_test
    if parts[:2] == ("include", "quire"):
        return "include/quire", False
    return None, parts[0] != "examples"


def is_standard(header):
    return re.fullmatch(r"[a-z_0-9]+", header) is not None or STANDARD_C.fullmatch(header) is not None


def check_foreign(rules, path, header):
    folder, is_test = place_of(path)
    if is_standard(header) or (is_test and rules.is_for_tests(header)):
        return None
    if header.startswith("quire/"):
        return check_own(rules, path, header)
    users = rules.foreign_users(header)
    if users is None:
        return f"<{header}> stands nowhere in docs/layers.txt"
    within = path.as_posix().removeprefix("src/")
    if folder in users or within in users or (folder is None and is_test):
        return None
    return f"<{header}> belongs to {', '.join(users)}"


def check_own(rules, path, header):
    folder, is_test = place_of(path)
    target = rules.folder_of(header)
    if target is None:
        return None if folder is None else f'"{header}" names no folder of src/: write "folder/file.h"'
    if folder is None:
        if not is_test and target != "include/quire":
            return f'"{header}": an example includes only what a user has, quire/'
        return None
    if target not in rules.folders[folder]:
        return f'"{header}": {folder} may not include {target}'
    if rules.are_apart(path.as_posix().removeprefix("src/"), header):
        return f'"{header}": {path.parent.as_posix().removeprefix("src/")} stands apart from it'
    if "/testing/" in header and not is_test:
        return f'"{header}" is for tests'
    return None


def header_exists(root, path, header):
    places = [root / "src" / header, root / "include" / header, (root / path).parent / header, root / header]
    return any(place.is_file() for place in places)


def check_includes(root, rules, path, code):
    findings = []
    for match in INCLUDE.finditer(code):
        own, foreign = match.groups()
        if own is None:
            fault = check_foreign(rules, path, foreign)
        elif not header_exists(root, path, own):
            fault = f'"{own}" does not exist'
        else:
            fault = check_own(rules, path, own)
        if fault:
            findings.append(f"{path}:{code.count(chr(10), 0, match.start(0)) + 1}: {fault}")
    return findings


def check_seams(path, code):
    folder, is_test = place_of(path)
    if folder in (None, "base") or is_test:
        return []
    plain = source_tree.without_comments_and_texts(code)
    return [
        f"{path}:{plain.count(chr(10), 0, match.start()) + 1}: {match.group().strip()} {what}"
        for pattern, what in SEAMS
        for match in pattern.finditer(plain)
    ]


def check_silenced_lints(path, code):
    """A NOLINT says which check it silences, and why."""
    return [
        f"{path}:{number}: NOLINT without the name of a check and a reason"
        for number, line in enumerate(code.splitlines(), 1)
        if "NOLINT" in line and "NOLINTEND" not in line and not re.search(r"NOLINT\w*\([\w.,* -]+\): \S", line)
    ]


# rc::check() answers whether the property held, and fails nothing by itself.
IGNORED_PROPERTY = re.compile(r"[;{}]\s*rc::check\s*\(")


def check_ignored_properties(path, code):
    plain = source_tree.without_comments_and_texts(code)
    return [
        f"{path}:{plain.count(chr(10), 0, match.end()) + 1}: nobody looks at what rc::check() answers; EXPECT_TRUE it"
        for match in IGNORED_PROPERTY.finditer(plain)
    ]


def check(root):
    rules = Rules(source_tree.read(root, "docs/layers.txt"))
    findings = list(rules.faults)
    for path in source_tree.files(root, *source_tree.CODE):
        folder, _ = place_of(path)
        if folder is not None and folder not in rules.folders:
            findings.append(f"{path}: the folder {folder} has no line in docs/layers.txt")
            continue
        code = source_tree.read(root, path)
        findings += check_includes(root, rules, path, code)
        findings += check_seams(path, code)
        findings += check_silenced_lints(path, code)
        findings += check_ignored_properties(path, code)
    return findings


if __name__ == "__main__":
    source_tree.report(check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else source_tree.ROOT), "layers")
