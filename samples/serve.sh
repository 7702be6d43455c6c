#!/usr/bin/env bash
# samples/serve.sh QUIRE DATA: serves DATA, where the sample is, and shows it over HTTP. From a terminal it goes on until
# Ctrl-C; otherwise the server ends with the tour.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
quire=$1 data=$2
listen=${QUIRE_LISTEN:-127.0.0.1:8800}
# Another server may have the port; a tour does not mind which one it is.
[ -t 0 ] || listen=127.0.0.1:0
work=$(mktemp -d)
server=
end() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

# --dev: on loopback, and without a key, so that everything can be tried at once.
echo "\$ quire serve --dev --data $data --listen $listen"
"$quire" serve --dev --data "$data" --listen "$listen" >"$work/out" 2>"$work/err" &
server=$!
for _ in $(seq 1 300); do
  kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
  url=$(sed -n 's/^Listening on \(http:[^ ]*\)$/\1/p' "$work/out")
  [ -z "$url" ] || [ "$(curl -s -o "$work/ready" -w '%{http_code}' "$url/readyz")" != 200 ] || break
  sleep 0.1
done
cat "$work/out"
"$here"/tour.sh "$url"
[ -t 0 ] || exit 0
printf '\nServing %s on %s until Ctrl-C\n' "$data" "$url"
wait "$server"
