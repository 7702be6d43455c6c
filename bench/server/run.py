#!/usr/bin/env python3
"""Loads `quire serve` over HTTP beside its peers, alternating: a table, JSON, and a plot of what depends on the
connections. `./dev bench kv`, `rest`, `accounts`, `query` and `couch` call it once the programs are built."""

import argparse
import importlib
import pathlib

import machine
import plot
from report import Report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", choices=("kv", "rest", "accounts", "query", "couch"))
    parser.add_argument("--only", default="", help="the rows and curves whose names contain it")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tries", type=int, default=3, help="of a run beside which other programs worked")
    parser.add_argument("--seconds", type=int, default=5, help="of a run")
    parser.add_argument("--load-seconds", type=int, default=60, help="of loading records for a start")
    parser.add_argument("--no-curves", dest="curves", action="store_false")
    parser.add_argument("--curve-runs", type=int, default=3, help="of a point of a curve")
    parser.add_argument("--curve-seconds", type=int, default=2)
    parser.add_argument("--in", dest="kept", type=pathlib.Path, help="of query and couch: where their documents are kept")
    parser.add_argument("--documents", type=int, default=1_000_000, help="of query and couch")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--plot", type=pathlib.Path)
    options = parser.parse_args()
    build = machine.ROOT / "build"
    machine.prepare()
    report = Report(options.suite, options.only, options.runs, options.tries)
    curves = importlib.import_module(options.suite).run(report, options)
    report.print()
    report.write_json(options.json or build / f"bench-{options.suite}.json", curves)
    if curves:
        plot.write_svg(options.plot or build / f"bench-{options.suite}.svg", curves)


if __name__ == "__main__":
    main()
