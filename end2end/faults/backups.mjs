// A backup through the command line while a session goes on, restored elsewhere: everything that was
// acknowledged before it began is there, and nothing by halves.

import { join } from "node:path";
import { Server, check, folder, pause } from "./server.mjs";
import { newLedger, prepare, sink, verify, work } from "./session.mjs";

export async function backups() {
  const hook = await sink();
  const server = (await Server.of("backup", { env: { ORRERY_WEBHOOK_HOSTS: "127.0.0.1" } })).furnish();
  await server.start();
  await prepare(server, hook);
  const ledger = newLedger();
  const session = work(server, ledger);
  await pause(1_500);
  const there = (states) => new Set([...states].filter(([, state]) => state !== "unknown").map(([id]) => id));
  const before = {
    batches: there(ledger.batches),
    uploads: there(ledger.uploads),
    metrics: there(ledger.metrics),
    swap: ledger.swap.acknowledged,
    next: ledger.next,
  };
  const place = join(folder("backups"), "backup");
  const made = await server.run(["backup", place]);
  check(made.code === 0 && made.all.includes("secret.key"), `orrery backup: ${made.all}`);
  const next = ledger.next;
  await pause(300);
  await server.kill();
  await session;
  check(ledger.next > next && next > before.next, "nobody worked during the backup");
  const refused = server.cli(["restore", place]);
  check(refused.code === 1 && refused.all.includes("not empty"), `a restore over data: ${refused.all}`);

  const other = await Server.of("restored");
  const restored = other.cli(["restore", place]);
  check(restored.code === 0 && restored.all.includes("sound"), `orrery restore: ${restored.all}`);
  other.token = server.token;
  await other.start();
  const again = other.cli(["restore", place]);
  check(again.code === 1 && again.all.includes("server"), `a restore beside a server: ${again.all}`);
  // What came later may be in it or not.
  const later = (states, known) => states.forEach((_, id) => known.has(id) || states.set(id, "unknown"));
  later(ledger.batches, before.batches);
  later(ledger.uploads, before.uploads);
  later(ledger.metrics, before.metrics);
  ledger.swap = { acknowledged: before.swap, unknown: Array.from({ length: ledger.next }, (_, id) => id) };
  ledger.grant = { acknowledged: null, unknown: ["view", null] };
  ledger.boards = [];
  await verify(other, ledger);
  const rows = await other.number({ dataset: "events", measures: [{ agg: "count" }] });
  await other.must(200, "POST", "datasets/events/rows", [{ batch: -1, part: 0 }]);
  check((await other.number({ dataset: "events", measures: [{ agg: "count" }] })) === rows + 1, "a restored server takes rows");
  check(other.cli(["check"]).code === 0, "orrery check of what was restored");
  await other.stop();
  hook.close();
  return `restored from a busy server: ${before.batches.size} appends, ${before.uploads.size} uploads and ${before.metrics.size} metrics from before it began, all there`;
}
