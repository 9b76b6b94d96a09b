#!/usr/bin/env node
// A wall for a while: a demo dashboard and a metric that moves every second, in a browser that turns
// sheets every 3 seconds. What counts is the heap after a collection, at the start and at the end, and
// the memory of the page's process.
//
//     benches/wall.mjs [--minutes 10] [--limit-mb 300]

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { chromium } = createRequire(join(root, "end2end/package.json"))("@playwright/test");
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const minutes = option("minutes", 10);
const limit = option("limit-mb", 300);
const binary = process.env.ORRERY_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/orrery");
const site = process.env.ORRERY_SITE_DIR ?? join(root, "target/site");

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const found = probe.address().port;
    probe.close(() => resolve(found));
  });
});
const folder = mkdtempSync(join(tmpdir(), "orrery-wall"));
const env = { ...process.env, ORRERY_DATA_DIR: folder, ORRERY_ADDR: `127.0.0.1:${port}`, ORRERY_SITE_DIR: site };
const server = spawn(binary, ["demo", "--rows", "20000"], { env, stdio: ["ignore", "ignore", "inherit"] });
const url = `http://127.0.0.1:${port}`;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resident megabytes of the largest process that draws pages. */
function pageMemory(browserPid) {
  const children = (pid) => {
    const tasks = `/proc/${pid}/task`;
    const ids = existsSync(tasks) ? readdirSync(tasks) : [];
    return ids.flatMap((id) => readFileSync(`${tasks}/${id}/children`, "utf8").split(" ").filter(Boolean));
  };
  let largest = 0;
  const look = (pid) => {
    for (const child of children(pid)) {
      const args = existsSync(`/proc/${child}/cmdline`) ? readFileSync(`/proc/${child}/cmdline`, "utf8") : "";
      const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, "utf8"));
      if (args.includes("--type=renderer")) largest = Math.max(largest, Number(kb?.[1] ?? 0) / 1024);
      look(child);
    }
  };
  look(browserPid);
  return largest;
}

let failed = true;
let browser;
try {
  while (!(await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false))) await pause(200);
  const executablePath = existsSync("/usr/bin/chromium") ? "/usr/bin/chromium" : undefined;
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await page.goto(`${url}/wall/sales-overview?every=3`);
  await page.locator("html[data-hydrated=true]").waitFor();
  const made = await page.request.post(`${url}/api/v1/metrics`, {
    headers: { Origin: url },
    data: { id: "pulse", name: "Pulse", query: { dataset: "sales", measures: [{ agg: "count" }] }, refresh_interval: 86400 },
  });
  const tile = { type: "metric", chart_type: "number", title: "Pulse", position: { x: 0, y: 0, w: 12, h: 4 }, data_source: { metric: "pulse" } };
  const board = await page.request.post(`${url}/api/v1/dashboards`, { headers: { Origin: url }, data: { name: "Pulse", slug: "pulse", layout: { widgets: [tile] } } });
  if (!made.ok() || !board.ok()) throw new Error(`${await made.text()} ${await board.text()}`);
  await page.goto(`${url}/wall?boards=sales-overview,pulse&every=3`);
  await page.locator("html[data-hydrated=true]").waitFor();
  const session = await page.context().newCDPSession(page);
  const browserSession = await browser.newBrowserCDPSession();
  const { processInfo } = await browserSession.send("SystemInfo.getProcessInfo");
  const browserPid = processInfo.find((process) => process.type === "browser").id;
  const heap = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return usedSize / 1024 / 1024;
  };
  const news = async (seconds) => {
    for (let i = 0; i < seconds; i++) {
      await page.request.post(`${url}/api/v1/metrics/pulse/values`, { headers: { Origin: url }, data: { value: Math.round(Math.random() * 1e6) } });
      await pause(1000);
    }
  };
  // Everything has been shown once before the first look.
  await news(60);
  const [heapBefore, before] = [await heap(), pageMemory(browserPid)];
  await news(Math.round(minutes * 60));
  const [heapAfter, after] = [await heap(), pageMemory(browserPid)];
  const grown = heapAfter - heapBefore;
  console.log(
    `a wall for ${minutes} minutes: heap ${heapBefore.toFixed(1)} MB, then ${heapAfter.toFixed(1)} MB; ` +
      `its process ${before.toFixed(0)} MB, then ${after.toFixed(0)} MB`,
  );
  failed = after > limit || grown > Math.max(5, heapBefore * 0.2);
  if (failed) console.log(`too much: at most ${limit} MB, and no heap that grows`);
} finally {
  await browser?.close();
  server.kill("SIGTERM");
  await new Promise((resolve) => (server.exitCode === null ? server.once("exit", resolve) : resolve()));
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
