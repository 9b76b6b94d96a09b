// Starts a Redis server for a test: a port of its own, nothing on disk.

import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { freePort, until } from "./server.ts";

export interface Redis {
  url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again at the same address, empty. */
  start(): Promise<void>;
}

// What a failed test left behind must not outlive the run.
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const proc of running) proc.kill("SIGKILL");
});

/** Whether it answers. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.setTimeout(500, () => socket.destroy());
    socket.on("data", (data) => {
      resolve(data.toString().startsWith("+PONG"));
      socket.destroy();
    });
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
  });
}

export async function startRedis(): Promise<Redis> {
  const port = await freePort();
  let proc: ChildProcess | null = null;
  const start = async () => {
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"];
    proc = spawn("redis-server", args, { stdio: "ignore" });
    running.add(proc);
    await until(() => answers(port), 20_000, () => "Redis does not answer: run scripts/setup.sh test");
  };
  const kill = async () => {
    const ending = proc;
    if (!ending) return;
    proc = null;
    const ended = new Promise<void>((resolve) => ending.once("exit", () => resolve()));
    ending.kill("SIGKILL");
    await ended;
    running.delete(ending);
  };
  await start();
  return { url: `redis://127.0.0.1:${port}/0`, kill, start };
}
