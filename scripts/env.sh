# Sourced by every recipe of the Makefile, and by hand: `. scripts/env.sh`.
# One set of folders and flags for every build, so that dependencies compile once.
ORRERY_CACHE="${ORRERY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/orrery}"
ORRERY_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export ORRERY_CACHE ORRERY_ROOT
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ORRERY_CACHE/target}"
export DUCKDB_LIB_DIR="${DUCKDB_LIB_DIR:-$ORRERY_CACHE/duckdb}"
export DUCKDB_INCLUDE_DIR="${DUCKDB_INCLUDE_DIR:-$DUCKDB_LIB_DIR}"
case ":${LD_LIBRARY_PATH:-}:" in
  *":$DUCKDB_LIB_DIR:"*) ;;
  *) export LD_LIBRARY_PATH="$DUCKDB_LIB_DIR${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ;;
esac
# Server function addresses must not depend on where the checkout lies.
export SERVER_FN_OVERRIDE_KEY=orrery
# Snapshots lie in the checkout that is tested, wherever the tests were compiled.
export INSTA_WORKSPACE_ROOT="$ORRERY_ROOT"
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
host_flags="--cfg erase_components"
command -v mold >/dev/null 2>&1 && host_flags="$host_flags -C link-arg=-fuse-ld=mold"
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="$host_flags"
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS="$host_flags"
# macOS drops DYLD_LIBRARY_PATH on the way through a shell: there the path goes into the binary.
mac_flags="--cfg erase_components -C link-arg=-Wl,-rpath,$DUCKDB_LIB_DIR"
export CARGO_TARGET_X86_64_APPLE_DARWIN_RUSTFLAGS="$mac_flags"
export CARGO_TARGET_AARCH64_APPLE_DARWIN_RUSTFLAGS="$mac_flags"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--cfg erase_components --cfg getrandom_backend=\"wasm_js\""
