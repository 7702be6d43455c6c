"""PostgreSQL with fsync on, as its packages set it, but for more memory. It refuses root, so it runs as its own user."""

import os
import pathlib
import re

import machine

BINARIES = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=pathlib.Path("/usr/bin"))
USER = "postgres"
INSERT = "\\set n random(1, 1000000000000000)\nINSERT INTO documents VALUES (:n, :body);\n"
UPDATE = ("\\set n random(1, {count})\nUPDATE hot SET body = jsonb_set(body, '{{n}}', "
          "to_jsonb((body->>'n')::bigint + 1)) WHERE id = :n;\n")
READ = "\\set n random(1, {count})\nSELECT body FROM hot WHERE id = :n;\n"


class Cluster:
    """A server over a data directory, which is made where there is none."""

    name = "postgres"

    def __init__(self, directory, *settings):
        self.directory = directory
        self.port = machine.free_port()
        as_user = {"user": USER} if os.geteuid() == 0 else {}
        data = directory / "data"
        if not data.exists():
            machine.run(BINARIES / "initdb", "-D", data, "-A", "trust", "-U", USER, "--no-instructions", cwd=directory,
                        **as_user)
        log = directory / "postgres.log"
        log.unlink(missing_ok=True)
        words = [word for setting in settings for word in ("-c", setting)]
        self.process = machine.Process(
            [BINARIES / "postgres", "-D", data, "-p", self.port, "-k", directory, "-c", "listen_addresses=127.0.0.1",
             "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "max_wal_size=4GB", *words], log, cwd=directory,
            **as_user)
        self.process.wait_for(lambda: "ready to accept connections" in self.process.log())

    def query(self, text, timing=False, **options):
        """What it printed, without headings; with `timing`, and then the time that it took."""
        commands = [word for one in (["\\timing on"] if timing else []) + [text] for word in ("-c", one)]
        return machine.run("psql", "-h", "127.0.0.1", "-p", self.port, "-U", USER, "-d", "postgres", "-qAt", *commands,
                           cwd=self.directory, **options)

    def bench(self, script, seconds, connections, *variables):
        """Transactions a second by pgbench, with prepared statements."""
        printed = machine.run("pgbench", "-h", "127.0.0.1", "-p", self.port, "-U", USER, "-n", "-M", "prepared",
                              "-c", connections, "-j", 1, "-T", seconds, *variables, "-f", script, "postgres",
                              cwd=self.directory)
        return float(re.search(r"tps = ([0-9.]+)", printed).group(1))

    def stop(self):
        self.process.stop()


class Postgres(Cluster):
    """With one document for writes, and many copies of it for reads."""

    def __init__(self, directory, body, hot):
        super().__init__(directory, "shared_buffers=256MB")
        self._body = body
        self.query("CREATE TABLE documents (id text PRIMARY KEY, body jsonb NOT NULL)")
        self.query("CREATE TABLE hot (id text PRIMARY KEY, body jsonb NOT NULL)")
        escaped = body.replace("'", "''")
        self.query(f"INSERT INTO hot SELECT n, '{escaped}' FROM generate_series(1, {hot}) n")
        self.query("VACUUM ANALYZE hot")
        self._scripts = {"insert": INSERT, "read": READ.format(count=hot), "update": UPDATE.format(count=hot)}
        for name, text in self._scripts.items():
            (directory / f"{name}.sql").write_text(text)

    def rate(self, script, seconds, connections=64):
        """The document is a parameter."""
        return self.bench(self.directory / f"{script}.sql", seconds, connections, "-D", f"body={self._body}")
