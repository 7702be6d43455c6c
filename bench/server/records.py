"""The records that queries run over, as ids and JSON texts: generated documents of 1 KB, Debian's package index, and the
ISO tables."""

import json
import subprocess
import sys

import machine

# Of the package index: what is a number there.
NUMBERS = {"Size", "Installed-Size"}
# Prime, so that it shares no factor with a count of documents.
STRIDE = 7_368_787
TABLES = ("countries", "subdivisions", "languages", "currencies")


def generated(count):
    # Each number once, in an order of its own.
    numbers = (place * STRIDE % count for place in range(count))
    with subprocess.Popen([machine.PROGRAMS / "quire_bench", "documents", str(count)], stdout=subprocess.PIPE,
                          text=True) as made:
        for line in made.stdout:
            head, body = line.rstrip("\n").split(",", 1)
            yield head.split('"')[3], f'{{"number":{next(numbers)},{body}'


def packages(_):
    with subprocess.Popen(["apt-cache", "dumpavail"], stdout=subprocess.PIPE, text=True) as dump:
        record, field, number = {}, None, 0
        for line in dump.stdout:
            if line == "\n":
                yield f"{number:06}", text_of(record)
                record, number = {}, number + 1
            elif line.startswith(" "):
                record[field] += "\n" + line.strip()
            else:
                field, value = line.rstrip("\n").split(":", 1)
                record[field] = int(value) if field in NUMBERS else value.strip()
        if record:
            yield f"{number:06}", text_of(record)


def iso(_):
    made = machine.ROOT / "build/samples"
    subprocess.run([sys.executable, machine.ROOT / "samples/iso.py", made], check=True, stdout=subprocess.DEVNULL)
    for table in TABLES:
        for line in (made / f"{table}.ndjson").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            yield f"{table}-{record.pop('_id')}", text_of(record)


def text_of(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


SOURCES = {"generated": generated, "packages": packages, "iso": iso}
