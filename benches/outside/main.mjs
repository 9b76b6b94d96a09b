// Measures the server from outside, beside DuckDB doing the same in this process.
//
//     benches/outside.sh            all of it, over 10 million rows
//     ROWS=1000000 benches/outside.sh
//
// Figures are medians of alternating calls in one run; ratios are what counts.
import { DuckDBInstance } from "@duckdb/node-api";
import autocannon from "autocannon";
import { openAsBlob, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { dashboard, questions } from "./questions.mjs";
import { brush, dashboard as brushed } from "./brush.mjs";
import { load } from "./page.mjs";
import { start } from "./server.mjs";

const ROWS = Number(process.env.ROWS ?? 10_000_000);
const TIMES = Number(process.env.TIMES ?? 15);

const sorted = (list) => [...list].sort((a, b) => a - b);
const at = (list, share) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))];
const median = (list) => at(list, 0.5);
const ms = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const say = (...words) => console.log(words.join(" "));

async function timed(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function ask(server, query, fresh) {
  const answer = await fetch(`${server.url}/api/v1/query${fresh ? "?fresh=true" : ""}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify(query),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(body));
  return body;
}

/** DuckDB in this process over the very file that the server reads. */
async function floor(dataDir) {
  const folder = join(dataDir, "segments");
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".duckdb"))) {
    await connection.run(`ATTACH '${join(folder, name)}' AS stored (READ_ONLY)`);
    const sales = `SELECT 1 FROM duckdb_columns() WHERE database_name = 'stored' AND column_name = 'amount'`;
    if ((await connection.runAndReadAll(sales)).getRows().length > 0) return { connection, table: "stored.main.data" };
    await connection.run("DETACH stored");
  }
  throw new Error("The sales of the demo are in none of the segments.");
}

async function measureQuestions(server, own) {
  say("\nFresh questions over", ROWS, "rows: the server beside DuckDB, JSON on both sides");
  const totals = [0, 0];
  for (const { title, query, sql } of questions) {
    const statement = sql.replaceAll("$t", own.table);
    const direct = async () => JSON.stringify((await own.connection.runAndReadAll(statement)).getRowsJson());
    await Promise.all([direct(), ask(server, query, true)]);
    const theirs = [];
    const ours = [];
    for (let i = 0; i < TIMES; i += 1) {
      theirs.push(await timed(direct));
      ours.push(await timed(() => ask(server, query, true)));
    }
    const [a, b] = [median(theirs), median(ours)];
    totals[0] += a;
    totals[1] += b;
    say(`  ${title.padEnd(28)} DuckDB ${ms(a).padStart(8)}   server ${ms(b).padStart(8)}   ${(b / a).toFixed(2)}x`);
  }
  say(`  all eight: DuckDB ${ms(totals[0])}, server ${ms(totals[1])}, ${(totals[1] / totals[0]).toFixed(2)}x`);
}

async function measureCached(server) {
  const { query } = questions[1];
  await ask(server, query, false);
  const request = {
    url: `${server.url}/api/v1/query`,
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify(query),
  };
  const run = await autocannon({ ...request, connections: 16, duration: 8 });
  if (run.non2xx > 0) throw new Error(`${run.non2xx} answers were not 200`);
  say(`Cached, 16 clients: ${Math.round(run.requests.average)} a second, p97.5 ${ms(run.latency.p97_5)}`);
  const lone = [];
  for (let i = 0; i < 2000; i += 1) lone.push(await timed(() => ask(server, query, false)));
  say(`Cached, one after the other from here: p50 ${ms(median(lone))}, p95 ${ms(at(lone, 0.95))}`);
}

async function measureLoad(server, own) {
  const csv = join(server.dataDir, "bench.csv");
  await own.connection.run(`COPY (FROM ${own.table} LIMIT ${Math.round(ROWS / 4)}) TO '${csv}' (HEADER)`);
  const megabytes = statSync(csv).size / 1e6;
  const reader = async (i) => {
    const file = join(server.dataDir, `floor-${i}.duckdb`);
    await own.connection.run(`ATTACH '${file}' AS target`);
    await own.connection.run(`CREATE TABLE target.t AS FROM read_csv('${csv}')`);
    await own.connection.run("DETACH target");
  };
  const headers = { authorization: `Bearer ${server.token}` };
  const upload = async (i) => {
    const form = new FormData();
    form.set("name", `bench_${i}`);
    form.set("file", await openAsBlob(csv), "bench.csv");
    const answer = await fetch(`${server.url}/api/v1/datasets`, { method: "POST", headers, body: form });
    let job = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(job));
    while (answer.status === 202 && ["queued", "running"].includes(job.status)) {
      await new Promise((done) => setTimeout(done, 20));
      job = await (await fetch(`${server.url}/api/v1/jobs/${job.id}`, { headers })).json();
    }
    if (job.status === "failed") throw new Error(JSON.stringify(job.error));
  };
  const theirs = [];
  const ours = [];
  for (let i = 0; i < 3; i += 1) {
    theirs.push(await timed(() => reader(i)));
    ours.push(await timed(() => upload(i)));
  }
  const [a, b] = [median(theirs), median(ours)];
  say(`CSV of ${megabytes.toFixed(0)} MB, upload and load: DuckDB read_csv ${ms(a)}, server ${ms(b)}, ${(b / a).toFixed(2)}x`);
}

async function makeDashboard(server, body) {
  const answer = await fetch(`${server.url}/api/v1/dashboards`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function measurePage(server) {
  await makeDashboard(server, dashboard);
  await load(server.url, dashboard.slug, 1);
  const page = await load(server.url, dashboard.slug);
  say(
    `Dashboard of 8 charts, cold browser, warm server: first paint ${ms(page.paint)}, all drawn ${ms(page.drawn)},`,
    `${page.kilobytes.toFixed(0)} KB in ${page.requests} requests`,
  );
}

async function measureBrush(server) {
  await makeDashboard(server, brushed);
  // The first choice makes the cubes.
  await brush(server.url, 1);
  const { released, redraws, unfollowed } = await brush(server.url, 20);
  say(
    `Drag over months, 8 tiles: from release to all drawn p50 ${ms(median(released))}, p95 ${ms(at(released, 0.95))};`,
    `while dragging ${median(redraws).toFixed(1)} redraws a second; ${unfollowed} of 20 drew nothing`,
  );
}

const server = await start(ROWS);
try {
  say(`Memory after the start: ${server.memory().now} MB`);
  const own = await floor(server.dataDir);
  await measureQuestions(server, own);
  await measureCached(server);
  await measurePage(server);
  await measureBrush(server);
  await measureLoad(server, own);
  say(`Memory: ${server.memory().now} MB now, ${server.memory().peak} MB at most`);
} finally {
  await server.stop();
  server.remove();
}
