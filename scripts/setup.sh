#!/usr/bin/env bash
# Installs what building (`setup.sh build`) or testing (`setup.sh test`) needs.
# Safe to run again at any time: a step with nothing to do costs a few milliseconds.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

duckdb_package_version=1.5.6-r.1
schemathesis_version=4.32.5
aiosmtpd_version=1.4.6

mode="${1:-build}"
case "$mode" in
  build | test) ;;
  *) echo "usage: scripts/setup.sh build|test" >&2; exit 2 ;;
esac

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
# macOS has no timeout(1).
limit() { if have timeout; then timeout "$@"; else shift; "$@"; fi; }

# --- packages of the system -------------------------------------------------

as_root=()
can_apt() {
  have apt-get || return 1
  if [ "$(id -u)" = 0 ]; then as_root=(); return 0; fi
  have sudo && sudo -n true 2>/dev/null && as_root=(sudo) && return 0
  return 1
}

is_installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

apt_updated=no
# Installs the named packages that are missing; fails when it cannot.
apt_install() {
  local missing=() package
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! can_apt; then
    say "cannot install packages as this user; run: sudo apt-get install ${missing[*]}"
    return 1
  fi
  if [ "$apt_updated" = no ]; then
    say "refreshing the package lists"
    "${as_root[@]}" apt-get update -qq || return 1
    apt_updated=yes
  fi
  say "installing ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# --- what must be there already ---------------------------------------------

check_basics() {
  have cargo || die "Rust is missing: install it with rustup (1.94 or later)"
  have node || die "Node.js 20 or later is missing"
  have npm || die "npm is missing (it comes with Node.js)"
  local major
  major="$(node -p 'process.versions.node.split(".")[0]')"
  [ "$major" -ge 20 ] || die "Node.js 20 or later is needed, this is $major"
  have cc || apt_install gcc libc6-dev || die "a C compiler is missing"
  mkdir -p "$ORRERY_CACHE"
}

# A faster linker; env.sh uses it only when it is there.
setup_linker() {
  [ "$(uname -s)" = Linux ] || return 0
  have mold && return 0
  apt_install mold || say "going on without mold: linking takes longer"
}

# --- DuckDB ------------------------------------------------------------------

# npm carries DuckDB's official shared library; compiling it takes half an hour.
setup_duckdb() {
  local platform library stamp package archive unpacked
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 library=libduckdb.so ;;
    Linux-aarch64) platform=linux-arm64 library=libduckdb.so ;;
    Darwin-x86_64) platform=darwin-x64 library=libduckdb.dylib ;;
    Darwin-arm64) platform=darwin-arm64 library=libduckdb.dylib ;;
    *) die "no ready-made DuckDB for $(uname -s) $(uname -m)" ;;
  esac
  stamp="$DUCKDB_LIB_DIR/.version"
  if [ -e "$DUCKDB_LIB_DIR/$library" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$duckdb_package_version" ]; then
    return 0
  fi
  say "fetching DuckDB ($platform $duckdb_package_version)"
  package="duckdb-node-bindings-$platform-$duckdb_package_version.tgz"
  archive="$ORRERY_CACHE/npm/$package"
  mkdir -p "$ORRERY_CACHE/npm" "$DUCKDB_LIB_DIR"
  if [ ! -e "$archive" ]; then
    (cd "$ORRERY_CACHE/npm" && npm pack --silent "@duckdb/node-bindings-$platform@$duckdb_package_version" >/dev/null)
  fi
  unpacked="$(mktemp -d "$ORRERY_CACHE/npm/unpack.XXXXXX")"
  tar -xzf "$archive" -C "$unpacked"
  # The same file stays in place: a new one would make cargo build DuckDB's crates again.
  if ! cmp -s "$unpacked/package/$library" "$DUCKDB_LIB_DIR/$library"; then
    mv "$unpacked/package/$library" "$DUCKDB_LIB_DIR/$library"
  fi
  cp "$unpacked/package/LICENSE" "$DUCKDB_LIB_DIR/LICENSE"
  rm -rf "$unpacked"
  echo "$duckdb_package_version" >"$stamp"
}

# --- WebAssembly --------------------------------------------------------------

wasm_target=wasm32-unknown-unknown
wasm_env="$ORRERY_CACHE/wasm.env"
rustup_failed="$ORRERY_CACHE/rustup-wasm-failed"

has_wasm_target() {
  if have rustup; then
    rustup target list --installed 2>/dev/null | grep -qx "$wasm_target"
  else
    [ -d "$(rustc --print sysroot)/lib/rustlib/$wasm_target/lib" ]
  fi
}

add_wasm_target() {
  have rustup || return 1
  if [ -e "$rustup_failed" ]; then return 1; fi
  say "adding the WebAssembly target with rustup"
  limit 60 rustup target add "$wasm_target" && return 0
  say "rustup could not fetch it; remembered in $rustup_failed (remove that file to try again)"
  touch "$rustup_failed"
  return 1
}

# Debian's compiler with a standard library built from Debian's own source, kept
# in a folder of its own: nothing under /usr is changed but by the package manager.
debian_wasm() {
  local version sysroot work
  [ -x /usr/bin/rustc ] && have wasm-ld-22 && [ -d /usr/lib/rustlib/src/rust/library ] ||
    apt_install rustc-web rust-web-src lld-22 ||
    return 1
  version="$(/usr/bin/rustc -V | awk '{print $2}')"
  sysroot="$ORRERY_CACHE/wasm-sysroot-$version"
  if [ ! -e "$sysroot/.done" ]; then
    say "building the standard library for WebAssembly (half a minute)"
    rm -rf "$sysroot"
    work="$(mktemp -d)"
    mkdir -p "$work/src" "$sysroot/lib/rustlib/$wasm_target/lib"
    echo '#![no_std]' >"$work/src/lib.rs"
    printf '[package]\nname = "stub"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
    # With bitcode beside the object code, both linking with and without
    # link-time optimisation work.
    (
      cd "$work"
      RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" \
        CARGO_PROFILE_RELEASE_OPT_LEVEL=s \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C embed-bitcode=yes" \
        cargo build --quiet --release -Zbuild-std=std,panic_abort --target "$wasm_target"
    ) || return 1
    rm -f "$work/target/$wasm_target/release/deps/"libstub-*
    cp "$work/target/$wasm_target/release/deps/"lib*.rlib "$sysroot/lib/rustlib/$wasm_target/lib/"
    rm -rf "$work"
    touch "$sysroot/.done"
  fi
  # Read by xtask, for the client's build alone.
  printf '%s\n' "RUSTC=/usr/bin/rustc" \
    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22" \
    "ORRERY_WASM_RUSTFLAGS=--sysroot $sysroot" >"$wasm_env.new"
}

# ORRERY_WASM=rustup or debian chooses; otherwise whichever works.
setup_wasm() {
  local choice="${ORRERY_WASM:-any}"
  rm -f "$wasm_env.new"
  if [ "$choice" != debian ] && { has_wasm_target || add_wasm_target; }; then
    echo "# the compiler of rustup has the target" >"$wasm_env.new"
  elif [ "$choice" != rustup ] && debian_wasm; then
    :
  else
    die "no WebAssembly target: run 'rustup target add $wasm_target' and start again"
  fi
  if cmp -s "$wasm_env.new" "$wasm_env"; then rm "$wasm_env.new"; else mv "$wasm_env.new" "$wasm_env"; fi
}

# --- packages of npm and PyPI ---------------------------------------------------

# `npm ci` only when the lock file changed since the last one.
npm_ci() {
  local folder="$ORRERY_ROOT/$1" wanted
  wanted="$(cksum <"$folder/package-lock.json")"
  if [ "$(cat "$folder/node_modules/.lock-sum" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  say "installing npm packages in $1/"
  (cd "$folder" && npm ci --silent --no-audit --no-fund) || die "npm ci failed in $1/"
  echo "$wanted" >"$folder/node_modules/.lock-sum"
}

setup_browser() {
  [ -x /usr/bin/chromium ] && return 0
  if [ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}")" = debian ] && apt_install chromium; then return 0; fi
  say "fetching Playwright's Chromium"
  (cd "$ORRERY_ROOT/end2end" && env -u PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD npx playwright install chromium) ||
    die "no browser for the tests: install chromium and start again"
}

setup_nextest() {
  have cargo-nextest && return 0
  say "installing cargo-nextest (some minutes, once)"
  env -u CARGO_TARGET_DIR cargo install --quiet --locked cargo-nextest
}

# The fuzzer of the REST interface, and a mail server for tests.
setup_python() {
  local venv="$ORRERY_CACHE/venv" wanted="schemathesis==$schemathesis_version aiosmtpd==$aiosmtpd_version"
  if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null; then return 0; fi
  have python3 || die "Python 3 is missing"
  say "installing $wanted"
  rm -rf "$venv"
  if ! python3 -m venv "$venv" >/dev/null 2>&1; then
    apt_install python3-venv || die "Python's venv module is missing"
    python3 -m venv "$venv"
  fi
  # shellcheck disable=SC2086 # two words
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check $wanted
  echo "$wanted" >"$venv/.installed"
}

# A real server for the tests of sources, and what makes certificates for it. Debian starts one of its
# own after installing; the tests start theirs.
setup_postgres() {
  { have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; } && have openssl && return 0
  apt_install postgresql openssl || die "PostgreSQL's server and openssl are missing: install them and start again"
}

# A real Redis for the tests of several servers; they start their own.
setup_redis() {
  have redis-server && return 0
  apt_install redis-server || die "Redis's server is missing: install redis-server and start again"
}

check_basics
setup_linker
setup_duckdb
setup_wasm
npm_ci frontend
if [ "$mode" = test ]; then
  npm_ci end2end
  setup_browser
  setup_postgres
  setup_redis
  setup_nextest
  setup_python
fi
say "ready to $mode"
