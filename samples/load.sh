#!/usr/bin/env bash
# samples/load.sh QUIRE DATA: makes the sample and imports it, unless DATA holds it already. QUIRE is the program.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
quire=$1 data=$2
made=$here/../build/samples

# The last collection that is loaded stands for all of them: a load that was interrupted is done again.
if "$quire" get main/countries/ZW --data "$data" >/dev/null 2>&1; then
  echo "The sample is in $data already."
  exit 0
fi
"$here"/iso.py "$made"
for collection in languages currencies subdivisions countries; do
  echo "\$ quire import --collection $collection $collection.ndjson"
  "$quire" import --data "$data" --collection "$collection" --existing skip "$made/$collection.ndjson"
done
