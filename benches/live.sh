#!/usr/bin/env bash
# The hub under load: what an idle socket costs, how late a value is at many sockets. Figures belong
# into docs/performance.md. SOCKETS=10000 changes how many follow one metric.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
sockets="${SOCKETS:-10000}"
# Both ends of a socket are files.
ulimit -n "$(ulimit -Hn)"
# All packages named, as everywhere: one list means one build of the dependencies.
host=(-p app -p server -p xtask)
for crate in crates/*/; do host+=(-p "$(basename "$crate")"); done
cargo build --quiet "${host[@]}" --bins --example live
dir="$(mktemp -d)"
orrery="$CARGO_TARGET_DIR/debug/orrery"
export ORRERY_DATA_DIR="$dir/data" ORRERY_ADDR="127.0.0.1:${PORT:-4199}" ORRERY_LOG=warn ORRERY_MAX_SOCKETS_PER_USER=1000000
"$orrery" user add bench --role admin --password-stdin <<<"a password of bench" >/dev/null
token="$("$orrery" token create --user bench --scope admin)"
printf 'a\n1\n' >"$dir/load.csv"
"$orrery" import "$dir/load.csv" --name load >/dev/null
"$orrery" serve >"$dir/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$dir"' EXIT
until curl -fs "http://$ORRERY_ADDR/readyz" >/dev/null; do kill -0 $server || { cat "$dir/log"; exit 1; }; sleep 0.2; done
live() { "$CARGO_TARGET_DIR/debug/examples/live" "http://$ORRERY_ADDR" "$token" "$server" "$@"; }
live idle 2000
live one "$sockets" 20
live many 1000 20
