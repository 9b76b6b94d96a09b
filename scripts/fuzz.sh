#!/usr/bin/env bash
# Runs the fuzz targets, each for so many minutes: scripts/fuzz.sh [MINUTES [TARGET...]]
# What breaks one lies in fuzz/artifacts; once it is mended it belongs into fuzz/found, which tests replay.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

cargo_fuzz_version=0.13.2
minutes="${1:-10}"
shift $(($# > 0 ? 1 : 0))
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(query document sql_gate upload)

command -v cargo-fuzz >/dev/null || cargo install --quiet --locked --version "$cargo_fuzz_version" cargo-fuzz
# Its own folder: other flags build everything anew.
export CARGO_TARGET_DIR="$ORRERY_CACHE/fuzz-target"
cd "$ORRERY_ROOT"
for target in "${targets[@]}"; do
  features=()
  case "$target" in sql_gate | upload) features=(--features engine) ;; esac
  found="$ORRERY_CACHE/fuzz-corpus/$target"
  mkdir -p "$found" "fuzz/corpus/$target" "fuzz/found/$target"
  # Without a sanitizer, which would need a nightly compiler: what is ours is safe Rust, and panics,
  # overflows, endless loops and growing memory are seen all the same.
  cargo fuzz run --sanitizer none "${features[@]}" "$target" \
    "$found" "fuzz/corpus/$target" "fuzz/found/$target" -- \
    -max_total_time=$((minutes * 60)) -max_len=8192 -timeout=30 -rss_limit_mb=4096 \
    -dict="fuzz/dict/$target.dict" -print_final_stats=1 -verbosity=0 2>&1 |
    grep -v '^stat::\(new_units_added\|slowest_unit\)' || {
    echo "fuzz: $target breaks; the input lies in fuzz/artifacts/$target" >&2
    exit 1
  }
done
