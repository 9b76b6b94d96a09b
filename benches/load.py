#!/usr/bin/env python3
"""Loads a large CSV over REST and watches the server's memory.

    benches/load.py [--megabytes 1024] [--limit 256MB]

The file is generated, sent as a browser would send it, and loaded as a job. What counts is the
server's own peak (VmHWM): temporary files and the page cache are the disk's.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def find_binary():
    """The optimised build if there is one, else the one at hand."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    choices = [os.environ.get("ORRERY_BIN"), ROOT / "target/dist/orrery/orrery", target / "debug/orrery"]
    for choice in choices:
        if choice and pathlib.Path(choice).exists():
            return pathlib.Path(choice)
    sys.exit("load: there is no server to measure; run `make dist` or `make server` first")


def write_csv(path, megabytes, seed=7):
    """Times, words, numbers, empty fields, quoted text: about 100 bytes a row."""
    rng = random.Random(seed)
    regions = ["north", "south", "east", "west", "Côte d'Azur", ""]
    block = []
    for i in range(20_000):
        day = f"2024-{i % 12 + 1:02}-{i % 28 + 1:02} {i % 24:02}:{i % 60:02}:{i * 7 % 60:02}"
        note = f'"said ""{rng.randrange(10**6)}"", left"' if i % 9 == 0 else f"note {rng.randrange(10**9)}"
        block.append(
            f"{day},{rng.choice(regions)},product {rng.randrange(500)},{rng.randrange(10**7)},"
            f"{rng.randrange(1, 100)},{rng.random() * 1000:.2f},{note}\n"
        )
    with open(path, "w", encoding="utf-8") as file:
        file.write("id,at,region,product,customer_id,quantity,amount,note\n")
        row = 0
        while file.tell() < megabytes * 1_000_000:
            file.writelines(f"{row + i},{line}" for i, line in enumerate(block))
            row += len(block)
    return row


def memory_of(pid):
    """Resident now and at most, in MB."""
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if line.startswith("Vm"))
    return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))


class Server:
    def __init__(self, binary, folder, limit):
        site = os.environ.get("ORRERY_SITE_DIR") or next(
            (str(s) for s in (binary.parent / "site", ROOT / "target/site") if s.is_dir()), ""
        )
        self.env = {**os.environ, "ORRERY_DATA_DIR": str(folder), "ORRERY_ADDR": "127.0.0.1:0",
                    "ORRERY_MEMORY_LIMIT": limit, "ORRERY_SITE_DIR": site, "ORRERY_LOG": "warn"}
        self.binary = binary
        self.command("user", "add", "bench", "--role", "admin", "--password-stdin", stdin="only for this run\n")
        self.token = self.command("token", "create", "--user", "bench", "--scope", "admin").strip()
        self.process = subprocess.Popen([binary, "serve"], env=self.env, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if "Open http://" in line:
                self.address = line.split("http://")[1].strip()
                break
        else:
            sys.exit("load: the server did not start")

    def command(self, *words, stdin=""):
        done = subprocess.run([self.binary, *words], env=self.env, input=stdin, text=True, capture_output=True)
        if done.returncode:
            sys.exit(f"load: orrery {' '.join(words)}: {done.stderr}")
        return done.stdout

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=3600)
        connection.request(method, path, body, {"Authorization": f"Bearer {self.token}", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def multipart(path, boundary="a-boundary-of-the-bench"):
    """The form in pieces, so that the file is never in memory here either."""
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\nbig\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n'
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    def pieces():
        yield head
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk
        yield tail

    length = len(head) + path.stat().st_size + len(tail)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(length)}
    return pieces(), headers


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--megabytes", type=int, default=1024)
    options.add_argument("--limit", default="256MB", help="ORRERY_MEMORY_LIMIT of the server")
    options = options.parse_args()
    binary = find_binary()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        path = folder / "big.csv"
        rows = write_csv(path, options.megabytes)
        size = path.stat().st_size / 1e6
        print(f"{size:.0f} MB of CSV, {rows} rows; {binary.name} with ORRERY_MEMORY_LIMIT={options.limit}")
        server = Server(binary, folder / "data", options.limit)
        try:
            measure(server, path, rows, size)
        finally:
            server.process.terminate()
            server.process.wait()


def measure(server, path, rows, size):
    pid = server.process.pid
    print(f"at rest: {memory_of(pid)[0]:.0f} MB")
    samples, over = [], threading.Event()

    def sample():
        while not over.wait(0.1):
            samples.append(memory_of(pid)[0])

    watcher = threading.Thread(target=sample)
    watcher.start()
    try:
        started = time.monotonic()
        body, headers = multipart(path)
        status, job = server.request("POST", "/api/v1/datasets", body, headers)
        if status != 202:
            sys.exit(f"load: {status} {job}")
        uploaded = time.monotonic()
        print(f"uploaded in {uploaded - started:.1f} s, resident at most {max(samples):.0f} MB")
        while job["status"] in ("queued", "running"):
            time.sleep(0.2)
            _, job = server.request("GET", f"/api/v1/jobs/{job['id']}")
        if job["status"] != "succeeded" or job["result"]["row_count"] != rows:
            sys.exit(f"load: {job}")
        print(f"loaded in {time.monotonic() - uploaded:.1f} s ({size / (time.monotonic() - uploaded):.0f} MB/s)")
    finally:
        over.set()
        watcher.join()
    resident, peak = memory_of(pid)
    print(f"peak {peak:.0f} MB, at the end {resident:.0f} MB resident")


main()
