#!/usr/bin/env bash
# samples/tour.sh QUIRE DATA: what there is to see in the sample. Shows each command before what it answers.
set -euo pipefail
quire=$1 data=$2

show() { # TITLE, then the arguments of quire
  printf '\n# %s\n$ quire %s\n' "$1" "${*:2}"
  "$quire" "${@:2}" --data "$data"
}

show 'What is stored, and how much of it' stat
printf '\n# A country, with its subdivisions nested in it\n$ quire get main/countries/CH | jq\n'
"$quire" get main/countries/CH --data "$data" | jq '.subdivisions |= (.[:2] + ["... \(length - 2) more"])'
printf '\n# What it refers to: its currencies, by their ids\n'
for currency in $("$quire" get main/countries/CH --data "$data" | jq -r '.currencies[]'); do
  show "$currency" get "main/currencies/$currency"
done
show 'A subdivision below another' get main/subdivisions/GB-ABC
printf '\n# The latest changes, as a follower sees them\n$ quire changes | tail -n 3\n'
"$quire" changes --data "$data" | tail -n 3 | cut -c 1-200
show 'Every byte checked' verify
printf '\nThe data is in %s. More: quire --help\n' "$data"
