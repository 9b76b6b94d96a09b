// Dashboards in the browser: seen, edited, shared between two pages, and never lost.

import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, hydrated, load, open, saved, token } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "20000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

/** A dashboard with two number tiles, made through the API. */
async function dashboard(name: string): Promise<{ slug: string; id: string }> {
  const tile = (title: string, x: number) => ({
    type: "metric",
    chart_type: "number",
    title,
    position: { x, y: 0, w: 3, h: 3 },
    data_source: { query: { dataset: "sales", measures: [{ agg: "count", as: title.toLowerCase() }] } },
  });
  const made = await api(server, secret, "POST", "/dashboards", {
    name,
    layout: { widgets: [tile("Alpha", 0), tile("Beta", 3)] },
  });
  expect(made.status).toBe(201);
  return made.body;
}

test("the demo opens with its dashboard and every tile draws", async ({ page }) => {
  await open(page, `${server.url}/dashboards/sales-overview`);
  await drawn(page);
  const states = await page.getByTestId("tile").evaluateAll((all) => all.map((t) => t.getAttribute("data-state")));
  expect(states.filter((s) => s === "error")).toEqual([]);
  expect(states.filter((s) => s === "ready").length).toBeGreaterThan(3);
  if (process.env.ORRERY_SCREENSHOT) await page.screenshot({ path: process.env.ORRERY_SCREENSHOT });
});

test("a tile moves by keyboard, and the place survives a reload", async ({ page }) => {
  const { slug, id } = await dashboard("Keyboard");
  await open(page, `${server.url}/dashboards/${slug}`);
  await drawn(page);
  await page.getByTestId("edit-toggle").click();
  const before = await api(server, secret, "GET", `/dashboards/${id}`);
  const beta = page.getByTestId("tile").filter({ hasText: "Beta" });
  const handle = beta.getByRole("button", { name: /move/i }).first();
  await handle.focus();
  await page.keyboard.press("Enter");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await saved(page);
  const after = await api(server, secret, "GET", `/dashboards/${id}`);
  const place = (d: typeof after) => d.body.layout.widgets.find((w: { title: string }) => w.title === "Beta").position.x;
  expect(place(before)).toBe(3);
  expect(place(after)).toBe(6);
  await page.reload();
  await hydrated(page);
  await page.getByTestId("edit-toggle").click();
  await page.getByTestId("undo").click();
  await saved(page);
  expect(place(await api(server, secret, "GET", `/dashboards/${id}`))).toBe(3);
  await page.getByTestId("redo").click();
  await saved(page);
  expect(place(await api(server, secret, "GET", `/dashboards/${id}`))).toBe(6);
});

test("a tile moves by mouse", async ({ page }) => {
  const { slug, id } = await dashboard("Mouse");
  await open(page, `${server.url}/dashboards/${slug}`);
  await drawn(page);
  await page.getByTestId("edit-toggle").click();
  const beta = page.getByTestId("tile").filter({ hasText: "Beta" });
  const from = await beta.getByRole("button", { name: /move/i }).first().boundingBox();
  const grid = await page.getByTestId("dashboard-grid").boundingBox();
  if (!from || !grid) throw new Error("the grid is not shown");
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + grid.width / 2, from.y + from.height / 2, { steps: 10 });
  await page.mouse.up();
  await saved(page);
  const after = await api(server, secret, "GET", `/dashboards/${id}`);
  expect(after.body.layout.widgets.find((w: { title: string }) => w.title === "Beta").position.x).toBeGreaterThan(6);
});

test("a part of the page that does not arrive says so, and the rest goes on", async ({ page }) => {
  await load(server, secret, "parts", "amount\n1\n2\n");
  const made = await api(server, secret, "POST", "/dashboards", {
    name: "Parts",
    layout: { widgets: [{ type: "metric", title: "Rows", position: { x: 0, y: 0, w: 3, h: 3 }, data_source: { query: { dataset: "parts", measures: [{ agg: "count" }] } } }] },
  });
  const broken: string[] = [];
  page.on("pageerror", (error) => broken.push(String(error)));
  await open(page, `${server.url}/dashboards/${made.body.slug}`);
  await drawn(page);
  // As after an update of the server, when files of the page before are gone.
  await page.route(/\.wasm/, (route) => route.fulfill({ status: 404, body: "" }));
  await page.getByTestId("edit-toggle").click();
  await expect(page.getByRole("alert").filter({ hasText: "could not be loaded" }).first()).toBeVisible();
  await page.getByTestId("edit-toggle").click();
  // Still alive: a row that comes now moves the number.
  await expect(page.getByTestId("tile")).toContainText("2");
  await api(server, secret, "POST", "/datasets/parts/rows", [{ amount: 3 }]);
  await expect(page.getByTestId("tile")).toContainText("3");
  expect(broken).toEqual([]);
});

test("two pages on one dashboard converge", async ({ browser }) => {
  const { slug } = await dashboard("Together");
  const pages = await Promise.all([0, 1].map(() => browser.newPage()));
  for (const page of pages) {
    await open(page, `${server.url}/dashboards/${slug}`);
    await drawn(page);
  }
  const [left, right] = pages;
  await left.getByTestId("edit-toggle").click();
  await left.getByTestId("tile").filter({ hasText: "Alpha" }).click({ position: { x: 40, y: 60 } });
  await left.keyboard.press("Delete");
  await expect(left.getByTestId("tile")).toHaveCount(1);
  await expect(right.getByTestId("tile")).toHaveCount(1);
  await left.getByTestId("undo").click();
  await expect(right.getByTestId("tile")).toHaveCount(2);
  for (const page of pages) await page.close();
});

test("what was shown as saved survives a power cut", async ({ page }) => {
  const { slug, id } = await dashboard("Power cut");
  await open(page, `${server.url}/dashboards/${slug}`);
  await drawn(page);
  await page.getByTestId("edit-toggle").click();
  await page.getByTestId("tile").filter({ hasText: "Alpha" }).click({ position: { x: 40, y: 60 } });
  await page.keyboard.press("Delete");
  await saved(page);
  await server.kill();
  await server.restart();
  const after = await api(server, secret, "GET", `/dashboards/${id}`);
  expect(after.body.layout.widgets.map((w: { title: string }) => w.title)).toEqual(["Beta"]);
});

test("a metric tile moves by itself after an append", async ({ page }) => {
  await load(server, secret, "live_numbers", "amount\n1\n2\n");
  const metric = await api(server, secret, "POST", "/metrics", {
    id: "live_total",
    name: "Live total",
    query: { dataset: "live_numbers", measures: [{ agg: "sum", column: "amount" }] },
    refresh_interval: 3600,
  });
  expect(metric.status, JSON.stringify(metric.body)).toBe(201);
  expect(metric.body.value).toBe(3);
  await api(server, secret, "POST", "/dashboards", {
    name: "Live",
    slug: "live-test",
    layout: {
      widgets: [
        { type: "metric", title: "Total", position: { x: 0, y: 0, w: 4, h: 3 }, data_source: { metric: "live_total" } },
      ],
    },
  });
  await open(page, `${server.url}/dashboards/live-test`);
  await drawn(page);
  const tile = page.getByTestId("tile");
  await expect(tile).toContainText("3");
  await api(server, secret, "POST", "/datasets/live_numbers/rows", [{ amount: 994 }]);
  // The next refresh by itself is an hour away. On a quiet machine it takes a fraction of a second.
  await expect(tile).toContainText("997", { timeout: 10_000 });
});
