// Starts the real server for a test: a port and a data folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve as absolute } from "node:path";

export interface ServerOptions {
  /** Arguments of the binary; `["demo"]` when left out. */
  args?: string[];
  /** Added to the environment. */
  env?: Record<string, string>;
  /** An existing data folder; kept when the server stops. */
  dataDir?: string;
  /** The port to listen on; a free one when left out. */
  port?: number;
  /** How long it may take to answer, in milliseconds. */
  startTimeout?: number;
}

export interface Server {
  url: string;
  dataDir: string;
  /** The running process; another one after `restart`. */
  proc: ChildProcess;
  /** What the server has printed, the latest process last. */
  log(): string;
  /** Ends it in good order and removes the data folder that was made for it. */
  stop(): Promise<void>;
  /** Ends it as a power cut would; the data folder stays. */
  kill(): Promise<void>;
  /** Starts it again, at the same address and on the same data; ends it first if need be. */
  restart(): Promise<void>;
}

// What a failed test left behind must not outlive the run.
const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on("exit", () => {
  for (const proc of running) proc.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A port of the loopback that nobody uses. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Asks until the condition holds; fails with `why` when it does not in time. */
export async function until(condition: () => Promise<boolean>, timeout: number, why: () => string): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(why());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const hasEnded = (proc: ChildProcess) => proc.exitCode !== null || proc.signalCode !== null;

async function end(proc: ChildProcess, signal: NodeJS.Signals, log: () => string): Promise<void> {
  if (hasEnded(proc)) return;
  const ended = new Promise<void>((resolve) => proc.once("exit", () => resolve()));
  proc.kill(signal);
  const late = setTimeout(() => proc.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(late);
  if (signal === "SIGTERM" && proc.signalCode === "SIGKILL") throw new Error(`the server did not stop\n${log()}`);
}

/** Starts `$ORRERY_BIN` and waits until it answers. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const binary = process.env.ORRERY_BIN;
  if (!binary) throw new Error("ORRERY_BIN is not set: run the tests with `make e2e`");
  const { args = ["demo"], env = {}, startTimeout = 30_000 } = options;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "orrery-"));
  if (!options.dataDir) folders.add(dataDir);
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  let printed = "";
  const log = () => printed.slice(-20_000);

  const launch = async (): Promise<ChildProcess> => {
    const proc = spawn(binary, args, {
      env: { ...process.env, ORRERY_ADDR: `127.0.0.1:${port}`, ORRERY_DATA_DIR: dataDir, ORRERY_FIXTURES_DIR: absolute("../fixtures"), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let broken: Error | undefined;
    proc.on("error", (error) => (broken = error));
    running.add(proc);
    proc.on("exit", () => running.delete(proc));
    for (const stream of [proc.stdout, proc.stderr]) stream?.on("data", (chunk) => (printed += chunk));
    const answers = async () => {
      if (broken) throw broken;
      if (hasEnded(proc)) throw new Error(`the server ended with ${proc.exitCode ?? proc.signalCode}\n${log()}`);
      return fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1000) }).then((answer) => answer.ok, () => false);
    };
    try {
      await until(answers, startTimeout, () => `no answer from the server in ${startTimeout} ms\n${log()}`);
    } catch (error) {
      proc.kill("SIGKILL");
      throw error;
    }
    return proc;
  };

  const server: Server = {
    url,
    dataDir,
    proc: await launch(),
    log,
    stop: async () => {
      await end(server.proc, "SIGTERM", log);
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    },
    kill: () => end(server.proc, "SIGKILL", log),
    restart: async () => {
      await end(server.proc, "SIGTERM", log);
      server.proc = await launch();
    },
  };
  return server;
}
