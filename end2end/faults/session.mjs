// A session of several people: they edit, append, upload, share and are alerted, all at once, until
// the server is gone. What was acknowledged is kept in a ledger, and what is unknown beside it: a
// request whose answer never came may have happened or not, but never by halves.

import { createServer } from "node:http";
import { Gone, check, until } from "./server.mjs";
import { addTab, removeTab } from "./updates.mjs";

const ROWS = 25;

/** Where webhooks arrive. */
export async function sink() {
  const seen = [];
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      seen.push({ delivery: request.headers["orrery-delivery"], event: JSON.parse(body).event });
      answer.end("ok");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/hook`, seen, close: () => server.close() };
}

/** `counts` of what the ledger holds, for the report. */
export const newLedger = () => ({
  boards: [],
  batches: new Map(),
  uploads: new Map(),
  swap: { acknowledged: 0, unknown: [] },
  grant: { acknowledged: null, unknown: [] },
  metrics: new Map(),
  next: 1,
  counts: { operations: 0, appends: 0, uploads: 0, grants: 0, metrics: 0 },
});

const table = (id, rows) => `id,part\n${Array.from({ length: rows }, (_, i) => `${id},${i}`).join("\n")}\n`;

/** What every session stands on. */
export async function prepare(server, hook) {
  check((await server.upload("events", "batch,part\n0,0\n")).status === 201, "the first rows");
  check((await server.upload("swap", table(0, ROWS))).status === 201, "the rows that are exchanged");
  await server.must(201, "POST", "users", { name: "bob", role: "viewer", password: "a long enough one" });
  const shared = { name: "Shared", slug: "shared", layout: { widgets: [] } };
  await server.must(201, "POST", "dashboards", shared);
  const channel = await server.must(201, "POST", "channels", { name: "hook", kind: "webhook", url: hook.url });
  const query = { dataset: "events", measures: [{ agg: "count" }] };
  return server.must(201, "POST", "alerts", {
    name: "Rows",
    subject: { type: "query", query },
    condition: { type: "above", value: 0 },
    check: { type: "on_refresh" },
    renotify: { type: "each_time" },
    recipients: [{ type: "channel", id: channel.id }],
  });
}

/** Everybody works until the server is gone. */
export async function work(server, ledger) {
  const workers = [edit, append, upload, exchange, share, measure].map((worker) => worker(server, ledger));
  const ends = await Promise.allSettled(workers);
  const failed = ends.find((end) => end.status === "rejected" && !(end.reason instanceof Gone));
  if (failed) throw failed.reason;
}

/** What a killed server says to whoever is still connected is no refusal. */
function expect(answer, ...statuses) {
  check(statuses.includes(answer.status), `refused with ${answer.status}: ${answer.text}`);
  return answer;
}

async function edit(server, ledger) {
  const slug = `board-${ledger.next++}`;
  const made = await server.ask("POST", "dashboards", { name: slug, slug, layout: { kind: "tabs", widgets: [] } });
  expect(made, 201);
  const board = { slug, tabs: new Map(), operations: [] };
  ledger.boards.push(board);
  const socket = await server.socket();
  for (let i = 1; ; i++) {
    const client = 1_000_000 + ledger.next++;
    const [id, title] = [`t${client}`, `Tab ${i}`];
    const operation = { id: `op-${client}`, update: addTab(client, id, title, i), edit: { label: "Add tab", changes: [] }, intent: "edit" };
    board.tabs.set(id, "unknown");
    await socket.operate(`doc:${slug}`, operation);
    board.tabs.set(id, "there");
    board.operations.push(operation);
    ledger.counts.operations++;
    if (i % 3 === 0) {
      const undo = { id: `undo-${client}`, update: removeTab(client), edit: { label: "Undo", changes: [] }, intent: "undo", target: operation.id };
      board.tabs.set(id, "unknown");
      await socket.operate(`doc:${slug}`, undo);
      board.tabs.set(id, "gone");
      board.operations.push(undo);
      ledger.counts.operations++;
    }
  }
}

async function append(server, ledger) {
  for (;;) {
    const batch = ledger.next++;
    const rows = Array.from({ length: ROWS }, (_, part) => ({ batch, part }));
    ledger.batches.set(batch, "unknown");
    const { json } = expect(await server.ask("POST", "datasets/events/rows", rows), 200);
    check(json.appended === ROWS, `an append of ${ROWS} rows took ${json.appended}`);
    ledger.batches.set(batch, "there");
    ledger.counts.appends++;
  }
}

async function upload(server, ledger) {
  for (;;) {
    const name = `upload_${ledger.next++}`;
    ledger.uploads.set(name, "unknown");
    expect(await server.upload(name, table(7, ROWS)), 201);
    ledger.uploads.set(name, "there");
    ledger.counts.uploads++;
  }
}

/** The rows of one dataset take each other's place. */
async function exchange(server, ledger) {
  const { swap } = ledger;
  for (;;) {
    const id = ledger.next++;
    swap.unknown.push(id);
    expect(await server.upload("swap", table(id, ROWS), "replace"), 200, 201);
    [swap.acknowledged, swap.unknown] = [id, []];
    ledger.counts.uploads++;
  }
}

async function share(server, ledger) {
  const { grant } = ledger;
  for (let give = grant.acknowledged === null; ; give = !give) {
    grant.unknown.push(give ? "view" : null);
    const path = "dashboards/shared/grants/bob";
    expect(await (give ? server.ask("PUT", path, { access: "view" }) : server.ask("DELETE", path)), 204);
    [grant.acknowledged, grant.unknown] = [give ? "view" : null, []];
    ledger.counts.grants++;
  }
}

async function measure(server, ledger) {
  for (;;) {
    const id = `metric_${ledger.next++}`;
    ledger.metrics.set(id, "unknown");
    const query = { dataset: "swap", measures: [{ agg: "count" }] };
    expect(await server.ask("POST", "metrics", { id, name: id, query, refresh_interval: 86_400 }), 201);
    ledger.metrics.set(id, "there");
    ledger.counts.metrics++;
  }
}

/** What a ledger says must be there, is; what is unknown is there as a whole or not at all. */
export async function verify(server, ledger) {
  const rows = async (query) => (await server.must(200, "POST", "query?fresh=true", { limit: 100_000, ...query })).rows;
  const counted = await rows({ dataset: "events", dimensions: [{ column: "batch" }], measures: [{ agg: "count" }, { agg: "count_distinct", column: "part", as: "parts" }] });
  const found = new Map(counted.map(([batch, count, parts]) => [Number(batch), [Number(count), Number(parts)]]));
  for (const [batch, state] of ledger.batches) {
    const [count, parts] = found.get(batch) ?? [0, 0];
    const whole = count === ROWS && parts === ROWS;
    check(whole || (state === "unknown" && count === 0), `append ${batch} (${state}) has ${count} rows of ${parts} parts`);
    ledger.batches.set(batch, whole ? "there" : "gone");
    if (!whole) ledger.batches.delete(batch);
  }
  const { swap, grant } = ledger;
  const kept = await rows({ dataset: "swap", dimensions: [{ column: "id" }], measures: [{ agg: "count" }] });
  check(kept.length === 1 && Number(kept[0][1]) === ROWS, `a replaced dataset is mixed: ${JSON.stringify(kept)}`);
  const id = Number(kept[0][0]);
  check(id === swap.acknowledged || swap.unknown.includes(id), `replace ${swap.acknowledged} was acknowledged, ${id} is there`);
  [swap.acknowledged, swap.unknown] = [id, []];

  const datasets = new Map((await everything(server, "datasets")).map((d) => [d.name, d]));
  for (const [name, state] of ledger.uploads) {
    const dataset = datasets.get(name);
    check(dataset || state === "unknown", `the upload ${name} is lost`);
    if (!dataset) ledger.uploads.delete(name);
    else if (state !== "seen") {
      const [[count]] = await rows({ dataset: name, measures: [{ agg: "count" }] });
      check(Number(count) === ROWS && dataset.row_count === ROWS, `the upload ${name} is half there: ${count}`);
      ledger.uploads.set(name, "seen");
    }
    datasets.delete(name);
  }
  const strange = [...datasets.keys()].filter((name) => name.startsWith("upload_"));
  check(strange.length === 0, `nobody uploaded ${strange}`);

  const grants = await server.must(200, "GET", "dashboards/shared/grants");
  const access = (grants.items ?? grants).find((g) => g.user_name === "bob")?.access ?? null;
  check(access === grant.acknowledged || grant.unknown.includes(access), `bob's right is ${access}, not ${grant.acknowledged}`);
  [grant.acknowledged, grant.unknown] = [access, []];

  const metrics = new Set((await everything(server, "metrics")).map((m) => m.id));
  for (const [metric, state] of ledger.metrics) {
    check(metrics.has(metric) || state === "unknown", `the metric ${metric} is lost`);
    if (!metrics.has(metric)) ledger.metrics.delete(metric);
  }
  await Promise.all(ledger.boards.slice(-3).map((board) => verifyBoard(server, board)));
}

async function verifyBoard(server, board) {
  const answer = await server.ask("GET", `dashboards/${board.slug}`);
  check(answer.status === 200, `the dashboard ${board.slug} is lost: ${answer.text}`);
  const tabs = new Map((answer.json.layout.tabs ?? []).map((tab) => [tab.id, tab.title]));
  for (const [id, state] of board.tabs) {
    const is = tabs.has(id) ? "there" : "gone";
    check(state === "unknown" || state === is, `${board.slug}: the tab ${id} is ${is}, acknowledged was ${state}`);
    check(is === "gone" || /^Tab \d+$/.test(tabs.get(id)), `${board.slug}: a tab is called ${tabs.get(id)}`);
    board.tabs.set(id, is);
  }
  const last = board.operations.at(-1);
  if (!last) return;
  // In the log means acknowledged again, and nothing happens a second time.
  const before = JSON.stringify(answer.json.layout);
  const socket = await server.socket();
  await socket.operate(`doc:${board.slug}`, last);
  socket.close();
  const after = await server.must(200, "GET", `dashboards/${board.slug}`);
  check(JSON.stringify(after.layout) === before, `${board.slug}: an operation that was sent again happened again`);
}

/** All that a list has. */
async function everything(server, path) {
  const all = [];
  for (let cursor = ""; ; ) {
    const page = await server.must(200, "GET", `${path}?limit=1000${cursor}`);
    all.push(...page.items);
    if (!page.next) return all;
    cursor = `&cursor=${page.next}`;
  }
}

/** Every event that people were to be told of arrived, under one delivery each. */
export async function verifyDeliveries(server, hook, alert) {
  const open = async () => (await everything(server, "deliveries")).filter((d) => d.status !== "sent");
  // What a killed server was sending is sent again when its lease has run out.
  await until(async () => (await open()).length === 0, 90_000, "deliveries are left over");
  const arrived = new Map();
  for (const { event, delivery } of hook.seen) {
    check(arrived.get(event) === undefined || arrived.get(event) === delivery, `${event} was told under two deliveries`);
    arrived.set(event, delivery);
  }
  const toHook = (await everything(server, "deliveries")).filter((d) => d.recipient.type === "channel");
  for (const delivery of toHook) check(arrived.has(delivery.event_key), `${delivery.event_key} counts as sent and never arrived`);
  const events = await everything(server, `alerts/${alert.id}/events`);
  const keys = [...arrived.keys()].join("\n");
  const untold = events.filter((e) => e.told && !keys.includes(e.id));
  check(untold.length === 0 || events.length > 900, `nobody was told of ${untold.map((e) => e.id)}`);
  return { events: arrived.size, arrivals: hook.seen.length };
}
