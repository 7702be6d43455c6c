#!/usr/bin/env python3
"""Breaks each promise that replication.py holds two servers to, and wants it to be said."""

import unittest

from replication import BATCH_ROWS, Name, came_early, check_history, check_repeated, compare, compare_revisions, text_of
from server_rounds import Finding


def row(sequence, name, revision, number=None):
    document = {} if number is None else {"document": {"number": number, "text": text_of(name, number)}}
    deleted = {"deleted": True} if number is None else {}
    return {"position": f"{sequence}-1", "collection": "_default", "id": name, "revision": revision, **deleted, **document}


def name(acknowledged, *pending):
    made = Name()
    made.acknowledged, made.pending = acknowledged, set(pending)
    return made


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.rows = [row(1, "a", "1-a", 3), row(2, "b", "2-b", 4), row(3, "c", "2-c")]
        self.names = {"a": name(3), "b": name(1, 4), "c": name(0), "d": name(0, 9)}

    def refuse(self, what, function, *arguments):
        with self.assertRaisesRegex(Finding, what):
            function(*arguments)

    def test_takes_what_is_right(self):
        self.assertEqual(compare("x", self.rows, self.names), {"a": 3, "b": 4})
        compare_revisions(self.rows, list(reversed(self.rows)))
        self.assertEqual(check_history(self.rows, 0), 3)
        check_repeated("x", BATCH_ROWS)

    def test_says_what_is_lost(self):
        self.refuse("lost", compare, "x", self.rows[1:], self.names)
        self.refuse("lost", compare, "x", [row(1, "a", "1-a", 2), *self.rows[1:]], self.names)
        self.refuse("lost", compare, "x", [*self.rows, row(4, "c", "3-c", 5)], self.names)
        for i in range(len(self.rows)):
            self.refuse("lost", compare_revisions, self.rows, self.rows[:i] + self.rows[i + 1:])
            self.refuse("alien", compare_revisions, self.rows[:i] + self.rows[i + 1:], self.rows)

    def test_says_what_is_another(self):
        self.refuse("otherwise", compare_revisions, self.rows, [row(1, "a", "1-b", 3), *self.rows[1:]])
        self.refuse("otherwise", compare_revisions, self.rows, [row(1, "a", "1-a", 4), *self.rows[1:]])

    def test_says_what_is_torn_or_nobodys(self):
        torn = row(1, "a", "1-a", 3)
        torn["document"]["text"] = "other"
        self.refuse("torn", compare, "x", [torn, *self.rows[1:]], self.names)
        self.refuse("alien", compare, "x", [*self.rows, row(4, "e", "1-e", 1)], self.names)

    def test_says_what_was_written_twice(self):
        self.refuse("twice", check_history, [*self.rows, row(4, "a", "1-a", 3)], 0)
        self.refuse("doubled", check_history, [self.rows[0], self.rows[2]], 0)

    def test_tells_what_came_early(self):
        history = [row(1, "a", "1-a", 1), row(2, "b", "1-b", 1), row(3, "a", "2-a", 2), row(4, "b", "2-b", 2)]
        self.assertEqual(came_early(history, {("a", "1-a"), ("a", "2-a"), ("b", "2-b")}), {"b"})
        self.assertEqual(came_early(history[:2], set()), set())

    def test_says_what_was_looked_at_again(self):
        self.refuse("repeated", check_repeated, "x", BATCH_ROWS + 1)


if __name__ == "__main__":
    unittest.main()
