#!/usr/bin/env python3
"""Fuzzes the REST interface of a server of its own with schemathesis.

    scripts/api.py [--examples 4] [--seed 1] [--random]

The server has the demo's sales data and an administrator's token. Every answer must be one that
the description names: no 500, no undocumented status, content type or shape. The same seed sends
the same requests; `--random` draws one.
"""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--examples", type=int, default=4, help="requests an operation and phase")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--random", action="store_true", help="a seed nobody has tried")
    options = options.parse_args()
    seed = random.randrange(2**32) if options.random else options.seed
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    binary = pathlib.Path(os.environ.get("ORRERY_BIN", target / "debug/orrery"))
    fuzzer = pathlib.Path(os.environ.get("ORRERY_CACHE", "~/.cache/orrery")).expanduser() / "venv/bin/schemathesis"
    for needed, command in ((binary, "make server"), (fuzzer, "scripts/setup.sh test")):
        if not needed.exists():
            sys.exit(f"api: {needed.name} is missing; run: {command}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "no-fixtures").mkdir()
        env = {
            **os.environ,
            "ORRERY_DATA_DIR": str(folder / "data"),
            "ORRERY_ADDR": "127.0.0.1:0",
            "ORRERY_SITE_DIR": os.environ.get("ORRERY_SITE_DIR", str(ROOT / "target/site")),
            "ORRERY_FIXTURES_DIR": str(folder / "no-fixtures"),
            "ORRERY_LOG": "warn",
        }
        with open(folder / "server.log", "w+", encoding="utf-8") as log:
            server = subprocess.Popen(
                [binary, "demo", "--rows", "2000"], env=env, stdout=subprocess.PIPE, stderr=log, text=True
            )
            try:
                failed = fuzz(server, binary, fuzzer, env, seed, options.examples, folder)
            finally:
                server.terminate()
                server.wait()
            if failed:
                log.seek(0)
                print("the server's log ends with:", *log.readlines()[-40:], sep="\n", file=sys.stderr)
                sys.exit(f"api: the fuzzer found something; again: scripts/api.py --seed {seed} --examples {options.examples}")


def fuzz(server, binary, fuzzer, env, seed, examples, folder):
    address = next((line.split("Open ")[1].strip() for line in server.stdout if "Open http://" in line), None)
    if address is None:
        return True
    made = subprocess.run(
        [binary, "token", "create", "--user", "demo", "--scope", "admin"],
        env=env, check=True, capture_output=True, text=True,
    )
    command = [
        fuzzer, "--config-file", ROOT / "scripts/schemathesis.toml", "run", f"{address}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {made.stdout.strip()}",
        "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples), "--seed", str(seed),
        "--checks", CHECKS, "--suppress-health-check", "all", "--generation-database", "none",
        # It would change the password of the account it runs as.
        "--exclude-path-regex", "me/password",
        "--warnings", "off",
    ]
    return subprocess.run(command, cwd=folder, check=False).returncode != 0


main()
