"""What the checks of the tree share: which files are in it, C++ without its comments, and how findings are reported."""

import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = (".cc", ".h", ".c", ".hpp")
SKIPPED_FOLDERS = {"build", "quire-data", "node_modules", "__pycache__", "corpus"}


def files(root, *endings):
    """Every file of the tree whose name ends so, in order, as paths relative to the root; hidden and built ones apart."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not f.startswith("."))
        found += [
            pathlib.Path(folder, name).relative_to(root)
            for name in sorted(names)
            if name.endswith(endings)
        ]
    return found


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""",
    re.DOTALL,
)


def without_comments_and_texts(code):
    """The code with comments and literals blanked; every line keeps its number."""
    # A digit before the quote makes it a separator (1'000), not a character.
    code = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", code)
    return _TOKEN.sub(lambda token: re.sub(r"[^\n]", " ", token.group()), code)


def report(findings, what):
    """Prints the findings and ends the process: with 1 where there are any."""
    for finding in findings:
        print(finding)
    print(f"{what}: {len(findings)} findings" if findings else f"{what}: good", file=sys.stderr)
    sys.exit(1 if findings else 0)
