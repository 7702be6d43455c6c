"""Redis that syncs its log before it answers."""

import csv
import io

import machine


class Redis:
    name = "redis"

    def __init__(self, directory):
        self.port = machine.free_port()
        self.process = machine.Process(
            ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", directory, "--appendonly", "yes",
             "--appendfsync", "always", "--save", "", "--daemonize", "no"], directory / "redis.log")
        self.process.wait_for(lambda: machine.listens(self.port))

    def set_rate(self, requests, keys, value_bytes=200, connections=64):
        """SETs a second of its own load generator."""
        used = self.process.processor_seconds()
        printed = machine.run("redis-benchmark", "-p", self.port, "-c", connections, "-n", requests, "-r", keys,
                              "-d", value_bytes, "-t", "set", "--csv")
        for row in csv.reader(io.StringIO(printed)):
            if row and row[0] == "SET":
                self.process.costs.append((self.process.processor_seconds() - used) / requests * 1e6)
                return float(row[1])
        raise SystemExit(f"redis-benchmark printed no rate: {printed}")

    def stop(self):
        self.process.stop()
