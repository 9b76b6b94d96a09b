#!/usr/bin/env bash
# Twenty people edit one dashboard at once: how soon an edit is in the log, and how soon the others
# have it. Figures belong into docs/performance.md. EDITORS=40 SECONDS_EACH=60 change the scene.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
# All packages named, as everywhere: one list means one build of the dependencies.
host=(-p app -p server -p xtask)
for crate in crates/*/; do host+=(-p "$(basename "$crate")"); done
cargo build --quiet "${host[@]}" --bins --example editors
dir="$(mktemp -d)"
orrery="$CARGO_TARGET_DIR/debug/orrery"
export ORRERY_DATA_DIR="$dir/data" ORRERY_ADDR="127.0.0.1:${PORT:-4198}" ORRERY_LOG=warn
tokens=()
for i in $(seq "${EDITORS:-20}"); do
  "$orrery" user add "editor$i" --role admin --password-stdin <<<"a password of bench" >/dev/null
  tokens+=("$("$orrery" token create --user "editor$i" --scope admin)")
done
"$orrery" serve >"$dir/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$dir"' EXIT
until curl -fs "http://$ORRERY_ADDR/readyz" >/dev/null; do kill -0 $server || { cat "$dir/log"; exit 1; }; sleep 0.2; done
tiles="$(for i in $(seq 0 11); do
  echo "{\"id\":\"t$i\",\"type\":\"text\",\"title\":\"Tile $i\",\"text\":\"\",\"data_source\":{\"options\":{}},\"position\":{\"x\":$((i % 3 * 4)),\"y\":$((i / 3 * 4)),\"w\":4,\"h\":4}}"
done | paste -sd,)"
id="$(curl -fsS "http://$ORRERY_ADDR/api/v1/dashboards" -H "Authorization: Bearer ${tokens[0]}" \
  -H 'Content-Type: application/json' -d "{\"name\":\"Bench\",\"layout\":{\"widgets\":[$tiles]}}" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')"
"$CARGO_TARGET_DIR/debug/examples/editors" "http://$ORRERY_ADDR" "$id" "${SECONDS_EACH:-20}" "${tokens[@]}"
