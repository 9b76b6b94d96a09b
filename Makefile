# `make run` serves the demo, `make test` runs everything. Both install what is missing.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Everything that runs on this machine, always named together: cargo builds the
# dependencies with the features of all packages named, so one list means one build.
HOST := $(patsubst crates/%/Cargo.toml,-p %,$(wildcard crates/*/Cargo.toml)) -p app -p server -p xtask
BENCHES := $(patsubst crates/%/benches,-p %,$(wildcard crates/*/benches))
ENV := . scripts/env.sh;
STEP := $(ENV) scripts/step.sh
XTASK := "$$CARGO_TARGET_DIR/debug/xtask"
FAULTS := node --experimental-websocket end2end/faults/run.mjs

.PHONY: help run test setup-build setup-test bins tests server client lint fmt unit js e2e api soak bench bench-intelligence dist clean

help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' Makefile

run: bins ## build what is missing and serve the demo
	@$(STEP) client $(XTASK) client
	@$(ENV) export ORRERY_SITE_DIR="$$ORRERY_ROOT/target/site"; \
	  echo "Open http://$${ORRERY_ADDR:-127.0.0.1:3000} (Ctrl-C stops the server)"; \
	  exec "$$CARGO_TARGET_DIR/debug/orrery" demo

test: ## install what the tests need and run all of them
	@$(ENV) scripts/step.sh "all tests" $(MAKE) every-test
	@echo "All tests passed. Next: make run"

# The client takes one core for minutes, the lints and tests mostly the other.
every-test: setup-test tests
	@scripts/beside.sh "$(MAKE) client-only" "$(MAKE) lint-only unit-only js"
	@$(MAKE) e2e-only api-only

setup-build:
	@$(STEP) "setup for building" scripts/setup.sh build

setup-test:
	@$(STEP) "setup for testing" scripts/setup.sh test

bins: setup-build
	@$(STEP) "server and tools" cargo build --bins $(HOST)

# With the tests go the binaries that the browser tests use. Both share their dependencies
# (see xtask/Cargo.toml).
tests:
	@$(STEP) "server and tests" cargo build --bins --tests $(HOST)

server: bins ## build the server (target/debug/orrery in CARGO_TARGET_DIR)

client: bins ## build the browser's half into target/site
	@$(STEP) client $(XTASK) client

fmt: ## format all Rust code
	@$(ENV) cargo fmt --all

lint: setup-build bins lint-only ## check format, lints, layers, sizes and dependencies

.PHONY: every-test lint-only unit-only client-only e2e-only api-only
# Steps build on each other, and cargo uses all cores by itself.
.NOTPARALLEL:

lint-only:
	@$(STEP) format cargo fmt --all -- --check
	@$(STEP) tidy $(XTASK) tidy
	@$(STEP) "dependencies" $(XTASK) deny
	@$(STEP) "lints" cargo clippy $(HOST) --all-targets -- -D warnings
	@$(STEP) "lints of the client" cargo clippy -p frontend --lib -- -D warnings

unit: setup-test tests unit-only js ## unit and integration tests

unit-only:
	@$(STEP) "renderer for paper" $(XTASK) paper
	@$(STEP) "unit and integration tests" cargo nextest run $(HOST)

js:
	@$(STEP) "tests of the scripts" npm --prefix frontend test --silent

e2e: setup-test tests client-only e2e-only ## browser tests; ARGS="-g word" chooses some

client-only:
	@$(STEP) client $(XTASK) client

e2e-only:
	@$(STEP) "renderer for paper" $(XTASK) paper
	@$(STEP) "charts on paper" cargo nextest run $(HOST) --test gallery
	@$(STEP) "browser tests" $(XTASK) e2e --prebuilt $(ARGS)

api: setup-test bins client-only api-only ## fuzz the REST interface; ARGS="--seed 5" chooses another seed

api-only:
	@$(STEP) "fuzzed REST interface" scripts/api.py --examples 8 $(ARGS)
	@$(STEP) "faults" $(FAULTS) --only kills,full,readonly,damaged,backups

soak: setup-test tests client-only ## the long campaigns: much fuzzing, many random cases
	@$(STEP) "fuzzed REST interface, long" scripts/api.py --examples 300 --random $(ARGS)
	@$(STEP) "faults, $${KILLS:-200} kills" $(FAULTS) --random --kills $${KILLS:-200} --overload 60
	@$(STEP) "fuzz targets, $${FUZZ_MINUTES:-10} minutes each" scripts/fuzz.sh $${FUZZ_MINUTES:-10}
	@$(STEP) "a wall for $${WALL_MINUTES:-10} minutes" node benches/wall.mjs --minutes $${WALL_MINUTES:-10}
	@$(ENV) export PROPTEST_CASES=$${PROPTEST_CASES:-5000} PROOF_SEED=$${PROOF_SEED:-$$RANDOM}; \
	  scripts/step.sh "property tests, $$PROPTEST_CASES cases" cargo nextest run $(HOST) \
    -E 'binary(/propert|convergence|hostile/) + test(/arbitrary|smuggling|relative_dates|number_tests|records/)'

bench: setup-build ## measure; see benches/
	@$(ENV) export PROPTEST_CASES=$${PROPTEST_CASES:-20000} PROOF_SEED=$${PROOF_SEED:-$$RANDOM}; \
	  scripts/step.sh "$$PROPTEST_CASES questions beside a second evaluation, seed $$PROOF_SEED" \
	  cargo nextest run $(HOST) -E 'binary(properties)'
	@$(ENV) export PROPTEST_CASES=$${EDIT_CASES:-10000}; \
	  scripts/step.sh "$$PROPTEST_CASES times people who edit at once" cargo nextest run $(HOST) -E 'binary(document_convergence)'
	@$(if $(BENCHES),$(STEP) benchmarks cargo bench $(BENCHES) --benches)
	@$(ENV) shopt -s nullglob; found=0; \
	  for script in benches/*.sh benches/*.py; do \
	    found=1; \
	    case "$$script" in *.py) scripts/step.sh "$$script" python3 "$$script" ;; *) scripts/step.sh "$$script" bash "$$script" ;; esac; \
	  done; \
	  if [ "$$found" = 0 ] && [ -z "$(BENCHES)" ]; then echo "There is nothing to measure yet."; fi

bench-intelligence: bins ## measure forecasts, detectors, insights and asking on ORRERY_BENCH_DATA
	@$(STEP) "figures of the intelligence" python3 benches/intelligence.py --required

dist: bins ## build the archive to hand out (target/orrery-*.tar.gz)
	@$(STEP) archive $(XTASK) dist

clean: ## remove what was built, keep what was fetched
	@$(ENV) rm -rf target end2end/test-results end2end/playwright-report; cargo clean
