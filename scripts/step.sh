#!/usr/bin/env bash
# Runs one step of a longer recipe and says how long it took: step.sh NAME COMMAND...
set -euo pipefail
name="$1"
shift
echo "== $name"
SECONDS=0
if "$@"; then
  echo "== $name: done in $SECONDS s"
else
  status=$?
  echo "== $name: FAILED after $SECONDS s" >&2
  exit "$status"
fi
