#!/usr/bin/env bash
# samples/tour.sh URL: what there is to see in the sample, over HTTP, at a server that asks for no key. Shows each request
# before its answer.
set -euo pipefail
url=$1
collections=/v1/databases/main/collections

ask() { # METHOD PATH, then more arguments of curl
  curl -sS --fail-with-body -X "$1" "$url$2" "${@:3}"
}
show() { # TITLE FILTER PATH: GET, through jq
  printf '\n# %s\n$ curl %s%s | jq %s\n' "$1" "$url" "$3" "'$2'"
  ask GET "$3" | jq "$2"
}

show 'Who we are' . /v1/me
show 'What is stored' . /v1/databases/main
show 'A country, with its subdivisions nested in it' '.subdivisions |= (.[:2] + ["... \(length - 2) more"])' \
  $collections/countries/documents/CH
printf '\n# What it refers to: its currencies, by their ids\n'
for currency in $(ask GET $collections/countries/documents/CH | jq -r '.currencies[]'); do
  show "$currency" . "$collections/currencies/documents/$currency"
done
show 'A subdivision below another' . $collections/subdivisions/documents/GB-ABC
show 'A page of a listing' '[.documents[] | ._id]' "$collections/languages/documents?limit=5"
show 'The first changes, as a follower sees them' . '/v1/databases/main/changes?limit=2'

printf '\n# A document is put, and the feed has it\n'
since=$(ask GET '/v1/databases/main/changes?since=now' | jq -r .next)
printf "$ curl -X PUT -H 'Content-Type: application/json' -d '{\"seen\": true}' %s\n" "$url$collections/visits/documents/tour"
ask PUT $collections/visits/documents/tour -H 'Content-Type: application/json' -d '{"seen": true}' | jq -c .
show 'What changed since' . "/v1/databases/main/changes?since=$since"
printf '\nWithout --dev every request shows a key: docs/guide/serving.md\n'
