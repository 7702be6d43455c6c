#!/usr/bin/env python3
"""Breaks each promise that reservations.py holds a server to, and wants it to be said."""

import unittest

import reservations
from server_rounds import Finding


class LedgerTest(unittest.TestCase):
    def setUp(self):
        self.ledger = reservations.Ledger()
        self.first = self.ledger.granted("c1", 5, answered=10.0, expires=11.0)

    def refuse(self, what, call, *arguments):
        with self.assertRaisesRegex(Finding, what):
            call(*arguments)

    def test_takes_what_is_in_order(self):
        self.first.released = 10.5
        self.ledger.granted("c2", 6, 10.6, 11.6)
        self.ledger.granted("c3", 9, 11.6, 12.6)
        self.assertEqual(self.ledger.handed_over, 3)

    def test_a_renewal_is_the_same_hold_with_a_later_end(self):
        self.assertIs(self.ledger.granted("c1", 5, 10.5, 11.5), self.first)
        self.refuse("two holders", self.ledger.granted, "c2", 6, 11.2, 12.2)

    def test_one_epoch_is_one_accounts(self):
        self.refuse("two holders", self.ledger.granted, "c2", 5, 20.0, 21.0)

    def test_nobody_gets_it_before_it_is_given_back(self):
        self.refuse("two holders", self.ledger.granted, "c2", 6, 10.4, 11.4)
        self.first.released = 10.5
        self.refuse("two holders", self.ledger.granted, "c2", 6, 10.4, 11.4)

    def test_the_earlier_of_two_answers_may_be_seen_later(self):
        self.refuse("two holders", self.ledger.granted, "c2", 4, 9.9, 10.9)

    def test_an_epoch_does_not_fall(self):
        self.refuse("an epoch fell", self.ledger.asked_after, 10.1, 4)
        self.ledger.asked_after(9.9, 4)

    def test_what_is_certain(self):
        self.assertIs(self.ledger.certain(10.1, 10.9, "c2"), self.first)
        self.assertIsNone(self.ledger.certain(10.1, 10.9, "c1"))
        self.assertIsNone(self.ledger.certain(9.9, 10.9, "c2"))
        self.assertIsNone(self.ledger.certain(10.1, 11.0, "c2"))
        self.first.released = 10.5
        self.assertIsNone(self.ledger.certain(10.1, 10.9, "c2"))


class ChangesTest(unittest.TestCase):
    def setUp(self):
        self.life = reservations.ReservationsLife.__new__(reservations.ReservationsLife)
        self.life.ledger = reservations.Ledger()
        self.life.ledger.written = {"a": 5, "b": 6, "c": 5}
        self.life.seen, self.life.last = {}, 0

    def look(self, name, epoch):
        self.life.look_at({"id": name, "document": {"epoch": epoch}})

    def refuse(self, what, name, epoch):
        with self.assertRaisesRegex(Finding, what):
            self.look(name, epoch)

    def test_an_old_epoch(self):
        self.look("a", 5)
        self.look("b", 6)
        self.refuse("an old epoch", "c", 5)

    def test_twice_and_by_nobody(self):
        self.look("a", 5)
        self.refuse("doubled", "a", 5)
        self.refuse("alien", "x", 5)
        self.refuse("alien", "b", 7)
        self.life.ledger.refused.add("r")
        self.refuse("alien", "r", 5)


if __name__ == "__main__":
    unittest.main()
