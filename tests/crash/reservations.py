"""Rounds in which 64 accounts load one database at once, over HTTP, while the server is killed and started again.

Whoever gets it writes documents with the epoch of its reservation, over two connections, and then gives it back while
the second one still writes, or keeps it, or forgets it until its time is over. What must hold, as clients see it:

- an epoch is one account's, and a later one is answered to another only when the earlier was given back, or had ended;
- an epoch that is answered is higher than all that were, over restarts too;
- whoever holds the database, and whose time is not over, can write, after a restart too, and nobody else can;
- in the order of the changes epochs never fall: nothing was written under one behind a later one;
- what was acknowledged is there, once, and what was refused is not."""

import datetime
import json
import random
import signal
import threading
import time

from server_rounds import ANSWER_SECONDS, Connection, Cut, Finding, HalfAnswer, LifeOfServer, expect

CALLERS = 64
HOLD_SECONDS = 1.0         # the shortest that the server takes
HOLD_ARGUMENTS = ("--accounts-reservation-time", "1s", "--accounts-password-memory", "19MiB",
                  "--accounts-password-passes", "2")
# How far the end of a reservation, which is told in milliseconds, may be off for those who compare clocks.
CLOCK_SECONDS = 0.02
KILLED = 0.25              # of the rounds
ROUND_SECONDS = 0.2        # that a caller tries to get the database in a round
COLLECTION = "race"


def seconds_of(date):
    return datetime.datetime.fromisoformat(date.replace("Z", "+00:00")).timestamp()


class Hold:
    """One account's reservation, as its holder knows it; times are those of the wall clock."""

    def __init__(self, caller, epoch, answered, expires):
        self.caller = caller
        self.epoch = epoch
        self.answered = answered
        self.expires = expires   # at least: its uses move it
        self.released = None     # when giving it back was asked for: from there on nothing is certain


class Ledger:
    """What was answered, and what each answer rules out. Callable from every thread."""

    def __init__(self):
        self.mutex = threading.Lock()
        self.holds = {}          # by epoch
        self.handed_over = 0
        self.written = {}        # document's id: epoch, of what was acknowledged
        self.refused = set()
        self.unanswered = {}     # document's id: epoch
        self.intruders = 0       # writes of others that were refused

    def granted(self, caller, epoch, answered, expires):
        """Looks at the holds before it; Finding where two hold at once."""
        with self.mutex:
            known = self.holds.get(epoch)
            if known is not None:
                expect(known.caller == caller, f"two holders: {known.caller} and {caller} both have epoch {epoch}")
                if known.released is None:
                    known.expires = max(known.expires, expires)
                return known
            for other in self.holds.values():
                self.compare(other, caller, epoch, answered, expires)
            hold = self.holds[epoch] = Hold(caller, epoch, answered, expires)
            self.handed_over += 1
            return hold

    @staticmethod
    def compare(other, caller, epoch, answered, expires):
        """What was answered before its holder could know it is compared from the other side."""
        if other.caller == caller:
            return
        if other.epoch < epoch:
            free = min(other.released or other.expires, other.expires)
            early, late = f"{caller} was answered epoch {epoch}", f"{other.caller} gave back epoch {other.epoch}"
        else:
            free, answered = expires, other.answered
            early, late = f"{other.caller} was answered epoch {other.epoch}", f"{caller} could give back epoch {epoch}"
        expect(answered >= free - CLOCK_SECONDS,
               f"two holders: {early} {free - answered:.3f} s before {late} or its time was over")

    def asked_after(self, began, epoch):
        """A load that began when a later epoch was answered already must not get an earlier one."""
        with self.mutex:
            later = [hold for hold in self.holds.values() if hold.epoch > epoch and hold.answered < began]
        expect(not later, f"an epoch fell: {epoch} was answered to a load that began after "
                          f"{max((hold.epoch for hold in later), default=0)} was")

    def certain(self, began, ended, but):
        """The hold of another that covers all of a request's time for sure."""
        with self.mutex:
            for hold in self.holds.values():
                end = min(hold.released or hold.expires, hold.expires)
                if hold.caller != but and hold.answered <= began and ended < end - CLOCK_SECONDS:
                    return hold
        return None

    def release_all(self, now):
        with self.mutex:
            for hold in self.holds.values():
                hold.released = min(hold.released or now, now)

    def current(self, now):
        with self.mutex:
            live = [hold for hold in self.holds.values() if hold.released is None and hold.expires > now]
            return max(live, key=lambda hold: hold.epoch, default=None)


class Line:
    """A caller's connection, made anew when the server is."""

    def __init__(self, life, key):
        self.life = life
        self.key = key
        self.connection = None

    def act(self, action, **payload):
        """(status, message or answer); Cut where no answer came."""
        body = json.dumps({"action": action, "payload": payload}).encode()
        status, text = self.call("POST", "/api", body)
        answer = json.loads(text)
        expect(answer["status"] == status, f"{action} answered {status} {text[:200]}")
        return status, answer

    def call(self, method, target, body=None):
        if self.connection is None:
            expect(self.life.ready.wait(ANSWER_SECONDS * 2), "the server did not come back")
            self.connection = Connection(self.life.server.port, self.key)
        try:
            status, text = self.connection.call(method, target, body)
            if self.connection.last:
                self.close()
            return status, text
        except (Cut, HalfAnswer, OSError) as error:
            self.close()
            raise Cut(str(error)) from None

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Caller(threading.Thread):
    """One account, in every round of a life."""

    def __init__(self, life, number, key):
        super().__init__(daemon=True)
        self.life = life
        self.ledger = life.ledger
        self.number = number
        self.name = f"c{number}"
        self.line, self.second = Line(life, key), Line(life, key)
        self.dice = None
        self.fault = None
        self.hold = None
        self.count = 0

    def run(self):
        while True:
            self.life.begin.wait()
            if self.life.over:
                break
            try:
                self.dice = random.Random(f"{self.life.seed}/{self.life.round_number}/{self.number}")
                self.one_round()
            except Cut:
                pass
            except Finding as error:
                self.fault = str(error)
            except Exception as error:  # a thread's error is nobody's otherwise
                self.fault = f"{self.name}: {type(error).__name__}: {error}"
            self.life.done.wait()
        self.line.close()
        self.second.close()

    def one_round(self):
        if self.hold is not None:
            self.go_on()
        end = time.monotonic() + ROUND_SECONDS
        while time.monotonic() < end:
            if not self.load():
                self.intrude()
                time.sleep(self.dice.uniform(0, 0.01))
                continue
            self.use()
            return

    def load(self):
        began = time.time()
        status, answer = self.line.act("loadDatabase", dbID=self.life.database)
        answered = time.time()
        if status != 200:
            expect(answer.get("error") == "locked", f"loadDatabase answered {answer}")
            mine = self.hold
            expect(mine is None or mine.released is not None or answered > mine.expires - CLOCK_SECONDS,
                   f"{self.name} has epoch {mine.epoch if mine else 0} and is told that another has")
            self.hold = None
            return False
        message = answer["message"]
        self.ledger.asked_after(began, message["epoch"])
        self.hold = self.ledger.granted(self.name, message["epoch"], answered, seconds_of(message["expires"]))
        return True

    def go_on(self):
        """What it holds from an earlier round: still usable, if its time is not over, also after a restart."""
        hold = self.hold
        if hold.released is not None or hold.expires < time.time() - 2 * HOLD_SECONDS:
            self.hold = None
            return
        self.add(self.line, hold)

    def use(self):
        hold = self.hold
        for _ in range(self.dice.randrange(3)):
            self.add(self.line, hold)
        way = self.dice.random()
        if way < 0.10:
            return           # kept into the next round
        if way < 0.13:
            time.sleep(max(0.0, hold.expires - time.time()) + self.dice.uniform(-0.05, 0.05))
            self.add(self.line, hold)  # at its end: refused, or under its epoch
            self.hold = None if hold.expires < time.time() else hold
            return
        self.give_back(hold)

    def give_back(self, hold):
        """While another connection of its own still writes."""
        stop = threading.Event()
        writer = threading.Thread(target=self.write_on, args=(hold, stop))
        writer.start()
        try:
            time.sleep(self.dice.uniform(0, 0.005))
            with self.ledger.mutex:
                hold.released = time.time()
            self.hold = None
            status, answer = self.line.act("unloadDatabase", dbID=self.life.database)
            expect(status == 200 or answer.get("error") in ("locked", "not_found"), f"unloadDatabase answered {answer}")
        finally:
            stop.set()
            writer.join(ANSWER_SECONDS)

    def write_on(self, hold, stop):
        try:
            while not stop.is_set():
                self.add(self.second, hold)
        except Cut:
            pass
        except Finding as error:
            self.fault = str(error)
        except Exception as error:
            self.fault = f"{self.name}: {type(error).__name__}: {error}"

    def add(self, line, hold):
        self.count += 1
        name = f"{self.name}-{self.life.round_number}-{self.count}"
        self.ledger.unanswered[name] = hold.epoch
        status, answer = line.act("manageDatabase", operation="Add", collectionName=COLLECTION,
                                  documentData={"_id": name, "epoch": hold.epoch})
        del self.ledger.unanswered[name]
        if status == 200:
            self.ledger.written[name] = hold.epoch
            return
        self.ledger.refused.add(name)
        expect(answer.get("error") in ("locked", "precondition"), f"Add answered {answer}")
        left = hold.expires - time.time()
        expect(hold.released is not None or left < CLOCK_SECONDS,
               f"{self.name} was refused under epoch {hold.epoch}, {left:.3f} s before its end: {answer}")

    def intrude(self):
        """A right to write is none while another holds the database, on any surface."""
        if self.dice.random() < 0.7:
            return
        began = time.time()
        name = f"intruder-{self.number}-{self.life.round_number}"
        method = self.dice.choice(("PUT", "GET"))
        status, text = self.line.call(method, f"/v1/databases/{self.life.database}/collections/others/documents/{name}",
                                      b"{}" if method == "PUT" else None)
        hold = self.ledger.certain(began, time.time(), self.name)
        if status == 423:
            self.ledger.intruders += 1
        expect(status == 423 or hold is None,
               f"{method} of {self.name} answered {status} while {hold.caller if hold else ''} had epoch "
               f"{hold.epoch if hold else 0}: {text[:200]}")


class ReservationsLife(LifeOfServer):
    """A directory of its own, its accounts, and the rounds that they go through; the interface of the campaign's lives."""

    rounds = 100
    arguments = HOLD_ARGUMENTS

    def __init__(self, campaign, kind, number):
        super().__init__(campaign, kind, number, number % 2 == 1)
        self.ledger = Ledger()
        self.begin, self.done = threading.Barrier(CALLERS + 1), threading.Barrier(CALLERS + 1)
        self.ready = threading.Event()
        self.round_number, self.kills = 0, 0
        self.over = False
        self.database = None
        self.callers = []
        self.last = 0            # the highest epoch that was seen in a change, and where the changes were read to
        self.since = "0"
        self.seen = {}

    def start(self):
        super().start()
        self.ready.set()

    def ask(self, method, target, body=None, key=None, good=(200, 201)):
        return self.server.ask(method, target, body, key or self.admin, good)

    def prepare(self):
        self.start()
        keys = []
        for number in range(CALLERS):
            self.ask("POST", "/v1/users", {"username": f"c{number}", "password": f"password of {number}",
                                           "email": f"c{number}@example.org"})
            keys.append(self.ask("POST", "/v1/keys", {"user": f"c{number}"})["key"])
        answer = self.ask("POST", "/api", {"action": "createDatabase", "payload": {"dbName": "race"}}, keys[0])
        self.database = answer["message"]["dbID"]
        for collection in (COLLECTION, "others"):
            self.ask("PUT", f"/v1/databases/{self.database}/collections/{collection}", {}, keys[0])
        for number in range(1, CALLERS):
            self.ask("PUT", f"/v1/databases/{self.database}/grants/c{number}", {"right": "write"}, keys[0])
        self.callers = [Caller(self, number, key) for number, key in enumerate(keys)]
        for caller in self.callers:
            caller.start()

    def round(self, number):
        """One round; its numbers."""
        if self.server is None:
            self.prepare()
        self.round_number = number
        dice = random.Random(f"{self.kind}/{self.seed}/{number}")
        before = len(self.ledger.written), len(self.ledger.unanswered)
        self.begin.wait(ANSWER_SECONDS)
        if dice.random() < KILLED:
            time.sleep(dice.uniform(0.0, 0.15))
            self.restart()
        try:
            self.done.wait(ANSWER_SECONDS * 3)
        except threading.BrokenBarrierError:
            raise Finding("a caller was not let go") from None
        faults = [caller.fault for caller in self.callers if caller.fault]
        if faults:
            raise Finding("\n".join(faults[:5]))
        self.check(number)
        return {"acknowledged": len(self.ledger.written) - before[0], "lost": 0, "given_up": 0, "retried": 0,
                "unanswered": len(self.ledger.unanswered) - before[1], "unjudged": 0}

    def restart(self):
        self.ready.clear()
        self.server.process.send_signal(signal.SIGKILL)
        self.server.end()
        self.kills += 1
        self.start()

    def check(self, number):
        """The changes since the last look; by whoever holds the database, or once nobody does."""
        hold = None if number % 10 == 9 else self.ledger.current(time.time())
        if hold is None or not self.read_changes(self.callers[int(hold.caller[1:])].line.key):
            self.ledger.release_all(time.time())
            self.ask("DELETE", f"/v1/databases/{self.database}/reservation", good=(200, 404))
            expect(self.read_changes(self.admin), "the database is locked, and nobody has it")
        missing = set(self.ledger.written) - set(self.seen)
        expect(not missing, f"lost: {sorted(missing)[:5]} were acknowledged")

    def read_changes(self, key):
        """False where another has the database, as after the end of who had it."""
        more = True
        while more:
            page = self.ask("GET", f"/v1/databases/{self.database}/changes?collection={COLLECTION}&since={self.since}"
                                   "&documents=true&limit=1000", key=key, good=(200, 423))
            if "changes" not in page:
                return False
            for row in page["changes"]:
                if "id" in row:  # else it is about the collection
                    self.look_at(row)
            self.since, more = page["next"], page["more"]
        return True

    def look_at(self, row):
        name, epoch = row["id"], row["document"]["epoch"]
        expect(name not in self.seen, f"doubled: {name}")
        expect(name not in self.ledger.refused, f"alien: {name} was refused, and is there")
        asked = self.ledger.written.get(name, self.ledger.unanswered.get(name))
        expect(asked == epoch, f"alien: {name} has epoch {epoch}, asked for was {asked}")
        expect(epoch >= self.last, f"an old epoch: {name} was written under {epoch} behind one under {self.last}")
        self.last = epoch
        self.seen[name] = epoch

    def end(self, kept_in=None):
        self.over = True
        if self.callers and kept_in is None:
            self.begin.wait(ANSWER_SECONDS)
            print(f"reservations, seed {self.seed}: {self.ledger.handed_over} reservations, the last with epoch "
                  f"{max(self.ledger.holds, default=0)}; {self.kills} kills; of writes under them {len(self.ledger.written)} "
                  f"taken, {len(self.ledger.refused)} refused; others refused meanwhile {self.ledger.intruders}", flush=True)
        super().end(kept_in)
