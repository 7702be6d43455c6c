#!/usr/bin/env python3
"""Checks that every C++ file stands as clang-format sets it, or sets it so (--fix), for the files given or all."""

import pathlib
import subprocess
import sys

import source_tree

# One version for everybody: others break lines elsewhere.
CLANG_FORMAT = "clang-format-14"


def main():
    arguments = sys.argv[1:]
    fix = "--fix" in arguments
    chosen = [argument for argument in arguments if not argument.startswith("--")]
    paths = chosen or [str(source_tree.ROOT / path) for path in source_tree.files(source_tree.ROOT, *source_tree.CODE)]
    mode = ["-i"] if fix else ["--dry-run", "-Werror"]
    result = subprocess.run([CLANG_FORMAT, "--style=file", *mode, *paths], capture_output=True, text=True)
    findings = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "clang-format-violations" in line})
    if result.returncode != 0 and not findings:
        findings = [result.stderr.strip()]
    relative = [finding.replace(f"{source_tree.ROOT}/", "") for finding in findings]
    source_tree.report([f"{place}: not formatted; ./dev tidy does it" for place in relative], "format")


if __name__ == "__main__":
    main()
