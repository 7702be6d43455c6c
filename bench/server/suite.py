"""What both suites share: a run of each server in turn, and the curves over connections."""

import statistics
import sys

import load

CONNECTIONS = (1, 8, 64, 256)


def rate_of(server, targets, seconds, **options):
    return server.process.rate(lambda: load.closed(server, targets, seconds, **options), seconds)


def compare(report, name, unit, goal, ours, peer, measure_ours, measure_peer, note=""):
    """A row of rates, with what an operation costs each server."""
    for server in (ours, peer):
        server.process.take_costs()
    row = report.pair(name, unit, goal, measure_ours, measure_peer, note)
    mine, theirs = (statistics.median(server.process.take_costs()) for server in (ours, peer))
    row.costs = [mine, theirs]
    print(f"  {name}: {row.cost_line()}", file=sys.stderr, flush=True)
    return row


class Curves:
    """Throughput and latency of several servers over connections, each point the median of some runs."""

    def __init__(self, runs, seconds):
        self._runs, self._seconds = runs, seconds
        self.curves = []

    def add(self, name, servers, **options):
        """servers: pairs of a server and its targets."""
        throughput = {server.name: [] for server, _ in servers}
        latency = {server.name: [] for server, _ in servers}
        for connections in CONNECTIONS:
            rates = {server.name: [] for server, _ in servers}
            times = {server.name: [] for server, _ in servers}
            for _ in range(self._runs):
                for server, targets in servers:
                    rates[server.name].append(rate_of(server, targets, self._seconds, connections=connections, **options))
            for _ in range(self._runs):
                for server, targets in servers:
                    half = statistics.median(rates[server.name]) / 2
                    times[server.name].append(load.open_loop(server, targets, half, self._seconds, connections))
            for server, _ in servers:
                throughput[server.name].append(statistics.median(rates[server.name]))
                latency[server.name].append({kind: statistics.median(one[kind] for one in times[server.name])
                                             for kind in ("p50", "p90", "p99")})
        self.curves.append({"name": name, "connections": list(CONNECTIONS), "throughput": throughput,
                            "latency": latency})
