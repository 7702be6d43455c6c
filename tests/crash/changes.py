"""Rounds in which watchers follow a database over WebSockets while writers write, and the server is killed; a watcher is
killed now and then too, with the last events that it had not written down yet. Each goes on behind the last event that it has.

What must hold, over all rounds of a life, for each watcher:

- it saw what the feed of changes holds of what it watches, each change once and in that order, which is the order of the
  commits: nothing is lost, nothing comes twice, and nothing comes that was filtered;
- every write that was acknowledged is an event, with the document as this write left it;
- of the writes to one document, which one client makes one after the other, each event is behind the one before it."""

import json
import random
import signal
import threading
import time

from server_rounds import ANSWER_SECONDS, STOP_SECONDS, Connection, Cut, HalfAnswer, LifeOfServer, expect
from web_socket import WebSocket

WRITERS = 4
NAMES = 3            # of each writer
REMOVED = 0.15       # of the writes
WATCHER_KILLED = 0.02  # behind an event
UNWRITTEN = 20         # events, at the most, that are gone with it
DATABASE = "/v1/databases/main"
COLLECTIONS = ("watched", "others")


class Watch:
    """What one watcher asks for, and which rows of the feed that is."""

    def __init__(self, name, request, wanted):
        self.name = name
        self.request = request
        self.wanted = wanted


WATCHES = (
    Watch("all", {}, lambda row: True),
    Watch("collection", {"collection": "watched"}, lambda row: row["collection"] == "watched"),
    Watch("match", {"pipeline": [{"$match": {"fullDocument.even": True}}]},
          lambda row: row.get("document", {}).get("even") is True))


class Watcher(threading.Thread):
    """One of them, through all rounds of a life."""

    def __init__(self, life, watch, seed):
        super().__init__(daemon=True)
        self.life = life
        self.watch = watch
        self.dice = random.Random(seed)
        self.events = []         # (token, operation, collection, id, number)
        self.kills = 0
        self.resumed = 0
        self.fault = None

    def run(self):
        while not self.life.over:
            try:
                self.follow()
            except Cut:
                time.sleep(0.005)
            except Exception as error:  # a thread's error is nobody's otherwise
                self.fault = f"watcher {self.watch.name}: {type(error).__name__}: {error}"
                return

    def follow(self):
        expect(self.life.ready.wait(ANSWER_SECONDS * 2), "the server did not come back")
        socket = WebSocket(self.life.server.port, "/changes", self.life.admin, seconds=2)
        try:
            request = dict(self.watch.request)
            # The first time from the beginning: a token of a place before everything.
            request["resumeAfter"] = {"_data": self.events[-1][0] if self.events else "0"}
            socket.send(json.dumps(request))
            answer = json.loads(socket.receive())
            expect(answer == {"started": True}, f"a watch was answered {answer}")
            self.resumed += 1
            while not self.life.over:
                message = json.loads(socket.receive())
                expect("doc" in message, f"a watch got {message}")
                self.see(message["doc"])
                if self.dice.random() < WATCHER_KILLED:
                    self.kills += 1
                    del self.events[len(self.events) - min(self.dice.randrange(UNWRITTEN), len(self.events)):]
                    return
        finally:
            socket.drop()

    def see(self, event):
        if "documentKey" not in event:
            return
        self.events.append((event["_id"]["_data"], event["operationType"], event["ns"]["coll"],
                            event["documentKey"]["_id"], event.get("fullDocument", {}).get("number")))


class Writer(threading.Thread):
    """Writes to its own documents, one after the other, until the server is gone."""

    def __init__(self, life, number, seed):
        super().__init__(daemon=True)
        self.life = life
        self.number = number
        self.dice = random.Random(seed)
        self.acknowledged = []   # (collection, id, number)
        self.unanswered = 0
        self.fault = None

    def run(self):
        try:
            connection = Connection(self.life.server.port, self.life.admin)
            try:
                while not connection.last:
                    self.write(connection)
            finally:
                connection.close()
        except (Cut, HalfAnswer):
            pass
        except Exception as error:
            self.fault = f"writer: {type(error).__name__}: {error}"

    def write(self, connection):
        collection, name = self.dice.choice(COLLECTIONS), f"w{self.number}-{self.dice.randrange(NAMES)}"
        target = f"{DATABASE}/collections/{collection}/documents/{name}"
        self.unanswered = 1
        if self.dice.random() < REMOVED:
            status, text = connection.call("DELETE", target)
            expect(status in (200, 404), f"DELETE answered {status} {text[:200]}")
        else:
            number = self.life.next_number()
            body = json.dumps({"number": number, "even": number % 2 == 0}).encode()
            status, text = connection.call("PUT", target, body)
            expect(status in (200, 201), f"PUT answered {status} {text[:200]}")
            self.acknowledged.append((collection, name, number))
        self.unanswered = 0


def compare(watch, events, rows, acknowledged):
    """`rows` of the feed against what a watcher saw; Finding where they differ."""
    wanted = [(row["position"], row["collection"], row["id"], row.get("document", {}).get("number"))
              for row in rows if watch.wanted(row)]
    seen = [(token, collection, name, number) for token, _, collection, name, number in events]
    expect(len(set(seen)) == len(seen), f"doubled: {watch.name} saw {len(seen) - len(set(seen))} events twice")
    sequences = [int(token.split("-")[0]) for token, *_ in seen]
    expect(sequences == sorted(sequences), f"disorder: what {watch.name} saw is not in the order of the commits")
    if seen != wanted:
        lost, alien = set(wanted) - set(seen), set(seen) - set(wanted)
        expect(not lost, f"lost: {watch.name} did not see {sorted(lost)[:3]}")
        expect(not alien, f"alien: {watch.name} saw {sorted(alien)[:3]}")
    last = {}
    for _, collection, name, number in seen:
        if number is not None:
            expect(number > last.get((collection, name), 0), f"disorder: {watch.name} saw {name} go back to {number}")
            last[collection, name] = number
    of_rows = {(row["collection"], row["id"], row["document"]["number"]) for row in rows if row.get("document")}
    missing = set(acknowledged) - of_rows
    expect(not missing, f"lost: {sorted(missing)[:3]} were acknowledged, and are no changes")


class ChangesLife(LifeOfServer):
    """A directory of its own, and the rounds that it goes through; the interface of the campaign's lives."""

    rounds = 10

    def __init__(self, campaign, kind, number):
        super().__init__(campaign, kind, number, number % 2 == 1)
        self.ready = threading.Event()
        self.over = False
        self.mutex = threading.Lock()
        self.number = 0
        self.watchers = []
        self.acknowledged = []
        self.rows, self.since = [], "0"

    def next_number(self):
        with self.mutex:
            self.number += 1
            return self.number

    def start(self):
        super().start()
        self.ready.set()

    def round(self, number):
        """One round; its numbers."""
        if self.server is None:
            self.start()
            self.watchers = [Watcher(self, watch, f"{self.seed}/{watch.name}") for watch in WATCHES]
            for watcher in self.watchers:
                watcher.start()
        dice = random.Random(f"{self.kind}/{self.seed}/{number}")
        writers = [Writer(self, i, f"{self.seed}/{number}/{i}") for i in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(dice.uniform(0.05, 1.0))
        self.ready.clear()
        self.server.process.send_signal(signal.SIGTERM if dice.random() < 0.2 else signal.SIGKILL)
        for writer in writers:
            writer.join(STOP_SECONDS)
            expect(not writer.is_alive(), "a writer was not let go")
            expect(writer.fault is None, writer.fault)
        self.server.process.wait(STOP_SECONDS)
        self.server.end()
        self.start()
        done = [written for writer in writers for written in writer.acknowledged]
        self.acknowledged += done
        self.check()
        return {"acknowledged": len(done), "lost": 0, "given_up": 0, "retried": 0,
                "unanswered": sum(writer.unanswered for writer in writers), "unjudged": 0}

    def check(self):
        """Once every watcher has seen a last change, that it saw all before it."""
        mark = self.next_number()
        if mark % 2 == 1:
            mark = self.next_number()
        body = {"number": mark, "even": True}
        self.server.ask("PUT", f"{DATABASE}/collections/watched/documents/mark", body, self.admin)
        self.read_rows()
        end = time.monotonic() + ANSWER_SECONDS
        for watcher in self.watchers:
            # Of one moment: a kill takes the last ones away.
            while not ((events := list(watcher.events)) and events[-1][4] == mark):
                expect(watcher.fault is None, watcher.fault)
                expect(time.monotonic() < end, f"lost: {watcher.watch.name} does not get to the last change, "
                                               f"{mark}; it has {events[-1:]}")
                time.sleep(0.005)
            compare(watcher.watch, events, self.rows, self.acknowledged)

    def read_rows(self):
        more = True
        while more:
            page = self.server.ask("GET", f"{DATABASE}/changes?since={self.since}&documents=true&limit=1000",
                                   key=self.admin)
            self.rows += [row for row in page["changes"] if "id" in row]
            self.since, more = page["next"], page["more"]

    def end(self, kept_in=None):
        self.over = True
        if self.watchers and kept_in is None:
            print(f"changes, seed {self.seed}: {len(self.rows)} changes, {len(self.acknowledged)} documents acknowledged; "
                  + ", ".join(f"{watcher.watch.name} saw {len(watcher.events)}, killed {watcher.kills} times, began "
                              f"{watcher.resumed} times" for watcher in self.watchers), flush=True)
        self.ready.set()
        super().end(kept_in)
