// Starts the server that is to be measured, with the demo of as many rows as asked for.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.ORRERY_BIN ?? join(root, "target/dist/orrery/orrery");

const freePort = () =>
  new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

/** A running server: `{url, token, dataDir, memory(), stop()}`; `stop` keeps the data for a look at the files. */
export async function start(rows) {
  if (!existsSync(binary)) throw new Error("There is nothing to measure: run `make dist` first, or set ORRERY_BIN.");
  const dataDir = mkdtempSync(join(tmpdir(), "orrery-bench-"));
  const port = await freePort();
  const env = { ...process.env, ORRERY_DATA_DIR: dataDir, ORRERY_ADDR: `127.0.0.1:${port}` };
  const proc = spawn(binary, ["demo", "--rows", String(rows)], { env, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  proc.stderr.on("data", (text) => (log += text));
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false))) {
    if (proc.exitCode !== null) throw new Error(`The server ended:\n${log}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  const token = execFileSync(binary, ["token", "create", "--user", "demo", "--scope", "write"], { env }).toString().trim();
  const memory = () => {
    const status = readFileSync(`/proc/${proc.pid}/status`, "utf8");
    const field = (name) => Math.round(Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))[1]) / 1024);
    return { now: field("VmRSS"), peak: field("VmHWM") };
  };
  const stop = () =>
    new Promise((done) => {
      proc.once("exit", done);
      proc.kill("SIGTERM");
    });
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  return { url, token, dataDir, memory, stop, remove };
}
