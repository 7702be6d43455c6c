#!/usr/bin/env python3
"""Tests of the checks: a small tree that is good, and one change at a time that must be found."""

import pathlib
import tempfile
import unittest

import check_documents
import check_layers
import source_tree

LAYERS = """
[folders]
include/quire:
base:
storage: base
database: storage base
cli: include/quire database base
[apart]
cli/local cli/remote
[foreign]
boost/asio: base
boost/system/result.hpp: base/result.h
rocksdb/: storage
unistd.h: base
[tests]
gtest/
"""

GOOD = {
    "docs/layers.txt": LAYERS,
    "docs/formats/records.md": "The golden test is `src/database/shard_test.cc`.\n",
    "src/base/bytes.h": "#pragma once\n#include <string>\n#include <boost/asio/post.hpp>\n",
    "src/base/clock.cc": '#include "base/bytes.h"\nauto now() { return std::chrono::steady_clock::now(); }\n',
    "src/base/result.h": "#include <boost/system/result.hpp>\n",
    "src/base/testing/manual_clock.h": "#pragma once\n",
    "src/base/README.md": "`bytes.h`, `testing/` and `src/base/clock.cc`.\n",
    "src/storage/store.h": '#include "base/bytes.h"\n#include <rocksdb/db.h>\n#include <errno.h>\n',
    "src/storage/README.md": "One page.\n",
    "src/database/shard.h": '#include "storage/store.h"\n// Layout: docs/formats/records.md.\n',
    "src/database/shard_test.cc": '#include <gtest/gtest.h>\n#include "base/testing/manual_clock.h"\nauto t = time(nullptr);\n',
    "src/database/README.md": "One page.\n",
    "src/cli/main.cc": '#include <quire/quire.h>\n#include "quire/quire.h"\n#include "database/shard.h"\n',
    "src/cli/shard.h": "#pragma once\n",
    "src/cli/local/call.h": '#include "cli/shard.h"\n',
    "src/cli/remote/call.h": "#pragma once\n",
    "src/cli/README.md": "One page.\n",
    "include/quire/quire.h": "#pragma once\n#include <string>\n",
    "tests/crash/run.cc": '#include <rocksdb/db.h>\n#include "storage/store.h"\nvoid wait() { sleep(1); }\n',
    "examples/embed/main.cc": "#include <quire/quire.h>\nint main() {}\n",
    "README.md": "See `docs/formats/` and [rules](docs/layers.txt), `application/json`, `build/x`, `src/FOLDER/README.md`.\n\n"
                 "```cpp\n#include <quire/quire.h>\nint main() {}\n```\n",
}


class TreeTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.root = pathlib.Path(self._folder.name)
        for path, text in GOOD.items():
            self.write(path, text)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def found(self, check, path, text):
        """What a check finds after one file of the good tree has been replaced."""
        self.write(path, text)
        return "\n".join(check.check(self.root))


class Layers(TreeTest):
    def test_the_good_tree_is_good(self):
        self.assertEqual(check_layers.check(self.root), [])

    def test_a_lower_folder_includes_a_higher_one(self):
        found = self.found(check_layers, "src/base/bytes.h", '\n#include "storage/store.h"\n')
        self.assertEqual(found, 'src/base/bytes.h:2: "storage/store.h": base may not include storage')

    def test_a_test_includes_a_higher_folder(self):
        self.assertIn("storage may not include database",
                      self.found(check_layers, "src/storage/store_test.cc", '#include "database/shard.h"\n'))

    def test_spaces_do_not_hide_an_include(self):
        self.assertIn("base may not include storage",
                      self.found(check_layers, "src/base/bytes.h", ' # include "storage/store.h"\n'))

    def test_a_foreign_header_outside_its_folder(self):
        self.assertIn("<rocksdb/db.h> belongs to storage",
                      self.found(check_layers, "src/database/shard.h", "#include <rocksdb/db.h>\n"))

    def test_a_foreign_header_in_quotes(self):
        self.assertIn('"rocksdb/db.h" does not exist',
                      self.found(check_layers, "src/database/shard.h", '#include "rocksdb/db.h"\n'))

    def test_a_foreign_header_that_is_for_one_file_alone(self):
        self.assertIn("belongs to base/result.h",
                      self.found(check_layers, "src/base/bytes.h", "#include <boost/system/result.hpp>\n"))

    def test_a_foreign_header_that_nobody_listed(self):
        for header in ("curl/curl.h", "boost/regex.hpp", "sys/socket.h", "event.h"):
            self.assertIn(f"<{header}> stands nowhere",
                          self.found(check_layers, "src/base/bytes.h", f"#include <{header}>\n"))

    def test_a_header_of_tests_in_a_program(self):
        self.assertIn("stands nowhere", self.found(check_layers, "src/base/bytes.h", "#include <gtest/gtest.h>\n"))
        self.assertIn("is for tests",
                      self.found(check_layers, "src/base/clock.cc", '#include "base/testing/manual_clock.h"\n'))

    def test_a_header_without_its_folder(self):
        self.assertIn("names no folder", self.found(check_layers, "src/cli/main.cc", '#include "shard.h"\n'))

    def test_a_header_that_does_not_exist(self):
        self.assertIn("does not exist", self.found(check_layers, "src/cli/main.cc", '#include "database/none.h"\n'))

    def test_the_public_headers_stand_alone(self):
        self.assertIn("include/quire may not include base",
                      self.found(check_layers, "include/quire/quire.h", '#include "base/bytes.h"\n'))

    def test_an_example_sees_only_the_public_headers(self):
        self.assertIn("only what a user has",
                      self.found(check_layers, "examples/embed/main.cc", '#include "base/bytes.h"\n'))

    def test_a_folder_without_a_line(self):
        self.assertIn("net has no line", self.found(check_layers, "src/net/http.h", "#pragma once\n"))

    def test_folders_that_stand_apart(self):
        self.assertIn('"cli/remote/call.h": cli/local stands apart from it',
                      self.found(check_layers, "src/cli/local/call.h", '#include "cli/remote/call.h"\n'))

    def test_rules_that_would_allow_a_cycle(self):
        found = self.found(check_layers, "docs/layers.txt", LAYERS.replace("base:\nstorage", "base: storage\nstorage"))
        self.assertIn("base may only include what stands above it", found)

    def test_the_clock_randomness_and_sleep(self):
        for code in ("auto t = std::chrono::steady_clock::now();", "auto t = std::chrono::system_clock::now();",
                     "auto t = time(nullptr);", "auto t = std::time(0);", "long t = time(&t);", "int r = rand();",
                     "int r = std::rand();", "std::random_device device;", "std::mt19937_64 engine;",
                     "std::this_thread::sleep_for(delay);", "usleep(5);", "sleep(5);", "clock_gettime(a, &b);",
                     "using Time = std::chrono::steady_clock; auto t = Time(std::chrono::steady_clock::now());"):
            found = self.found(check_layers, "src/database/shard.h", f"void f() {{\n{code}\n}}\n")
            self.assertIn("src/database/shard.h:2:", found, code)

    def test_words_that_only_look_like_it(self):
        code = ('// std::rand() and sleep(5)\nauto text = "time(0)"; /* rand() */\nauto t = clock.steady();\n'
                "int x = wall_time(0) + operand(1) + record.time(0) + big_rand_total; auto n = 1'000'000; char c = '\"';\n")
        self.assertEqual(self.found(check_layers, "src/database/shard.h", code), "")

    def test_code_after_literals_is_still_seen(self):
        code = "char quote = '\"';\nint million = 1'000'000;\nauto raw = R\"(\")\";\nint r = rand();\n"
        self.assertIn("shard.h:4:", self.found(check_layers, "src/database/shard.h", code))

    def test_a_lint_silenced_without_a_reason(self):
        for comment in ("// NOLINT", "// NOLINTNEXTLINE", "// NOLINT(bugprone-branch-clone)"):
            self.assertIn("NOLINT without", self.found(check_layers, "src/base/bytes.h", f"int a;  {comment}\n"))
        self.assertEqual(self.found(check_layers, "src/base/bytes.h", "// NOLINT(bugprone-x): the C interface\n"), "")

    def test_a_property_that_cannot_fail(self):
        found = self.found(check_layers, "src/base/bytes_test.cc", "TEST(A, B) {  // why\n  rc::check([] {});\n}\n")
        self.assertIn("bytes_test.cc:2: nobody looks", found)
        self.assertEqual(self.found(check_layers, "src/base/bytes_test.cc",
                                    "TEST(A, B) {\n  EXPECT_TRUE(\n      rc::check([] {}));\n}\n"), "")


class Documents(TreeTest):
    def test_the_good_tree_is_good(self):
        self.assertEqual(check_documents.check(self.root), [])

    def readme(self, text):
        return self.found(check_documents, "README.md", GOOD["README.md"] + text)

    def test_a_path_that_does_not_exist(self):
        for path in ("src/base/none.h", "docs/none.md", "base/none.h", "none.md", "src/none/", "tests/NAME/none.cc"):
            self.assertIn(f"README.md:8: {path} does not exist", self.readme(f"\n`{path}`\n"))

    def test_a_link_that_leads_nowhere(self):
        self.assertIn("docs/none.md does not exist", self.readme("[x](docs/none.md#part)\n"))
        self.assertEqual(self.readme("[x](https://example.org/docs/none.md) [y](#part)\n"), "")

    def test_what_is_no_path_of_the_tree(self):
        self.assertEqual(self.readme("`text/plain` `/v1/x.h` `quire-data/main` `x.y` `a b/c.h` `--data` `1.0`\n"), "")

    def test_a_folder_without_its_page(self):
        (self.root / "src/storage/README.md").unlink()
        self.assertIn("src/storage/README.md: missing", "\n".join(check_documents.check(self.root)))

    def test_a_page_that_is_too_long(self):
        self.assertIn("longer than a page", self.found(check_documents, "src/base/README.md", "x\n" * 61))

    def test_a_format_without_its_golden_test(self):
        for text in ("No test.\n", "`src/database/none_test.cc`\n"):
            self.assertIn("names no golden test", self.found(check_documents, "docs/formats/records.md", text))

    def test_a_comment_that_names_a_missing_page(self):
        self.assertIn("shard.h:1: docs/formats/none.md does not exist",
                      self.found(check_documents, "src/database/shard.h", "// As docs/formats/none.md says.\n"))

    def test_an_embedding_example_that_has_drifted(self):
        self.assertIn("not the text of",
                      self.found(check_documents, "examples/embed/main.cc", "int main() { return 1; }\n"))
        (self.root / "examples/embed/main.cc").unlink()
        self.assertIn("missing", "\n".join(check_documents.check(self.root)))


class Blanking(unittest.TestCase):
    def test_lines_keep_their_numbers(self):
        code = '/* a\nb */ x\n"t\\"u" y\nR"z(\n")z" w\n'
        plain = source_tree.without_comments_and_texts(code)
        self.assertEqual(plain.count("\n"), code.count("\n"))
        self.assertEqual(plain.split(), ["x", "y", "w"])


if __name__ == "__main__":
    unittest.main()
