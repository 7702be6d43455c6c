#!/usr/bin/env python3
"""Writes the sample: the ISO tables of Debian's package iso-codes as four collections of documents, one a line.

    samples/iso.py FOLDER [TABLES]

FOLDER gets countries.ndjson, subdivisions.ndjson, currencies.ndjson and languages.ndjson, sorted by id, the same bytes
for the same tables. A country holds its subdivisions, these hold theirs; documents refer to each other by id.
"""

import json
import pathlib
import sys

TABLES = "/usr/share/iso-codes/json"


def table(folder, name):
    text = (pathlib.Path(folder) / f"iso_{name}.json").read_text(encoding="utf-8")
    return json.loads(text)[name]


def subdivisions(rows):
    """By code. A parent stands in the table with or without the country before it."""
    found = {}
    for row in sorted(rows, key=lambda row: row["code"]):
        country = row["code"].split("-")[0]
        document = {"_id": row["code"], "name": row["name"], "type": row["type"], "country": country}
        parent = row.get("parent")
        if parent:
            document["parent"] = parent if "-" in parent else f"{country}-{parent}"
        found[row["code"]] = document
    for document in found.values():
        if document.get("parent") not in found:
            document.pop("parent", None)
    return found


def by_place(all_subdivisions):
    """(country, parent or None) -> the subdivisions directly below, by code."""
    places = {}
    for subdivision in all_subdivisions.values():
        places.setdefault((subdivision["country"], subdivision.get("parent")), []).append(subdivision)
    return places


def nested(places, country, parent=None):
    """What stands directly below a subdivision (or the country itself), each with its own within it."""
    below = []
    for subdivision in places.get((country, parent), []):
        document = {"code": subdivision["_id"], "name": subdivision["name"], "type": subdivision["type"]}
        inner = nested(places, country, subdivision["_id"])
        if inner:
            document["subdivisions"] = inner
        below.append(document)
    return below


def currencies(rows, countries):
    """A currency's first two letters are the country that issues it, where one country does (the rule by which ISO 4217 makes codes)."""
    found = {}
    for row in sorted(rows, key=lambda row: row["alpha_3"]):
        document = {"_id": row["alpha_3"], "name": row["name"], "numeric": row["numeric"]}
        if row["alpha_3"][:2] in countries:
            document["country"] = row["alpha_3"][:2]
        found[row["alpha_3"]] = document
    return found


def countries(rows, all_subdivisions, currency_rows):
    places = by_place(all_subdivisions)
    found = {}
    for row in sorted(rows, key=lambda row: row["alpha_2"]):
        code = row["alpha_2"]
        document = {"_id": code, "name": row["name"]}
        document |= {key: row[key] for key in ("official_name", "common_name") if key in row}
        document |= {"codes": {"alpha_3": row["alpha_3"], "numeric": row["numeric"]}, "flag": row["flag"]}
        document["currencies"] = sorted(c["alpha_3"] for c in currency_rows if c["alpha_3"][:2] == code)
        document["subdivisions"] = nested(places, code)
        found[code] = document
    return found


SCOPES = {"I": "individual", "M": "macrolanguage", "S": "special", "R": "reserved"}
TYPES = {"A": "ancient", "C": "constructed", "E": "extinct", "H": "historical", "L": "living", "S": "special"}


def languages(rows, shorter_rows):
    """ISO 639-3, and from 639-2 the collections of languages that 639-3 leaves out."""
    found = {}
    for row in rows:
        document = {"_id": row["alpha_3"], "name": row["name"]}
        document |= {key: row[key] for key in ("inverted_name", "common_name") if key in row}
        document |= {"scope": SCOPES[row["scope"]], "type": TYPES[row["type"]]}
        codes = {key: row[key] for key in ("alpha_2", "bibliographic") if key in row}
        if codes:
            document["codes"] = codes
        found[row["alpha_3"]] = document
    for row in shorter_rows:
        found.setdefault(row["alpha_3"], {"_id": row["alpha_3"], "name": row["name"], "scope": "collective"})
    return dict(sorted(found.items()))


def write(folder, name, documents):
    with open(folder / f"{name}.ndjson", "w", encoding="utf-8", newline="\n") as out:
        for document in documents.values():
            out.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    tables = sys.argv[2] if len(sys.argv) > 2 else TABLES
    folder.mkdir(parents=True, exist_ok=True)
    divisions = subdivisions(table(tables, "3166-2"))
    currency_rows = table(tables, "4217")
    lands = countries(table(tables, "3166-1"), divisions, currency_rows)
    write(folder, "countries", lands)
    write(folder, "subdivisions", divisions)
    write(folder, "currencies", currencies(currency_rows, lands))
    write(folder, "languages", languages(table(tables, "639-3"), table(tables, "639-2")))


if __name__ == "__main__":
    main()
