#!/usr/bin/env python3
"""Breaks each promise that changes.py holds a server to, and wants it to be said."""

import unittest

from changes import WATCHES, compare
from server_rounds import Finding

ALL, COLLECTION, MATCH = WATCHES


def row(sequence, collection, name, number):
    document = {} if number is None else {"document": {"number": number, "even": number % 2 == 0}}
    return {"position": f"{sequence}-1", "collection": collection, "id": name, **document}


def event(of):
    return of["position"], "update", of["collection"], of["id"], of.get("document", {}).get("number")


class CompareTest(unittest.TestCase):
    def setUp(self):
        self.rows = [row(2, "watched", "a", 1), row(3, "others", "b", 2), row(4, "watched", "a", None),
                     row(5, "watched", "a", 4)]
        self.events = [event(each) for each in self.rows]
        self.acknowledged = [("watched", "a", 1), ("others", "b", 2), ("watched", "a", 4)]

    def refuse(self, what, watch, events, rows=None, acknowledged=None):
        with self.assertRaisesRegex(Finding, what):
            compare(watch, events, rows or self.rows, acknowledged or self.acknowledged)

    def test_takes_what_is_in_order(self):
        compare(ALL, self.events, self.rows, self.acknowledged)
        compare(COLLECTION, [self.events[i] for i in (0, 2, 3)], self.rows, self.acknowledged)
        compare(MATCH, [self.events[i] for i in (1, 3)], self.rows, self.acknowledged)

    def test_says_what_is_lost(self):
        for index in range(len(self.events)):
            self.refuse("lost", ALL, self.events[:index] + self.events[index + 1:])

    def test_says_what_comes_twice(self):
        self.refuse("doubled", ALL, self.events[:2] + self.events[1:])

    def test_says_what_comes_out_of_order(self):
        self.refuse("disorder", ALL, [self.events[i] for i in (1, 0, 2, 3)])

    def test_says_what_was_not_watched(self):
        self.refuse("alien", COLLECTION, self.events)
        self.refuse("alien", MATCH, self.events)

    def test_says_what_was_acknowledged_and_is_no_change(self):
        self.refuse("were acknowledged", ALL, self.events, acknowledged=[*self.acknowledged, ("watched", "c", 9)])


if __name__ == "__main__":
    unittest.main()
