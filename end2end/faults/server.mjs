// A real server of a scene: started, killed, started again, asked over REST, its sockets and the
// command line. It runs in a folder of its own; what a scene leaves behind is removed with the process.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const binary = process.env.ORRERY_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/orrery");
const site = process.env.ORRERY_SITE_DIR ?? join(root, "target/site");

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const running = new Set();
const folders = new Set();
process.on("exit", () => {
  for (const proc of running) proc.kill("SIGKILL");
  if (process.env.KEEP) return console.log("kept:", ...folders);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that vanishes with this process. */
export function folder(name) {
  const made = mkdtempSync(join(tmpdir(), `orrery-${name}-`));
  folders.add(made);
  return made;
}

/** Random numbers that a seed decides. */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (n) => Math.floor(next() * n), between: (low, high) => low + Math.floor(next() * (high - low + 1)) };
}

/** Waits for a condition; fails with `why` after so many milliseconds. */
export async function until(condition, timeout, why) {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(typeof why === "function" ? why() : why);
    await pause(20);
  }
}

export function check(holds, sentence) {
  if (!holds) throw new Error(sentence);
}

/** A port of the loopback that nobody uses. */
export const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** The answer did not come: the server is gone, or was killed in the middle of it. */
export class Gone extends Error {}

export class Server {
  #printed = "";

  constructor(dataDir, port, env) {
    Object.assign(this, { dataDir, port, env, url: `http://127.0.0.1:${port}`, token: undefined, proc: undefined });
  }

  /** One that is not started yet. `env` is added to its environment, `spawned` to how it is started. */
  static async of(name, { dataDir, env = {}, spawned } = {}) {
    const made = folder(name);
    const fixtures = join(made, "no-fixtures");
    mkdirSync(fixtures);
    const port = await freePort();
    const server = new Server(dataDir ?? join(made, "data"), port, { ORRERY_FIXTURES_DIR: fixtures, ORRERY_LOG: "warn", ...env });
    server.spawned = spawned ?? ((env, args) => spawn(binary, args, { env, stdio: ["ignore", "pipe", "pipe"] }));
    return server;
  }

  get environment() {
    const address = { ORRERY_ADDR: `127.0.0.1:${this.port}`, ORRERY_DATA_DIR: this.dataDir, ORRERY_SITE_DIR: site };
    return { ...process.env, ...address, ...this.env };
  }

  log = () => this.#printed.slice(-20_000);
  hasEnded = () => this.proc === undefined || this.proc.exitCode !== null || this.proc.signalCode !== null;

  /** Begins to start it; `ready` waits for the end of that. */
  launch(args = ["serve"]) {
    const proc = this.spawned(this.environment, args);
    this.proc = proc;
    running.add(proc);
    proc.once("exit", () => running.delete(proc));
    for (const stream of [proc.stdout, proc.stderr]) stream?.on("data", (chunk) => (this.#printed += chunk));
    return this;
  }

  async ready(timeout = 60_000) {
    await until(
      async () => {
        if (this.hasEnded()) throw new Error(`the server ended with ${this.proc.exitCode ?? this.proc.signalCode}\n${this.log()}`);
        return fetch(`${this.url}/readyz`, { headers: { connection: "close" }, signal: AbortSignal.timeout(2_000) }).then((a) => a.ok, () => false);
      },
      timeout,
      () => `no answer from the server in ${timeout} ms\n${this.log()}`,
    );
    return this;
  }

  start = (args) => this.launch(args).ready();

  /** Waits until the process has ended; answers its exit code. */
  ended(timeout = 20_000) {
    const proc = this.proc;
    if (this.hasEnded()) return Promise.resolve(proc?.exitCode);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the server did not end\n${this.log()}`)), timeout);
      proc.once("exit", (code) => (clearTimeout(late), resolve(code)));
    });
  }

  /** As a power cut would; the data stay. */
  async kill() {
    this.proc.kill("SIGKILL");
    await this.ended();
  }

  async stop() {
    this.proc.kill("SIGTERM");
    await this.ended();
  }

  /** Runs a command of the command line on the same data. */
  cli(args, { input = "", env = {} } = {}) {
    const done = spawnSync(binary, args, { env: { ...this.environment, ...env }, input, encoding: "utf8", timeout: 120_000 });
    return { code: done.status, out: done.stdout ?? "", err: done.stderr ?? "", all: `${done.stdout}${done.stderr}` };
  }

  /** The same, while this program goes on. */
  run(args) {
    const proc = spawn(binary, args, { env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
    let all = "";
    for (const stream of [proc.stdout, proc.stderr]) stream.on("data", (chunk) => (all += chunk));
    return new Promise((resolve) => proc.once("close", (code) => resolve({ code, all })));
  }

  /** The first administrator, and a token for the scenes. */
  furnish() {
    const user = this.cli(["user", "add", "root", "--role", "admin", "--password-stdin"], { input: "correct horse battery\n" });
    check(user.code === 0, `user add: ${user.all}`);
    const token = this.cli(["token", "create", "--user", "root", "--scope", "admin"]);
    check(token.code === 0, `token create: ${token.all}`);
    this.token = token.out.trim();
    return this;
  }

  /** Asks the REST interface. `Gone` where no whole answer came. */
  async ask(method, path, body, { headers = {}, timeout = 60_000 } = {}) {
    const sent = { method, headers: { authorization: `Bearer ${this.token}`, connection: "close", ...headers }, signal: AbortSignal.timeout(timeout) };
    if (body instanceof FormData || typeof body === "string") sent.body = body;
    else if (body !== undefined) {
      sent.body = JSON.stringify(body);
      sent.headers["content-type"] = "application/json";
    }
    try {
      const answer = await fetch(`${this.url}${path.startsWith("/") ? "" : "/api/v1/"}${path}`, sent);
      const text = await answer.text();
      const json = answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : undefined;
      return { status: answer.status, headers: answer.headers, text, json };
    } catch (cause) {
      throw new Gone(`${method} ${path}: ${cause.message}`, { cause });
    }
  }

  /** The same, where nothing but this status will do. */
  async must(status, method, path, body, options) {
    const answer = await this.ask(method, path, body, options);
    check(answer.status === status, `${method} ${path}: ${answer.status} instead of ${status}: ${answer.text}\n${this.log()}`);
    return answer.json;
  }

  /** One number out of the rows of a dataset. */
  async number(query) {
    const answer = await this.must(200, "POST", "query?fresh=true", query);
    return Number(answer.rows[0][0]);
  }

  /** Loads CSV as a dataset. */
  upload(name, csv, mode) {
    const form = new FormData();
    form.set("name", name);
    form.set("file", new Blob([csv], { type: "text/csv" }), `${name}.csv`);
    return this.ask("POST", mode ? `datasets?mode=${mode}` : "datasets", form);
  }

  /** Resident memory in MB. */
  memory() {
    const path = `/proc/${this.proc.pid}/status`;
    const kb = existsSync(path) ? /VmRSS:\s+(\d+)/.exec(readFileSync(path, "utf8")) : null;
    return kb ? Number(kb[1]) / 1024 : 0;
  }

  /** A socket whose operations can be sent one by one. */
  async socket() {
    const wire = new WebSocket(`${this.url.replace("http", "ws")}/api/v1/live`, { headers: { authorization: `Bearer ${this.token}` } });
    const waiting = new Map();
    const end = () => {
      for (const { reject } of waiting.values()) reject(new Gone("the socket closed"));
      waiting.clear();
    };
    wire.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.ack) waiting.get(message.ack)?.resolve();
      else if (message.error) for (const { reject } of waiting.values()) reject(new Error(`refused: ${data}`));
      if (message.ack) waiting.delete(message.ack);
    });
    await new Promise((resolve, reject) => {
      wire.addEventListener("open", resolve, { once: true });
      wire.addEventListener("error", () => reject(new Gone("no socket")), { once: true });
    });
    wire.addEventListener("close", end);
    wire.addEventListener("error", end);
    return {
      /** Sends an operation; resolves once it is acknowledged. */
      operate: (topic, op) =>
        new Promise((resolve, reject) => {
          waiting.set(op.id, { resolve, reject });
          if (wire.readyState !== WebSocket.OPEN) return end();
          wire.send(JSON.stringify({ topic, op }));
        }),
      close: () => wire.close(),
    };
  }
}
