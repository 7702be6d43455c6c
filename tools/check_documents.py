#!/usr/bin/env python3
"""Checks that the documents are still true: paths that they name exist, each folder of src/ has its page, each page of
docs/formats names its golden test, and the program in README.md is the one that is compiled."""

import pathlib
import re
import sys

import source_tree

PAGE_LINES = 60
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
ENDINGS = {"cc", "h", "md", "py", "sh", "cmake"}  # of names without a folder; others are often just examples
MADE = ("build", "quire-data")  # folders that only exist once something has run


def wanted_pattern(text):
    """The glob that a path in a document stands for: words in capitals (NAME) and stars may be anything."""
    word = r"^[A-Z]+(_[A-Z]+)*$|(?<=_)[A-Z]{2,}(?=\.|$)"
    return "/".join(re.sub(word, "*", part) for part in text.rstrip("/").split("/"))


def looks_like_path(root, text):
    """Whether a text in backticks names a place in the tree, rather than a media type, a URL's path or a value."""
    if not re.fullmatch(r"[\w.*-]+(/[\w.*-]+)*/?", text) or text.removeprefix("./").split("/")[0] in MADE:
        return False
    first = text.split("/")[0]
    if "/" in text:
        return first != "" and ((root / first).is_dir() or (root / "src" / first).is_dir() or first == "src")
    return "." in text and not text.startswith(".") and text.rsplit(".", 1)[1] in ENDINGS


def exists(root, document, text):
    """Paths count from the root, from src/ or from the folder of the document."""
    pattern = wanted_pattern(text)
    bases = [root, root / "src", (root / document).parent]
    return any(next(base.glob(pattern), None) is not None for base in bases if base.is_dir())


def check_paths(root, document, text):
    findings = []
    for number, line in enumerate(outside_blocks(text), 1):
        named = [span for span in SPAN.findall(line) if looks_like_path(root, span)]
        named += [link.split("#")[0] for link in LINK.findall(line) if not re.match(r"\w+:|#", link)]
        findings += [f"{document}:{number}: {path} does not exist" for path in named
                     if path and not exists(root, document, path)]
    return findings


def outside_blocks(text):
    """The lines of a document; those of its fenced blocks come empty."""
    inside = False
    for line in text.splitlines():
        fence = line.lstrip().startswith("```")
        inside = inside != fence
        yield "" if inside or fence else line


def check_folder_pages(root):
    findings = []
    for folder in sorted((root / "src").iterdir()):
        if not folder.is_dir() or not any(folder.glob("*.h")) and not any(folder.glob("*.cc")):
            continue
        page = folder / "README.md"
        name = page.relative_to(root)
        if not page.is_file():
            findings.append(f"{name}: missing; each folder of src/ has a page that says what it is")
        elif len(page.read_text(encoding="utf-8").splitlines()) > PAGE_LINES:
            findings.append(f"{name}: longer than a page of {PAGE_LINES} lines")
    return findings


def check_format_pages(root):
    findings = []
    for page in sorted((root / "docs/formats").glob("*.md")):
        tests = [span for span in SPAN.findall(page.read_text(encoding="utf-8")) if span.endswith("_test.cc")]
        if not any(exists(root, page.relative_to(root), test) for test in tests):
            findings.append(f"{page.relative_to(root)}: names no golden test (a path that ends in _test.cc)")
    return findings


def check_code_mentions(root):
    """Sources name pages of docs/; these exist too."""
    findings = []
    for path in source_tree.files(root, *source_tree.CODE):
        for number, line in enumerate(source_tree.read(root, path).splitlines(), 1):
            findings += [f"{path}:{number}: {page} does not exist"
                         for page in re.findall(r"\bdocs/[\w./-]+\.md\b", line) if not (root / page).is_file()]
    return findings


def check_embedded_program(root):
    """The first C++ block of README.md is examples/embed/main.cc."""
    readme = root / "README.md"
    program = root / "examples/embed/main.cc"
    if not readme.is_file():
        return ["README.md: missing"]
    if not program.is_file():
        return ["examples/embed/main.cc: missing; README.md shows it"]
    block = re.search(r"^```cpp\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    if block is None or block.group(1) != program.read_text(encoding="utf-8"):
        return ["README.md: its C++ block is not the text of examples/embed/main.cc"]
    return []


def check(root):
    findings = []
    for document in source_tree.files(root, ".md"):
        findings += check_paths(root, document, source_tree.read(root, document))
    findings += check_code_mentions(root)
    findings += check_folder_pages(root)
    findings += check_format_pages(root)
    return findings + check_embedded_program(root)


if __name__ == "__main__":
    source_tree.report(check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else source_tree.ROOT), "documents")
