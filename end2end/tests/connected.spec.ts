// Everything on a dashboard is connected: what is chosen in one tile filters the others, steps lead
// into the detail and back, and every number says where it comes from and why it changed.

import { expect, type Locator, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { announced, api, drawn, open, token } from "../steps.ts";

let server: Server;
let secret: string;
let url: string;

const amount = { agg: "sum", column: "amount", as: "revenue" };

function tile(id: string, title: string, at: [number, number, number, number], source: object, more: object = {}) {
  const [x, y, w, h] = at;
  return { id, type: "chart", title, position: { x, y, w, h }, data_source: source, ...more };
}

const by = (dimensions: object[], measures: object[] = [amount], rest: object = {}) => ({
  query: { dataset: "sales", dimensions, measures, ...rest },
});

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
  const region = { column: "region" };
  const product = { column: "product" };
  const month = { column: "date", grain: "month" };
  const made = await api(server, secret, "POST", "/dashboards", {
    name: "Connected",
    layout: {
      widgets: [
        tile("regions", "Sales by region", [0, 0, 4, 5], by([region], [amount], { order: [{ by: "region" }] }), { chart_type: "bar" }),
        tile("months", "Sales by month", [4, 0, 8, 5], by([month]), { chart_type: "bar" }),
        tile("products", "Sales by product", [0, 5, 4, 5], by([product]), { chart_type: "row" }),
        tile("parts", "Parts", [4, 5, 4, 5], by([product]), { chart_type: "pie" }),
        tile("both", "Both", [8, 5, 4, 5], by([region, product]), { chart_type: "heatmap" }),
        tile("total", "Total", [0, 10, 4, 4], by([], [{ agg: "count" }]), { type: "table" }),
        tile("list", "List", [4, 10, 4, 4], by([region], [{ agg: "count" }], { order: [{ by: "region" }] }), { type: "table" }),
        tile("years", "Years", [8, 10, 4, 4], by([{ column: "date", grain: "year" }]), { chart_type: "bar" }),
        tile("origins", "Origins", [0, 14, 6, 4], { query: { dataset: "flights", dimensions: [{ column: "origin" }], measures: [{ agg: "count" }] } }, { type: "table" }),
      ],
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  url = `${server.url}/dashboards/${made.body.slug}`;
});
test.afterAll(() => server.stop());

const group = (page: Page, title: string): Locator => page.getByRole("group", { name: title, exact: true });

/** The cells of a table tile, row by row. */
async function rows(page: Page, title: string): Promise<string[][]> {
  const all = group(page, title).getByRole("row");
  const texts = await all.evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.textContent?.trim() ?? "")),
  );
  return texts.filter((row) => row.length > 0);
}

const total = async (page: Page): Promise<string> => (await rows(page, "Total"))[0]?.[0] ?? "";

/** How many sales there are under a filter. */
async function count(filter?: object): Promise<string> {
  const answer = await api(server, secret, "POST", "/query", { dataset: "sales", measures: [{ agg: "count" }], filter });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return Number(answer.body.rows[0][0]).toLocaleString("en-US");
}

/** Clicks a chart, at parts of its width and height. */
async function click(page: Page, title: string, across: number, down: number, options: Parameters<Locator["click"]>[0] = {}) {
  const canvas = group(page, title).locator(".chart-canvas");
  const box = await canvas.boundingBox();
  if (!box) throw new Error("no chart");
  await canvas.click({ ...options, position: { x: box.width * across, y: box.height * down } });
}

/** Drags over a chart from one part of its width to another. */
async function drag(page: Page, title: string, from: number, to: number) {
  const box = await group(page, title).locator(".chart-canvas").boundingBox();
  if (!box) throw new Error("no chart");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  for (let step = 1; step <= 10; step += 1) await page.mouse.move(box.x + box.width * (from + ((to - from) * step) / 10), y);
  await page.mouse.up();
}

const chips = (page: Page) => page.getByTestId("chosen");

/** The filters that each tile was asked with last, from the frames of the socket. */
function asked(page: Page): Map<string, object[]> {
  const last = new Map<string, object[]>();
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      const message = JSON.parse(String(payload));
      const id = /^tile:.*\/(.*)$/.exec(message.sub ?? "")?.[1];
      if (id) last.set(id, message.f ?? []);
    }),
  );
  return last;
}

async function start(page: Page, address = url) {
  await open(page, address);
  await drawn(page);
}

test("a click filters the others, never itself; chips, Escape, Back and Forward", async ({ page }) => {
  const filters = asked(page);
  await start(page);
  const all = await total(page);
  await click(page, "Sales by region", 0.25, 0.85);
  await expect(chips(page)).toHaveCount(1);
  const words = (await chips(page).textContent()) ?? "";
  expect(words).toMatch(/^Region is \w+, from Sales by region/);
  const region = /Region is (\w+)/.exec(words)?.[1];
  const only = await count({ column: "region", op: "eq", value: region });
  await drawn(page);
  await expect.poll(() => total(page)).toBe(only);
  // Seven others share the column; the one it was chosen in keeps all its bars.
  for (const id of ["months", "products", "parts", "both", "total", "list", "years"]) expect(filters.get(id), id).toHaveLength(1);
  expect(filters.get("regions")).toHaveLength(0);
  await expect.poll(async () => (await rows(page, "List")).map((row) => row[0])).toEqual([region]);
  // Another dataset has no such column, and says so.
  await expect(group(page, "Origins")).toContainText("Not filtered by Region");

  // A second choice in another tile narrows further; each can be taken back.
  const list = group(page, "List").getByRole("grid");
  await list.getByRole("row").nth(1).click();
  await expect(chips(page)).toHaveCount(2);
  await page.goBack();
  await expect(chips(page)).toHaveCount(1);
  await expect.poll(() => total(page)).toBe(only);
  await page.goBack();
  await expect(chips(page)).toHaveCount(0);
  await expect.poll(() => total(page)).toBe(all);
  await page.goForward();
  await expect(chips(page)).toHaveCount(1);
  await expect.poll(() => total(page)).toBe(only);
  // The address is the whole state.
  const shared = page.url();
  await start(page, shared);
  await expect.poll(() => total(page)).toBe(only);
  await page.keyboard.press("Escape");
  await expect(chips(page)).toHaveCount(0);
  await expect.poll(() => total(page)).toBe(all);
  expect(page.url()).toBe(url);
});

test("members are added with Ctrl, and taken back by their chip", async ({ page }) => {
  await start(page);
  const grid = group(page, "List").getByRole("grid");
  const names = (await rows(page, "List")).map((row) => row[0]);
  await grid.getByRole("row").nth(1).click();
  await grid.getByRole("row").nth(3).click({ modifiers: ["Control"] });
  await expect(chips(page)).toHaveText(new RegExp(`Region is ${names[0]} or ${names[2]}, from List`));
  await expect(announced(page)).toHaveText(/Other tiles show only: Region is/);
  await expect.poll(() => total(page)).toBe(await count({ column: "region", op: "in", value: [names[0], names[2]] }));
  await chips(page).getByRole("button").click();
  await expect.poll(() => total(page)).toBe(await count());
});

test("dragging over months filters by their days", async ({ page }) => {
  await start(page);
  await drag(page, "Sales by month", 0.3, 0.6);
  await expect(chips(page)).toHaveText(/^Date is .* to .*, from Sales by month/);
  const picked = JSON.parse(new URL(page.url()).searchParams.get("x") ?? "[]");
  const [condition] = picked[0].marks[0];
  expect(condition).toMatchObject({ column: "date", op: "between" });
  expect(condition.value[0]).toMatch(/-01$/);
  await expect.poll(() => total(page)).toBe(await count(condition));
  await drawn(page);
});

test("a drill path along time, the way back, and by another column", async ({ page }) => {
  await start(page);
  const years = group(page, "Years");
  await click(page, "Years", 0.5, 0.6, { button: "right" });
  const menu = page.getByTestId("mark-menu");
  await expect(menu.getByRole("menuitem", { name: "Quarter" })).toBeVisible();
  await menu.getByRole("menuitem", { name: "Quarter" }).click();
  const trail = years.getByTestId("drill-trail");
  await expect(trail).toContainText(/Date is \d{4}, by quarter/);
  await drawn(page);
  await click(page, "Years", 0.3, 0.7, { button: "right" });
  await menu.getByRole("menuitem", { name: "Drill by…" }).click();
  await menu.getByRole("menuitem", { name: "Product" }).click();
  await expect(trail.getByRole("listitem")).toHaveCount(2);
  await drawn(page);
  await page.goBack();
  await expect(trail.getByRole("listitem")).toHaveCount(1);
  await trail.getByRole("button", { name: "All" }).click();
  await expect(trail).toHaveCount(0);
  await drawn(page);
  // Nothing of it is in the document.
  const stored = await api(server, secret, "GET", `/dashboards/${new URL(url).pathname.split("/").pop()}`);
  const widget = stored.body.layout.widgets.find((w: { id: string }) => w.id === "years");
  expect(widget.data_source.query.dimensions).toEqual([{ column: "date", grain: "year" }]);
});

test("the rows of a mark, page by page", async ({ page }) => {
  await start(page);
  await click(page, "Sales by region", 0.25, 0.85, { button: "right" });
  const menu = page.getByTestId("mark-menu");
  const region = (await menu.locator(".menu-heading").first().textContent())?.replace("Region is ", "").trim();
  await menu.getByRole("menuitem", { name: "See these rows" }).click();
  const dialog = page.getByRole("dialog", { name: "Rows of Sales by region" });
  const of = await count({ column: "region", op: "eq", value: region });
  await expect(dialog.getByTestId("rows-range")).toHaveText(`1 to 100 of ${of}`);
  await expect(dialog.getByRole("gridcell", { name: region }).first()).toBeVisible();
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByTestId("rows-range")).toHaveText(`101 to 200 of ${of}`);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("why a month changed, and filtering by what explains it", async ({ page }) => {
  await start(page);
  await click(page, "Sales by month", 0.5, 0.8, { button: "right" });
  await page.getByTestId("mark-menu").getByRole("menuitem", { name: "Why did this change?" }).click();
  const panel = page.getByRole("complementary", { name: /Why did Sales by month change/ });
  await expect(panel.getByTestId("why-head")).toHaveText(/Revenue [+−]/);
  await expect(panel.getByRole("heading", { level: 3 }).first()).toBeVisible();
  const first = panel.getByRole("button", { name: /^Filter by|\w/ }).and(panel.locator(".why-member")).first();
  await first.click();
  await expect(chips(page)).toHaveCount(1);
  await panel.getByRole("button", { name: "Close panel" }).click();
  await expect(panel).toHaveCount(0);
});

test("a tile tells where its data comes from", async ({ page }) => {
  await start(page);
  await group(page, "Sales by region").getByRole("button", { name: "Actions of Sales by region" }).click();
  await page.getByRole("menuitem", { name: "About this data" }).click();
  const about = page.getByTestId("provenance");
  await expect(about).toContainText("Sales Data");
  await expect(about).toContainText(/5,000/);
  await expect(about.locator(".about-question")).toHaveText(/by region/i);
  await about.getByText("SQL", { exact: true }).click();
  await expect(about.getByText(/SELECT/).first()).toBeVisible();
});

test("a tile can be left out, and the keyboard does it all", async ({ page }) => {
  await start(page);
  await group(page, "Total").getByRole("button", { name: "Actions of Total" }).click();
  await page.getByRole("menuitem", { name: "What filters this…" }).click();
  const scope = page.getByRole("dialog", { name: "What filters Total" });
  await scope.getByRole("checkbox", { name: "List" }).uncheck();
  await page.keyboard.press("Escape");
  await expect(scope).toHaveCount(0);
  const all = await total(page);

  const grid = group(page, "List").getByRole("grid");
  await grid.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(chips(page)).toHaveText(/from List/);
  await drawn(page);
  expect(await total(page)).toBe(all);
  // The menu of a row, by keyboard.
  await page.keyboard.press("Shift+F10");
  const menu = page.getByTestId("mark-menu");
  await expect(menu.getByRole("menuitem").first()).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(chips(page)).toHaveCount(0);
});

test("a part of the script that does not come is told, and tried again", async ({ page }) => {
  let refuse = true;
  await page.route("**/*", (route) => {
    const isPart = /chunk|kinds|echarts/.test(route.request().url()) && route.request().resourceType() === "script";
    return refuse && isPart ? route.abort() : route.continue();
  });
  await open(page, url);
  const tile = group(page, "Parts");
  await expect(tile).toHaveAttribute("data-state", "error", { timeout: 15_000 });
  refuse = false;
  await tile.getByRole("button", { name: /try again|retry/i }).click();
  await expect(tile).toHaveAttribute("data-state", "ready", { timeout: 15_000 });
});
