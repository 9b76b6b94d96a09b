#!/usr/bin/env bash
# The server of `make dist` measured from outside; see benches/outside/main.mjs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/outside"
[ -d node_modules ] || PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-save --silent
exec node main.mjs
