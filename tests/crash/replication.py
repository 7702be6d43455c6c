"""Rounds in which one server replicates from another while the source is written to and both are killed (kill -9), and so is
`quire replicate` between them. The database `main` follows the source by a continuous replication of the target's own;
`moved` is moved by runs of the command, one behind the other.

What must hold behind each round, once all are back and nobody writes:

- what was acknowledged is at the source; the target has the same documents, in the same revisions, with the same texts and
  attachments, and nothing else;
- the target's history is dense and has each revision once: what it had was not written again;
- a replication looks again at one batch at most: between the place that it recorded and the end, the target had no more
  documents than that already when it was killed. A last run of the command writes what is missing, and looks at one batch more
  at most; another finds nothing to do.

A document that is changed between the reading of its change and that of its text arrives as it is then, before its newest
change was looked at. Such a one is not counted as looked at again: it is told by a change before that never arrived. In every
other life no document is changed, so that there is none."""

import hashlib
import json
import pathlib
import random
import shutil
import threading
import time

from nodes import REPLICATE_SECONDS, Node, counts_of, finished, replicate
from server_rounds import ANSWER_SECONDS, STOP_SECONDS, Connection, Cut, HalfAnswer, expect

WRITERS = 3
DATABASES = ("main", "moved")
NAMES = 2000         # of each writer in each database
MOST_AT_ONCE = 200   # documents of one request
REMOVED = 0.1        # of the documents
ATTACHED = 0.15      # of the requests are an attachment's
BATCH_ROWS = 1000    # src/replication/tuning.h, kMostBatchRows
HISTORY = {"historyBytes": 1 << 30}  # all of it is kept, so that it can be counted
VICTIMS = ("source", "target", "both", "command")


class Name:
    """What a document may hold: the number of the last write that was answered, or of those that were not since."""

    def __init__(self):
        self.acknowledged = 0  # 0: it is not there
        self.pending = set()

    def may_hold(self):
        return {self.acknowledged} | self.pending


class Writer(threading.Thread):
    """Writes to its own documents of the source, which goes away and comes back."""

    def __init__(self, life, number, seed):
        super().__init__(daemon=True)
        self.life = life
        self.number = number
        self.dice = random.Random(seed)
        self.acknowledged = 0
        self.unanswered = 0
        self.fault = None

    def run(self):
        while not self.life.stop_writing.is_set():
            try:
                self.follow()
            except (Cut, HalfAnswer):
                time.sleep(0.01)
            except Exception as error:  # a thread's error is nobody's otherwise
                self.fault = f"writer: {type(error).__name__}: {error}"
                return

    def follow(self):
        connection = Connection(self.life.source.port, self.life.source.key)
        try:
            while not connection.last and not self.life.stop_writing.is_set():
                database = self.dice.choice(DATABASES)
                if not self.life.only_grows and self.dice.random() < ATTACHED:
                    self.attach(connection, database)
                else:
                    self.write(connection, database)
        finally:
            connection.close()

    def write(self, connection, database):
        rows, asked = [], []
        for place in self.dice.sample(range(NAMES), self.dice.randint(1, MOST_AT_ONCE)):
            number = self.life.next_number()
            name = f"n{number}" if self.life.only_grows else f"w{self.number}-{place}"
            removed = not self.life.only_grows and self.dice.random() < REMOVED
            rows.append({"_id": name, "_deleted": True} if removed
                        else {"_id": name, "number": number, "text": text_of(name, number)})
            asked.append((self.life.name(database, name), 0 if removed else number))
        for name, number in asked:
            name.pending.add(number)
        self.unanswered += len(asked)
        status, text = connection.call("POST", f"/v1/databases/{database}/collections/_default/documents?existing=replace",
                                       json.dumps(rows).encode())
        if status == 503:  # on its way up
            return
        expect(status == 200, f"a bulk was answered {status} {text[:300]}")
        results = json.loads(text)["results"]
        expect(len(results) == len(asked), f"{len(asked)} documents were answered by {len(results)} rows")
        for (name, number), result in zip(asked, results):
            # What is not there cannot be removed.
            absent = number == 0 and result.get("error") == "not_found"
            expect("_rev" in result or absent, f"a row was answered {result}")
            name.acknowledged, name.pending = number, set()
        self.unanswered -= len(asked)
        self.acknowledged += len(asked)

    def attach(self, connection, database):
        number = self.life.next_number()
        name = f"a{self.number}-{number}"
        self.unanswered += 1
        document = self.life.name(database, name)
        document.pending.add(number)
        path = f"/v1/databases/{database}/collections/_default/documents/{name}"
        status, text = connection.call("PUT", path, json.dumps({"number": number, "text": text_of(name, number)}).encode())
        expect(status in (201, 503), f"PUT answered {status} {text[:300]}")
        if status == 503:
            return
        document.acknowledged, document.pending = number, set()
        bytes_ = bytes_of(number)
        status, text = connection.call("PUT", f"{path}/attachments/file", bytes_, (), "application/octet-stream")
        expect(status in (200, 201, 503), f"an attachment was answered {status} {text[:300]}")
        if status == 503:
            return
        self.life.attached[database, name] = hashlib.sha256(bytes_).hexdigest()
        self.unanswered -= 1
        self.acknowledged += 1


class Mover(threading.Thread):
    """`quire replicate`, again and again, while its servers are killed; it is killed itself too."""

    def __init__(self, life):
        super().__init__(daemon=True)
        self.life = life
        self.process = None
        self.over = threading.Event()
        self.runs = 0
        self.kills = 0
        self.fault = None

    def run(self):
        while not self.over.is_set():
            self.process = replicate(self.life.programs, self.life.source, self.life.target, database="moved")
            self.runs += 1
            out, err = self.process.communicate()
            if self.process.returncode not in (0, -9):
                self.fault = f"quire replicate ended with {self.process.returncode}: {out} {err}"
                return
            self.over.wait(0.02)

    def kill(self):
        process = self.process
        if process is not None and process.poll() is None:
            process.kill()
            self.kills += 1

    def end(self):
        self.over.set()
        self.kill()
        self.join(STOP_SECONDS)
        self.kill()  # one that had just begun
        self.join(STOP_SECONDS)
        expect(not self.is_alive(), "quire replicate was not to be killed")
        expect(self.fault is None, self.fault)


def text_of(name, number):
    return f"{name}/{number}/" + "x" * (number % 300)


def bytes_of(number):
    return random.Random(number).randbytes(1 + number * 7919 % 200_000)


def compare(where, rows, names):
    """The newest rows of a database against what its documents may hold; answers name: number of what is there."""
    found = {}
    for row in rows:
        if "id" not in row or row.get("deleted"):
            continue
        document = row.get("document", {})
        expect(document.get("text") == text_of(row["id"], document.get("number", 0)), f"torn: {where} has {row}")
        found[row["id"]] = document["number"]
    alien = set(found) - set(names)
    expect(not alien, f"alien: {where} has {sorted(alien)[:3]}")
    for text, name in names.items():
        number = found.get(text, 0)
        expect(number in name.may_hold(), f"lost: {where} has {text} at {number} instead of {sorted(name.may_hold())}")
    return found


def compare_revisions(source, target):
    """The newest rows of both; Finding where they are not the same documents in the same revisions. A document that was
    removed before it was moved may be a stub at the target, and is one at both where it is at both."""
    ours = {row["id"]: row for row in source if "id" in row}
    theirs = {row["id"]: row for row in target if "id" in row}
    lost = [name for name, row in ours.items() if name not in theirs]
    expect(not lost, f"lost: the target lacks {len(lost)} documents, {lost[:3]} among them")
    alien = [name for name in theirs if name not in ours]
    expect(not alien, f"alien: the target alone has {alien[:3]}")
    others = [name for name, row in ours.items()
              if (row["revision"], row.get("document")) != (theirs[name]["revision"], theirs[name].get("document"))]
    expect(not others, f"lost: the target has {len(others)} documents otherwise, {others[:3]} among them")


def check_history(rows, first):
    """Rows of a whole history behind the sequence `first`: dense, and each revision once. The last sequence."""
    seen = set()
    last = first
    for row in rows:
        sequence = int(row["position"].split("-")[0])
        expect(sequence == last + 1, f"doubled: behind the change {last} of the target comes {sequence}")
        last = sequence
        if "id" not in row:
            continue
        written = row["id"], row["revision"]
        expect(written not in seen, f"doubled: {written} was written twice")
        seen.add(written)
    return last


def came_early(history, arrived):
    """The ids of the documents of which a change but the newest never arrived."""
    newest, early = {}, set()
    for row in history:
        if "id" not in row:
            continue
        before = newest.get(row["id"])
        if before is not None and (row["id"], before) not in arrived:
            early.add(row["id"])
        newest[row["id"]] = row["revision"]
    return early


def check_repeated(what, repeated):
    expect(repeated <= BATCH_ROWS, f"repeated: {what} looks again at {repeated} documents, more than a batch of {BATCH_ROWS}")


class ReplicationLife:
    """Two directories, and the rounds that they go through; the interface of the campaign's lives."""

    rounds = 10

    def __init__(self, campaign, kind, number):
        self.kind = kind
        self.seed = campaign.seed + number
        self.only_grows = number % 2 == 0
        self.programs = campaign.programs
        self.place = pathlib.Path(campaign.place(number % 2 == 1)) / f"{kind}-{self.seed}"
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        self.source = Node(self.programs, self.place, "source")
        self.target = Node(self.programs, self.place, "target")
        self.mutex = threading.Lock()
        self.number = 0
        self.names = {database: {} for database in DATABASES}
        self.attached = {}  # (database, id): digest
        self.checked = set()  # of these
        # Of both sides: the position behind the rows.
        self.histories = {(side, database): ("0", []) for side in ("source", "target") for database in DATABASES}
        self.job = None
        self.stop_writing = threading.Event()
        self.kills = dict.fromkeys(VICTIMS, 0)
        self.most_repeated = 0
        self.runs = 0

    def next_number(self):
        with self.mutex:
            self.number += 1
            return self.number

    def name(self, database, text):
        with self.mutex:
            return self.names[database].setdefault(text, Name())

    def begin(self):
        for node in (self.source, self.target):
            node.start()
            node.ask("PUT", "/v1/databases/moved")
            for database in DATABASES:
                node.ask("PATCH", f"/v1/databases/{database}", HISTORY)
        made = self.target.ask("POST", "/v1/replications", {"source": self.source.url, "sourceKey": self.source.key,
                                                            "target": "main", "continuous": True})
        self.job = f"/v1/replications/{made['id']}"

    def round(self, number):
        """One round; its numbers."""
        if self.job is None:
            self.begin()
        dice = random.Random(f"{self.kind}/{self.seed}/{number}")
        self.stop_writing.clear()
        writers = [Writer(self, i, f"{self.seed}/{number}/{i}") for i in range(WRITERS)]
        mover = Mover(self)
        for thread in (*writers, mover):
            thread.start()
        try:
            for _ in range(dice.randint(1, 4)):
                time.sleep(dice.uniform(0.05, 1.2))
                self.kill(dice.choice(VICTIMS), mover, dice.uniform(0.0, 0.3))
            time.sleep(dice.uniform(0.0, 0.8))
        finally:
            self.stop_writing.set()
            self.source.kill()
            self.target.kill()
            mover.end()
        self.runs += mover.runs
        for writer in writers:
            writer.join(STOP_SECONDS)
            expect(not writer.is_alive(), "a writer was not let go")
            expect(writer.fault is None, writer.fault)
        self.check()
        return {"acknowledged": sum(writer.acknowledged for writer in writers), "lost": 0, "given_up": 0, "retried": 0,
                "unanswered": sum(writer.unanswered for writer in writers), "unjudged": 0}

    def kill(self, victim, mover, seconds):
        self.kills[victim] += 1
        if victim == "command":
            return mover.kill()
        nodes = {"source": (self.source,), "target": (self.target,), "both": (self.source, self.target)}[victim]
        for node in nodes:
            node.kill()
        time.sleep(seconds)
        for node in nodes:
            node.start()
        return None

    # --- behind the kills: the target alone, then both

    def check(self):
        self.target.start()
        had = {database: self.target.changes(database) for database in DATABASES}
        recorded = self.recorded_place()
        self.source.start()
        self.check_followed(had["main"], recorded)
        self.check_moved(had["moved"])
        for database in DATABASES:
            ours = self.source.rows(database, documents=True)[0]
            self.settle(database, compare(f"the source's {database}", ours, self.names[database]))
            compare_revisions(ours, self.target.rows(database, documents=True)[0])
            check_history(self.history("target", database), 0)
        self.check_attachments()
        shown = self.target.ask("GET", self.job)
        expect(shown["progress"]["failures"] == 0, f"lost: the replication counts failures: {shown}")

    def recorded_place(self):
        """Where the replication goes on from, as the target alone says while the source is away."""
        end = time.monotonic() + ANSWER_SECONDS
        while True:
            progress = self.target.ask("GET", self.job)["progress"]
            if progress["state"] == "retrying":
                return progress["recorded"].split("/")[-1] or "0"
            expect(time.monotonic() < end, f"the replication does not see that its source is away: {progress}")
            time.sleep(0.01)

    def repeated(self, database, rows, had):
        """How many documents of the source's newest rows the target had, and had not only because they came early."""
        arrived = {(row["id"], row["revision"]) for row in self.history("target", database) if "id" in row}
        early = came_early(self.history("source", database), arrived)
        repeated = sum(had.get((row.get("collection"), row["id"])) == row["revision"]
                       for row in rows if "id" in row and row["id"] not in early)
        self.most_repeated = max(self.most_repeated, repeated)
        return repeated

    def check_followed(self, had, recorded):
        rows = self.source.rows("main", since=recorded)[0]
        check_repeated("the continuous replication", self.repeated("main", rows, had))
        ours = self.source.changes("main")
        end = time.monotonic() + REPLICATE_SECONDS
        while self.target.changes("main") != ours:
            progress = self.target.ask("GET", self.job)["progress"]
            expect(time.monotonic() < end, f"lost: the target does not get what the source has: {progress}")
            time.sleep(0.05)

    def check_moved(self, had):
        ours = self.source.changes("moved")
        missing = sum(had.get(name) != revision for name, revision in ours.items())
        written, looked_at = counts_of(finished(replicate(self.programs, self.source, self.target, database="moved")))
        expect(written == missing, f"doubled or lost: {missing} revisions were missing, and {written} were written")
        # What it looked at is the end of the history.
        rows = self.source.rows("moved")[0]
        check_repeated("quire replicate", self.repeated("moved", rows[len(rows) - looked_at:], had))
        again = counts_of(finished(replicate(self.programs, self.source, self.target, database="moved")))
        expect(again == (0, 0), f"doubled: another run of quire replicate counts {again}")

    def settle(self, database, found):
        """From here on a document holds what it was found to hold."""
        for text, name in self.names[database].items():
            name.acknowledged, name.pending = found.get(text, 0), set()

    def history(self, side, database):
        """All of it, of which only what is new is read."""
        since, rows = self.histories[side, database]
        more, since = getattr(self, side).rows(database, since=since, current=False)
        rows += [{"position": row["position"], **{key: row[key] for key in ("id", "revision") if key in row}} for row in more]
        self.histories[side, database] = since, rows
        return rows

    def check_attachments(self):
        for (database, name), digest in self.attached.items():
            if (database, name) in self.checked:
                continue
            target = f"/v1/databases/{database}/collections/_default/documents/{name}/attachments/file"
            for node, where in ((self.source, "source"), (self.target, "target")):
                expect(node.digest_of(target) == digest, f"lost: the attachment of {name} at the {where} is another")
            self.checked.add((database, name))

    def end(self, kept_in=None):
        for node in (self.source, self.target):
            node.kill()
        if kept_in is not None:
            shutil.rmtree(kept_in, ignore_errors=True)
            shutil.copytree(self.place, kept_in)
        else:
            changes = ", ".join(f"{len(self.histories['target', name][1])} changes of {name}" for name in DATABASES)
            print(f"replication, seed {self.seed}: {changes}, {len(self.attached)} attachments; killed: "
                  + ", ".join(f"{name} {count} times" for name, count in self.kills.items())
                  + f"; quire replicate began {self.runs} times; at most {self.most_repeated} documents looked at again",
                  flush=True)
        shutil.rmtree(self.place, ignore_errors=True)
