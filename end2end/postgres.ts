// Starts a PostgreSQL server for a test: a port and a data folder of its own. PostgreSQL refuses root,
// so under root it runs as the user that its package makes. The Rust tests do the same
// (crates/engine/tests/common/postgres.rs).

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort, until } from "./server.ts";

export interface Postgres {
  port: number;
  password: string;
  /** Runs SQL as the administrator. */
  sql(text: string): void;
  stop(): Promise<void>;
}

const PASSWORD = "correct horse battery";

// What a failed test left behind must not outlive the run.
const running = new Map<ChildProcess, string>();
process.on("exit", () => {
  for (const [proc, folder] of running) {
    proc.kill("SIGQUIT");
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Where the newest version's programs are: Debian keeps them out of the path. */
function binaries(): string {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.find((folder) => ["initdb", "postgres", "psql"].every((name) => existsSync(join(folder, name))));
  if (!found) throw new Error("PostgreSQL is missing: run scripts/setup.sh test");
  return found;
}

export async function startPostgres(): Promise<Postgres> {
  const bin = binaries();
  const folder = mkdtempSync(join(tmpdir(), "orrery-pg"));
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  const owner = process.getuid?.() === 0 ? { uid: id("-u"), gid: id("-g") } : {};
  const secret = join(folder, "password");
  writeFileSync(secret, PASSWORD);
  if (owner.uid !== undefined) for (const path of [folder, secret]) chownSync(path, owner.uid, owner.gid as number);
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const data = join(folder, "data");
  const how = ["--no-sync", "--no-instructions", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "-A", "scram-sha-256"];
  execFileSync(join(bin, "initdb"), [...how, "-D", data, "--pwfile", secret], { cwd: folder, env, stdio: "pipe", ...owner });
  const port = await freePort();
  const settings = ["fsync=off", "full_page_writes=off", "max_connections=20"].flatMap((setting) => ["-c", setting]);
  const proc = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", "", ...settings], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...owner,
  });
  running.set(proc, folder);
  let printed = "";
  for (const stream of [proc.stdout, proc.stderr]) stream?.on("data", (chunk) => (printed += chunk));
  const psql = (text: string) =>
    spawnSync(join(bin, "psql"), ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-p", String(port)], {
      env: { ...env, PGPASSWORD: PASSWORD, PGCONNECT_TIMEOUT: "10" },
      input: text,
      encoding: "utf8",
    });
  await until(
    async () => psql("SELECT 1").status === 0,
    60_000,
    () => `PostgreSQL does not answer\n${printed.slice(-5_000)}`,
  );
  return {
    port,
    password: PASSWORD,
    sql: (text) => {
      const run = psql(text);
      if (run.status !== 0) throw new Error(`${text}: ${run.stderr}`);
    },
    stop: async () => {
      const ended = new Promise<void>((resolve) => proc.once("exit", () => resolve()));
      proc.kill("SIGQUIT");
      await ended;
      running.delete(proc);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
