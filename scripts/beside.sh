#!/usr/bin/env bash
# Runs two commands at once: beside.sh QUIET LOUD. What QUIET prints is shown when it ends.
# Fails when either fails.
set -uo pipefail
# Jobs in groups of their own, so that a stopped one takes its children along.
set -m
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
bash -c "$1" >"$log" 2>&1 &
quiet=$!
bash -c "$2"
loud_status=$?
# Nothing is gained by finishing what stands beside a failure.
if [ "$loud_status" != 0 ]; then kill -- "-$quiet" 2>/dev/null; fi
wait "$quiet"
quiet_status=$?
cat "$log"
[ "$loud_status" != 0 ] && exit "$loud_status"
exit "$quiet_status"
