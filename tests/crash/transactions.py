"""Rounds in which many clients move money between a few accounts, each transfer one transaction, while the server is
killed and started again.

A transfer checks that there is enough, takes it, gives it, and notes itself as a document. What must hold after each
kill, as a client sees it:

- the sum over all accounts is what it was, and no account is below nothing;
- each account is what the transfers that are noted make it: no transfer is there in part;
- what was acknowledged is noted, once; what was not answered is asked again with its Idempotency-Key and has one effect,
  and what was refused has none."""

import json
import random
import signal
import threading
import time

from server_rounds import ANSWER_SECONDS, Connection, Cut, HalfAnswer, LifeOfServer, expect

CLIENTS = 12
ACCOUNTS = 6
BALANCE = 40
WITHOUT_CHECK = 0.1  # of the transfers, which the rule of the collection refuses where there is not enough
DATABASE = "/v1/databases/main"


def transfer_of(name, dice):
    """The operations of a transfer."""
    source, target = dice.sample(range(ACCOUNTS), 2)
    amount = dice.randint(1, 25)
    operations = [
        {"update": {"collection": "accounts", "id": str(source), "update": {"$inc": {"balance": -amount}}}},
        {"update": {"collection": "accounts", "id": str(target), "update": {"$inc": {"balance": amount}}}},
        {"insert": {"collection": "transfers",
                    "document": {"_id": name, "from": source, "to": target, "amount": amount}}}]
    if dice.random() >= WITHOUT_CHECK:
        operations.insert(0, {"check": {"collection": "accounts", "id": str(source),
                                        "filter": {"balance": {"$gte": amount}}}})
    return {"operations": operations}


class Client(threading.Thread):
    """Sends transfers until the round is over; asks again for what was not answered."""

    def __init__(self, life, number, seed):
        super().__init__(daemon=True)
        self.life = life
        self.dice = random.Random(seed)
        self.number = number
        self.sent = 0
        self.pending = None      # the name and body of a transfer without an answer
        self.done, self.refused, self.retried = set(), set(), 0
        self.fault = None

    def run(self):
        try:
            while not self.life.over.is_set():
                self.work(Connection(self.life.server.port, self.life.admin))
        except (Cut, HalfAnswer):
            pass
        except Exception as error:  # a thread's error is nobody's otherwise
            self.fault = f"{type(error).__name__}: {error}"

    def work(self, connection):
        try:
            while not self.life.over.is_set():
                self.send(connection)
        finally:
            connection.close()

    def send(self, connection):
        if self.pending is None:
            name = f"{self.number}-{self.sent}"
            self.sent += 1
            self.pending = name, json.dumps(transfer_of(name, self.dice)).encode()
        else:
            self.retried += 1
        name, body = self.pending
        status, text = connection.call("POST", f"{DATABASE}/transactions", body, [f"Idempotency-Key: {name}"])
        # Not enough money, by the check or by the schema of accounts.
        expect(status in (200, 400, 409), f"transfer {name} was answered {status} {text[:300]}")
        self.pending = None
        (self.done if status == 200 else self.refused).add(name)


class TransactionsLife(LifeOfServer):
    rounds = 6

    def __init__(self, campaign, kind, number):
        super().__init__(campaign, kind, number, number % 2 == 1)
        self.over = threading.Event()
        self.names = 0
        self.done, self.refused = set(), set()
        self.pending = {}

    def ask(self, method, target, body=None):
        connection = Connection(self.server.port, self.admin)
        try:
            status, text = connection.call(method, DATABASE + target, None if body is None else json.dumps(body).encode())
        finally:
            connection.close()
        expect(status in (200, 201), f"{method} {target} answered {status} {text[:300]}")
        return json.loads(text)

    def prepare(self):
        self.start()
        self.ask("PUT", "/collections/transfers", {})
        self.ask("POST", "/collections/accounts/documents",
                 [{"_id": str(number), "balance": BALANCE} for number in range(ACCOUNTS)])
        self.ask("PUT", "/collections/accounts/schema",
                 {"schema": {"required": ["balance"], "properties": {"balance": {"type": "integer", "minimum": 0}}}})

    def round(self, number):
        """One round; its numbers."""
        if self.server is None:
            self.prepare()
        dice = random.Random(f"{self.kind}/{self.seed}/{number}")
        self.over.clear()
        clients = []
        for client in range(CLIENTS):
            self.names += 1
            clients.append(Client(self, self.names, dice.random()))
            clients[-1].start()
        time.sleep(dice.uniform(0.05, 0.6))
        self.server.process.send_signal(signal.SIGKILL)
        self.server.end()
        self.over.set()
        for client in clients:
            client.join(ANSWER_SECONDS * 2)
            expect(not client.is_alive(), "a client was not let go")
            expect(client.fault is None, client.fault)
        self.start()
        unanswered = {client.pending[0] for client in clients if client.pending}
        self.look(partly=unanswered)
        self.ask_again(clients)
        for client in clients:
            self.done |= client.done
            self.refused |= client.refused
        self.look(partly=set())
        return {"acknowledged": sum(len(client.done) for client in clients), "lost": 0, "given_up": 0,
                "retried": sum(client.retried for client in clients),
                "unanswered": len(unanswered), "unjudged": 0}

    def ask_again(self, clients):
        connection = Connection(self.server.port, self.admin)
        for client in clients:
            if client.pending is not None:
                client.send(connection)
                client.pending = None
        connection.close()

    def documents(self, collection):
        found, after = {}, ""
        while True:
            page = self.ask("GET", f"/collections/{collection}/documents?limit=1000" + (f"&after={after}" if after else ""))
            found.update({document["_id"]: document for document in page["documents"]})
            if "next" not in page:
                return found
            after = page["next"]

    def look(self, partly):
        """`partly`: transfers that may be there or not, but not in part."""
        accounts, transfers = self.documents("accounts"), self.documents("transfers")
        balances = {number: BALANCE for number in range(ACCOUNTS)}
        for transfer in transfers.values():
            balances[transfer["from"]] -= transfer["amount"]
            balances[transfer["to"]] += transfer["amount"]
        found = {int(number): account["balance"] for number, account in accounts.items()}
        expect(sum(found.values()) == ACCOUNTS * BALANCE, f"the sum is {sum(found.values())}")
        expect(found == balances, f"a transfer in part: {found}, and the transfers make {balances}")
        expect(min(found.values()) >= 0, f"below nothing: {found}")
        missing = self.done - set(transfers)
        expect(not missing, f"lost: {sorted(missing)[:5]} were acknowledged")
        alien = set(transfers) & self.refused
        expect(not alien, f"alien: {sorted(alien)[:5]} were refused, and are there")
        if not partly:
            more = set(transfers) - self.done
            expect(not more, f"alien: {sorted(more)[:5]} are there, and nobody was answered so")

    def end(self, kept_in=None):
        self.over.set()
        super().end(kept_in)
