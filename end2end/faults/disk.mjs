// The disk under a server fills up, becomes read-only, and holds damaged files: what cannot be done is
// refused with a sentence, everything else goes on, and nothing is lost.
//
// Full and read-only disks are small file systems in memory, in a mount namespace of their own, which
// needs no rights where the system lets users make namespaces. Where it does not, that is said.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Server, binary, check, folder } from "./server.mjs";

/** A small disk of its own, or nothing where the system forbids it. */
async function disk(name, megabytes) {
  const place = join(folder(name), "disk");
  mkdirSync(place);
  const script = `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && echo made && exec sleep 3600`;
  const holder = spawn("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script, place], { stdio: ["ignore", "pipe", "pipe"] });
  process.on("exit", () => holder.kill("SIGKILL"));
  let said = "";
  holder.stderr.on("data", (chunk) => (said += chunk));
  holder.on("error", (cause) => (said += cause.message));
  const made = await Promise.race([once(holder.stdout, "data"), once(holder, "close").catch(() => []), once(holder, "error").catch(() => [])]);
  if (!String(made[0]).includes("made")) return { missing: said.trim() || "no mount namespace" };
  const inside = ["--preserve-credentials", "--user", "--mount", `--target=${holder.pid}`, "--"];
  const run = (...command) => spawnSync("nsenter", [...inside, ...command], { encoding: "utf8", timeout: 60_000 });
  return {
    data: join(place, "data"),
    spawned: (env, args) => spawn("nsenter", [...inside, binary, ...args], { env, stdio: ["ignore", "pipe", "pipe"] }),
    /** Runs the command line inside. */
    cli: (server, args) => {
      const env = server.environment;
      const done = spawnSync("nsenter", [...inside, binary, ...args], { env, encoding: "utf8", timeout: 60_000, input: "correct horse battery\n" });
      return { code: done.status, out: done.stdout, all: `${done.stdout}${done.stderr}` };
    },
    fill: () => run("sh", "-c", 'cat /dev/zero >"$0" 2>/dev/null; true', join(place, "fill")),
    free: () => run("rm", "-f", join(place, "fill")),
    readOnly: (yes) => {
      const done = run("mount", "-o", `remount,${yes ? "ro" : "rw"}`, place);
      check(done.status === 0, `remount: ${done.stderr}`);
    },
    end: () => holder.kill("SIGKILL"),
  };
}

const skipped = (why) => `SKIPPED: this system makes no disk for a test (${why})`;
const rows = (from, count) => Array.from({ length: count }, (_, i) => ({ n: from + i }));
const count = { dataset: "numbers", measures: [{ agg: "count" }] };

async function furnished(name, megabytes) {
  const small = await disk(name, megabytes);
  if (small.missing) return { small };
  const server = await Server.of(name, { dataDir: small.data, spawned: small.spawned });
  server.cli = (args) => small.cli(server, args);
  server.furnish();
  await server.start();
  check((await server.upload("numbers", "n\n0\n1\n")).status === 201, "the first rows");
  await server.must(201, "POST", "dashboards", { name: "Board", slug: "board", layout: { widgets: [] } });
  return { small, server };
}

/** A refusal that says what is wrong and what helps. */
function refused(server, answer, word, what) {
  check(answer.status === 503, `${what}: ${answer.status} ${answer.text}\n${server.log()}`);
  const said = `${answer.json?.error?.message} ${answer.json?.error?.hint ?? ""}`;
  check(said.toLowerCase().includes(word), `${what} says: ${said}`);
  check(answer.headers.get("retry-after"), `${what} does not say when to try again`);
}

export async function full() {
  const { small, server } = await furnished("full", 64);
  if (small.missing) return skipped(small.missing);
  let there = 2;
  small.fill();
  refused(server, await server.ask("POST", "datasets/numbers/rows", rows(10, 5)), "disk", "an append");
  refused(server, await server.upload("more", `n\n${"1\n".repeat(50_000)}`), "disk", "an upload");
  refused(server, await server.ask("PATCH", "dashboards/board", { name: "Renamed" }), "disk", "an edit");
  check((await server.number(count)) === there, "questions go on");
  check((await server.must(200, "GET", "dashboards/board")).name === "Board", "an edit that was refused did not happen");
  await server.kill();
  server.launch();
  // It starts without room, or says why not.
  const started = await server.ready(30_000).then(() => true, (cause) => cause.message);
  check(started === true || started.includes("disk"), `a start without room: ${started}`);
  small.free();
  if (started !== true) await server.start();
  await server.must(200, "POST", "datasets/numbers/rows", rows(10, 5));
  there += 5;
  await server.must(200, "PATCH", "dashboards/board", { name: "Renamed" });
  check((await server.upload("more", "n\n1\n")).status === 201, "an upload once there is room");
  check((await server.number(count)) === there, "all rows are there");
  const done = server.cli(["check"]);
  check(done.code === 0, `orrery check: ${done.all}`);
  await server.stop();
  small.end();
  return "a full disk refuses what it cannot keep, answers questions, and takes everything again with room";
}

export async function readOnly() {
  const { small, server } = await furnished("readonly", 64);
  if (small.missing) return skipped(small.missing);
  await server.stop();
  small.readOnly(true);
  server.launch();
  const code = await server.ended();
  check(code === 1 && server.log().includes(small.data), `a start on a read-only disk: ${code}\n${server.log()}`);
  small.readOnly(false);
  await server.start();
  await server.must(200, "POST", "datasets/numbers/rows", rows(10, 5));
  check((await server.number(count)) === 7, "all rows are there");
  check(server.cli(["check"]).code === 0, "orrery check");
  await server.stop();
  small.end();
  return "a read-only data directory is named, and nothing in it is harmed";
}

/** Changes bytes in the middle of a file, as a failing disk would. */
function damage(path, at, bytes) {
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

export async function damaged() {
  const server = (await Server.of("damaged")).furnish();
  await server.start();
  const segments = () => new Set(readdirSync(join(server.dataDir, "segments")));
  const files = {};
  for (const name of ["head", "middle", "short", "gone", "sound"]) {
    const before = segments();
    const csv = `n,word\n${Array.from({ length: 20_000 }, (_, i) => `${i},${name}-${(i * 7919) % 10_007}`).join("\n")}\n`;
    check((await server.upload(name, csv)).status === 201, `uploading ${name}`);
    files[name] = [...segments()].find((file) => !before.has(file));
  }
  await server.stop();
  const path = (name) => join(server.dataDir, "segments", files[name]);
  const size = statSync(path("middle")).size;
  damage(path("head"), 0, Buffer.alloc(4096, 0x5a));
  damage(path("middle"), Math.floor(size / 2), Buffer.alloc(Math.floor(size / 4), 0x5a));
  truncateSync(path("short"), Math.floor(size / 3));
  rmSync(path("gone"));
  const thumbnails = join(server.dataDir, "thumbnails");
  mkdirSync(thumbnails, { recursive: true });
  writeFileSync(join(thumbnails, "rubbish"), "rubbish");
  await server.start();
  const sum = (name) => ({ dataset: name, measures: [{ agg: "sum", column: "n" }, { agg: "count_distinct", column: "word" }] });
  for (const name of ["head", "middle", "short", "gone"]) {
    const answer = await server.ask("POST", "query?fresh=true", sum(name));
    const said = answer.text;
    check(answer.status !== 200 && said.includes(files[name]), `the damaged file of ${name} is not named: ${answer.status} ${said}\n${server.log()}`);
    // The others are as they were, also after it was asked.
    check((await server.number(sum("sound"))) === 199_990_000, `after ${name} a sound dataset cannot be read`);
  }
  const done = server.cli(["check"]);
  check(done.code === 1, `orrery check finds nothing: ${done.all}`);
  for (const name of ["head", "middle", "short", "gone"]) check(done.all.includes(files[name]), `orrery check does not name ${name}: ${done.all}`);
  check(!done.all.includes(files.sound), `orrery check names a sound file: ${done.all}`);
  await server.stop();
  damage(join(server.dataDir, "orrery.sqlite"), 0, Buffer.alloc(8192, 0x5a));
  server.launch();
  const code = await server.ended();
  check(code === 1 && server.log().includes("orrery.sqlite"), `damaged metadata: ${code}\n${server.log()}`);
  return "damaged, cut and missing files are named, one by one, and everything else is answered";
}
