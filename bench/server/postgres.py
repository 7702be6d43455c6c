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


class Postgres:
    name = "postgres"

    def __init__(self, directory, body, hot):
        self._directory, self._body = directory, body
        self.port = machine.free_port()
        as_user = {"user": USER} if os.geteuid() == 0 else {}
        data = directory / "data"
        machine.run(BINARIES / "initdb", "-D", data, "-A", "trust", "-U", USER, "--no-instructions", cwd=directory,
                    **as_user)
        self.process = machine.Process(
            [BINARIES / "postgres", "-D", data, "-p", self.port, "-k", directory, "-c", "listen_addresses=127.0.0.1",
             "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "shared_buffers=256MB",
             "-c", "max_wal_size=4GB"], directory / "postgres.log", cwd=directory, **as_user)
        self.process.wait_for(lambda: "ready to accept connections" in self.process.log())
        self._query("CREATE TABLE documents (id text PRIMARY KEY, body jsonb NOT NULL)")
        self._query("CREATE TABLE hot (id text PRIMARY KEY, body jsonb NOT NULL)")
        escaped = body.replace("'", "''")
        self._query(f"INSERT INTO hot SELECT n, '{escaped}' FROM generate_series(1, {hot}) n")
        self._query("VACUUM ANALYZE hot")
        self._scripts = {"insert": INSERT, "read": READ.format(count=hot), "update": UPDATE.format(count=hot)}
        for name, text in self._scripts.items():
            (directory / f"{name}.sql").write_text(text)

    def _query(self, text):
        machine.run("psql", "-h", "127.0.0.1", "-p", self.port, "-U", USER, "-d", "postgres", "-q", "-c", text,
                    cwd=self._directory)

    def rate(self, script, seconds, connections=64):
        """Transactions a second by pgbench, with prepared statements; the document is a parameter."""
        printed = machine.run("pgbench", "-h", "127.0.0.1", "-p", self.port, "-U", USER, "-n", "-M", "prepared",
                              "-c", connections, "-j", 1, "-T", seconds, "-D", f"body={self._body}",
                              "-f", self._directory / f"{script}.sql", "postgres", cwd=self._directory)
        return float(re.search(r"tps = ([0-9.]+)", printed).group(1))

    def stop(self):
        self.process.stop()
