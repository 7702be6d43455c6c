"""Medians of alternating runs, printed as quire_bench prints them, and written as JSON of the same form."""

import json
import statistics
import sys
from dataclasses import dataclass, field

import machine

# The share of one processor that others may take during a run: the kernel's own threads are among them.
DISTURBED = 0.12


@dataclass
class Goal:
    must: float = 0.0
    aim: float = 0.0
    at_most: bool = False  # the ratio, or the value, should stay below


@dataclass
class Row:
    name: str
    unit: str
    ours: list = field(default_factory=list)
    peer: list = field(default_factory=list)  # empty: a value of its own
    goal: Goal = field(default_factory=Goal)
    note: str = ""
    costs: list = field(default_factory=list)  # processor time of an operation in microseconds, ours and the peer's
    runs: int = 0
    disturbed: int = 0  # runs beside which other programs worked all the same

    def ratio(self):
        mine = statistics.median(self.ours)
        return mine / statistics.median(self.peer) if self.peer else mine

    def cost_line(self):
        mine, theirs = self.costs
        return f"processor time an operation: ours {mine:.4g} us, peer {theirs:.4g} us, ratio {theirs / mine:.3g}"

    def verdict(self):
        if not self.goal.must:
            return ""
        reaches = lambda goal: self.ratio() <= goal if self.goal.at_most else self.ratio() >= goal
        return "aim" if reaches(self.goal.aim) else "must" if reaches(self.goal.must) else "below"


def spread(values):
    if not values:
        return "-"
    return f"{statistics.median(values):.4g} ({min(values):.4g}-{max(values):.4g})"


class Report:
    """`only`: the rows whose names contain it; empty: all."""

    def __init__(self, title, only, runs, tries):
        self.title, self.only, self.runs, self.tries = title, only, runs, tries
        self.rows = []

    def wants(self, *names):
        return any(self.only in name for name in names)

    def pair(self, name, unit, goal, ours, peer=None, note="", runs=None):
        """Runs ours and its peer in turn, so that a drift of the machine meets both; `runs`: instead of the report's."""
        row = Row(name, unit, goal=goal, note=note, runs=runs or self.runs)
        for run in range(1, row.runs + 1):
            row.ours.append(self._undisturbed(row, ours))
            line = f"  {name}, run {run}: ours {row.ours[-1]:.4g}"
            if peer:
                row.peer.append(self._undisturbed(row, peer))
                line += f", peer {row.peer[-1]:.4g}"
            print(f"{line} {unit}", file=sys.stderr, flush=True)
        self.rows.append(row)
        return row

    def _undisturbed(self, row, measure):
        """A run beside which other programs worked says little: it is made again, a few times."""
        for _ in range(self.tries):
            with machine.Watch() as watch:
                value = measure()
            others = watch.share()
            if others <= DISTURBED:
                return value
            print(f"  {row.name}: others took {others:.0%} of a processor", file=sys.stderr, flush=True)
        row.disturbed += 1
        return value

    def print(self):
        print(f"\n{self.title}: medians of {self.runs} alternating runs, (least-most)")
        print(f"{'what':<58} {'ours':>26} {'peer':>26} {'unit':<8} {'ratio':>7} {'must':>6} {'aim':>6}")
        for row in self.rows:
            print(f"{row.name:<58} {spread(row.ours):>26} {spread(row.peer):>26} {row.unit:<8} {row.ratio():>7.3g} "
                  f"{row.goal.must:>6} {row.goal.aim:>6} {row.verdict()}")
            if row.note:
                print(f"    {row.note}")
            if row.runs != self.runs:
                print(f"    run {row.runs} times")
            if row.costs:
                print(f"    {row.cost_line()}")
            if row.disturbed:
                print(f"    DISTURBED: beside {row.disturbed} of the runs other programs worked")

    def write_json(self, path, curves):
        rows = [{"name": row.name, "unit": row.unit, "ours": row.ours, "peer": row.peer, "ratio": row.ratio(),
                 "must": row.goal.must, "aim": row.goal.aim, "verdict": row.verdict(), "note": row.note, "processor_us": row.costs,
                 "disturbed": row.disturbed}
                for row in self.rows]
        with open(path, "w", encoding="utf-8") as out:
            json.dump({"title": self.title, "runs": self.runs, "rows": rows, "curves": curves},
                      out, indent=1)
            out.write("\n")
