#!/usr/bin/env python3
"""The checker of the rounds through a server, shown what it must not let pass."""

import socket
import threading
import unittest

import server_rounds
from server_rounds import Connection, Cut, Finding, HalfAnswer, Name, ServerLife, value_of


def life():
    return ServerLife.__new__(ServerLife)


class Compare(unittest.TestCase):
    def setUp(self):
        self.name = Name("k")
        self.name.number = self.name.acknowledged = 5

    def compare(self, value):
        life().compare({"k": self.name}, {} if value is None else {"k": value})

    def test_what_was_acknowledged_passes(self):
        self.compare(value_of(self.name, 5))

    def test_an_earlier_value_is_lost(self):
        with self.assertRaisesRegex(Finding, "lost"):
            self.compare(value_of(self.name, 4))

    def test_a_name_that_is_gone_is_lost(self):
        with self.assertRaisesRegex(Finding, "lost"):
            self.compare(None)

    def test_a_value_that_nobody_asked_for_is_alien(self):
        with self.assertRaisesRegex(Finding, "alien"):
            self.compare(value_of(self.name, 6))

    def test_a_name_that_nobody_wrote_is_alien(self):
        with self.assertRaisesRegex(Finding, "alien"):
            life().compare({}, {"other": "x"})

    def test_what_was_under_way_may_be_there_or_not(self):
        self.name.pending = (6, None, None)
        self.compare(value_of(self.name, 5))
        self.compare(value_of(self.name, 6))
        with self.assertRaisesRegex(Finding, "lost"):
            self.compare(value_of(self.name, 4))


class Retry(unittest.TestCase):
    class Connection:
        def __init__(self, revision):
            self.revision = revision

        def call(self, method, target, body=None, fields=()):
            if method == "PUT":
                return 200, f'{{"_id":"d","_rev":"{self.revision}","durable":"disk"}}'.encode()
            return 200, b"[]" if target == "/kv/getAll" else b'{"documents":[]}'

        def close(self):
            pass

    def test_a_second_effect_is_one_generation_too_many(self):
        name = Name("d")
        name.number, name.pending = 3, (3, "r", "2-a")
        one = life()
        one.names, one.admin = [([], [name])], "key"
        connection = self.Connection("4-b")
        server_rounds.Connection, kept = lambda port, key: connection, server_rounds.Connection
        try:
            with self.assertRaisesRegex(Finding, "doubled"):
                one.check(type("Server", (), {"port": 0}))
        finally:
            server_rounds.Connection = kept


class Answers(unittest.TestCase):
    def ask(self, text):
        """What a client makes of these bytes and the end behind them."""
        listener = socket.create_server(("127.0.0.1", 0))

        def answer():
            other, _ = listener.accept()
            other.recv(65536)
            other.sendall(text)
            other.close()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            connection = Connection(listener.getsockname()[1], "key")
            try:
                return connection.call("GET", "/")
            finally:
                connection.close()
        finally:
            thread.join()
            listener.close()

    def test_whole_answers_pass(self):
        self.assertEqual(self.ask(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), (200, b"ok"))
        self.assertEqual(self.ask(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), (200, b"ok"))

    def test_no_answer_is_none(self):
        with self.assertRaises(Cut):
            self.ask(b"")

    def test_half_an_answer_is_seen_wherever_it_is_cut(self):
        for text in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"):
            for cut in range(1, len(text)):
                with self.assertRaises(HalfAnswer, msg=text[:cut]):
                    self.ask(text[:cut])


if __name__ == "__main__":
    unittest.main()
