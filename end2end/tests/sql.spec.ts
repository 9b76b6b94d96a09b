// Somebody who may write SQL does: with names that complete themselves, runs it, stops it, looks at its
// plan, keeps it as a dataset. Charts of SQL are connected like all others.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, open, orrery, saved, serious, signIn, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

/** Runs for longer than anybody waits: a row for each pair of numbers, and nothing to skip. */
const ENDLESS = "SELECT count(*) FROM range(3000000) a, range(3000000) b WHERE (a.range * b.range) % 7 = 3";

const editor = (page: Page): Locator => page.getByRole("textbox", { name: "SQL", exact: true });
const lines = (page: Page): Locator => page.getByTestId("sql-editor").locator(".cm-line");
const meta = (page: Page): Locator => page.getByTestId("sql-meta");

/** Opens the page; the editor and the names are here. */
async function write(page: Page, search = ""): Promise<void> {
  await open(page, `${server.url}/sql${search}`);
  await expect(page.getByTestId("sql-editor")).toHaveAttribute("data-ready", "true");
  await expect(page.getByTestId("sql-schema").getByRole("button", { name: "sales Sales Data" })).toBeVisible();
}

/** Puts a text in the place of what is there. */
async function put(page: Page, text: string): Promise<void> {
  await editor(page).fill(text);
  await page.keyboard.press("Escape");
}

/** The cells of the answer, row by row. */
async function rows(page: Page): Promise<string[][]> {
  const all = await page.getByTestId("sql-rows").getByRole("row").evaluateAll((list) =>
    list.map((row) => [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.textContent?.trim() ?? "")),
  );
  return all.filter((row) => row.length > 0);
}

test("names complete themselves, and the keyboard is enough", async ({ page }) => {
  const refused: string[] = [];
  page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
  await write(page);
  await editor(page).focus();
  await page.keyboard.type("SELECT reg");
  // There is no dataset in FROM yet: its columns come with it.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("FROM sal");
  const list = page.getByRole("listbox", { name: "Completions" });
  await expect(list.getByRole("option", { selected: true })).toContainText("Sales Data");
  await page.keyboard.press("Enter");
  await page.keyboard.type(" SELECT reg");
  await expect(list.getByRole("option", { selected: true })).toContainText(/region.*Region.*text/);
  await page.keyboard.press("Tab");
  await page.keyboard.type(", roun");
  await expect(list.getByRole("option", { selected: true })).toContainText("round");
  await page.keyboard.press("Enter");
  await page.keyboard.type("sum(amo");
  await expect(list.getByRole("option", { selected: true })).toContainText("amount");
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  await page.keyboard.type(" AS total GROUP BY ALL ORDER BY ALL");
  await page.keyboard.press("Escape");
  await expect(lines(page)).toHaveText("FROM sales SELECT region, round(sum(amount)) AS total GROUP BY ALL ORDER BY ALL");

  await page.keyboard.press("Control+Enter");
  await expect(meta(page)).toHaveText(/^\d rows · [\d,]+ ms$/);
  const found = await api(server, secret, "POST", "/sql", { sql: "SELECT DISTINCT region FROM sales ORDER BY 1" });
  expect((await rows(page)).map((row) => row[0])).toEqual(found.body.rows.map((row: string[]) => row[0]));

  // Tab writes; after Escape it leaves.
  await page.keyboard.press("Home");
  await page.keyboard.press("Tab");
  await expect(lines(page)).toHaveText(/^ {2}FROM sales/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(editor(page)).not.toBeFocused();

  // What was run and what is written outlive a reload, a moment after the last key.
  await expect.poll(() => page.evaluate(() => JSON.stringify(localStorage))).toContain("  FROM sales");
  await page.reload();
  await expect(lines(page)).toHaveText(/^ {2}FROM sales/);
  await page.getByRole("button", { name: "History" }).click();
  await expect(page.getByTestId("sql-history").getByRole("listitem")).toHaveCount(1);
  expect(refused).toEqual([]);
});

test("names are written by a click, and found by a search", async ({ page }) => {
  await write(page);
  await put(page, "SELECT  FROM ");
  await editor(page).focus();
  await page.keyboard.press("End");
  const tree = page.getByTestId("sql-schema");
  await tree.getByRole("searchbox", { name: "Search datasets and columns" }).fill("carrier");
  await tree.getByRole("button", { name: /^flights / }).click();
  await expect(lines(page)).toHaveText("SELECT  FROM flights");
  await page.keyboard.press("Home");
  for (let i = 0; i < 7; i++) await page.keyboard.press("ArrowRight");
  await tree.getByRole("button", { name: /^carrier text/ }).first().click();
  await expect(lines(page)).toHaveText("SELECT carrier FROM flights");
});

test("an error says what to do, and where", async ({ page }) => {
  await write(page);
  await put(page, "SELECT region,\n  amoumt FROM sales");
  await page.getByTestId("sql-run").click();
  const error = page.getByTestId("sql-error");
  await expect(error).toContainText("There is no column `amoumt`.");
  await expect(error).toContainText("Did you mean `amount`?");
  await expect(page.locator(".cm-lintRange-error")).toHaveText("amoumt");
  // Only what is selected runs, and its errors stand where it stands.
  await put(page, "SELECT 1 AS one;\nSELECT nope FROM sales");
  await editor(page).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Shift+Home");
  await page.keyboard.press("Control+Enter");
  await expect(error).toContainText("There is no column `nope`.");
  await expect(page.locator(".cm-lintRange-error")).toHaveText("nope");
  await put(page, "DROP TABLE sales");
  await page.getByTestId("sql-run").click();
  await expect(error).toBeVisible();
  await expect(error).not.toContainText("nope");
});

test("a long one is cancelled, and the server stops working on it", async ({ page }) => {
  test.setTimeout(60_000);
  await write(page);
  // Two run at the same time: if they went on, the fourth would wait for a minute.
  for (let i = 0; i < 3; i++) {
    await put(page, `${ENDLESS} -- ${i}`);
    await page.getByTestId("sql-run").click();
    await expect(meta(page)).toHaveText(/^Running, [1-9]/);
    await page.getByTestId("sql-cancel").click();
    await expect(page.getByTestId("sql-error")).toContainText(/^Cancelled after \d+ s\./);
    await expect(editor(page)).toBeFocused();
  }
  await put(page, "SELECT 42 AS answer");
  await page.getByTestId("sql-run").click();
  await expect(meta(page)).toHaveText(/^1 row/);
  expect(await rows(page)).toEqual([["42"]]);
});

test("the plan is a tree", async ({ page }) => {
  await write(page);
  await put(page, "SELECT region, sum(amount) FROM sales GROUP BY ALL ORDER BY 2 DESC");
  await page.getByTestId("sql-explain").click();
  const plan = page.getByTestId("sql-plan");
  await expect(plan).toContainText("Sorts");
  await expect(plan.locator("li li").filter({ hasText: "Reads rows" }).last()).toContainText("sales");
});

test("the answer can be taken along, whole", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await write(page);
  await put(page, "SELECT range AS n, '=1+1' AS text FROM range(1500)");
  await page.getByTestId("sql-run").click();
  await expect(meta(page)).toHaveText(/^1,000 rows, there are more/);
  await page.getByRole("button", { name: "Copy as CSV" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split("\r\n").slice(0, 2)).toEqual(["n,text", "0,\"'=1+1\""]);
  const downloads = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const stream = await (await downloads).createReadStream();
  let text = "";
  for await (const chunk of stream) text += chunk;
  expect(text.trim().split("\r\n")).toHaveLength(1501);
});

test("a SELECT becomes a dataset, which is changed and charted", async ({ page }) => {
  test.setTimeout(60_000);
  await write(page);
  await put(page, "SELECT region, product, sum(amount) AS total FROM sales GROUP BY ALL");
  await page.getByRole("button", { name: "Save as dataset…" }).click();
  const form = page.getByTestId("sql-save-form");
  await form.getByRole("textbox", { name: "Name", exact: true }).fill("Totals by region");
  await form.getByRole("button", { name: "Save dataset" }).click();
  await expect(page).toHaveURL(/\/sql\?dataset=totals_by_region$/);
  await expect(page.getByTestId("sql-belongs")).toContainText("Totals by region");
  await expect(page.getByTestId("sql-schema").getByRole("button", { name: /^totals_by_region/ })).toBeVisible();

  // It is a dataset like any other.
  await open(page, `${server.url}/data`);
  await page.locator('[data-testid=dataset-row][data-name="totals_by_region"] a').click();
  await expect(page.getByTestId("dataset-page")).toBeVisible();
  await page.getByRole("link", { name: "Edit SQL" }).click();
  await expect(lines(page)).toHaveText(/^SELECT region, product/);

  // What uses it is named before it changes.
  await page.getByRole("button", { name: "Make a chart" }).click();
  await expect(page).toHaveURL(/\/explore\?/);
  await expect(page.getByTestId("explore-meta")).toContainText("row");
  await page.getByRole("button", { name: "Add to dashboard…" }).click();
  const add = page.getByTestId("add-to-dashboard-form");
  await add.getByRole("textbox", { name: "Title of the chart" }).fill("Of SQL");
  await add.getByRole("button", { name: "Add chart" }).click();
  await expect(add).toBeHidden();
  await write(page, "?dataset=totals_by_region");
  await editor(page).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" HAVING sum(amount) > 0");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("sql-belongs")).toContainText("Not saved");
  await page.getByRole("button", { name: "Update dataset…" }).click();
  const update = page.getByTestId("sql-update-form");
  await expect(update.getByTestId("sql-usages")).toContainText("Of SQL");
  await update.getByRole("button", { name: "Update dataset" }).click();
  await expect(update).toBeHidden();
  await expect(page.getByTestId("sql-belongs")).not.toContainText("Not saved");
  const kept = await api(server, secret, "GET", "/datasets/totals_by_region/sql");
  expect(kept.body.sql).toContain("HAVING sum(amount) > 0");
});

test("charts of SQL are filtered, filter each other, and lead into the detail", async ({ page }) => {
  test.setTimeout(60_000);
  const sql = "SELECT region, product, date, amount FROM sales WHERE amount > 0";
  const source = (dimension: object) => ({
    sql, query: { dataset: "", dimensions: [dimension], measures: [{ agg: "sum", column: "amount", as: "total" }], order: [{ by: "total", dir: "desc" }] },
  });
  const made = await api(server, secret, "POST", "/dashboards", {
    name: "Charts of SQL",
    layout: {
      widgets: [
        { id: "regions", type: "table", title: "Regions", position: { x: 0, y: 0, w: 4, h: 6 }, data_source: source({ column: "region" }) },
        { id: "products", type: "table", title: "Products", position: { x: 4, y: 0, w: 4, h: 6 }, data_source: source({ column: "product" }) },
        { id: "months", type: "chart", chart_type: "bar", title: "Months", position: { x: 8, y: 0, w: 4, h: 6 }, data_source: source({ column: "date", grain: "month" }) },
        { id: "plain", type: "table", title: "Plain", position: { x: 0, y: 6, w: 6, h: 5 }, data_source: { sql: "SELECT region, count(*) AS n FROM sales GROUP BY ALL ORDER BY ALL" } },
      ],
      filters: [{ id: "f", dataset: "sales", column: "region" }],
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  await open(page, `${server.url}/dashboards/${made.body.slug}`);
  await drawn(page);
  const tile = (name: string) => page.getByRole("group", { name, exact: true });
  const cells = async (name: string) => {
    const all = await tile(name).getByRole("row").evaluateAll((list) =>
      list.map((row) => [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.textContent?.trim() ?? "")),
    );
    return all.filter((row) => row.length > 0);
  };
  const asked = async (where: string, by: string) => {
    const answer = await api(server, secret, "POST", "/sql", { sql: `SELECT ${by}, sum(amount) AS t FROM sales WHERE amount > 0 AND ${where} GROUP BY ALL ORDER BY t DESC` });
    return answer.body.rows.map((row: unknown[]) => row[0]);
  };
  for (const name of ["Regions", "Products", "Months", "Plain"]) {
    await expect(page.locator(`[data-testid=tile][data-tile-id=${name.toLowerCase()}]`)).toHaveAttribute("data-state", "ready");
  }
  // A choice in one narrows the others of the same SELECT.
  const [first] = (await cells("Regions"))[0] as [string];
  const before = await cells("Products");
  await tile("Regions").getByRole("gridcell", { name: first, exact: true }).click();
  await drawn(page);
  await expect.poll(async () => (await cells("Products")).map((row) => row[1])).not.toEqual(before.map((row) => row[1]));
  expect((await cells("Products")).map((row) => row[0])).toEqual(await asked(`region = '${first}'`, "product"));
  expect((await cells("Regions")).length).toBeGreaterThan(1);
  await page.keyboard.press("Escape");
  await expect.poll(async () => await cells("Products")).toEqual(before);

  // A filter of the page reaches every tile whose SELECT has the column.
  const filter = encodeURIComponent(JSON.stringify([{ column: "region", op: "eq", value: first }]));
  await open(page, `${server.url}/dashboards/${made.body.slug}?f=${filter}`);
  await drawn(page);
  expect((await cells("Regions")).map((row) => row[0])).toEqual([first]);
  expect((await cells("Plain")).map((row) => row[0])).toEqual([first]);

  // One step into the detail of a chart of SQL.
  await open(page, `${server.url}/dashboards/${made.body.slug}`);
  await drawn(page);
  await tile("Regions").getByRole("button", { name: "Actions of Regions" }).click();
  await page.getByRole("menuitem", { name: "See the rows" }).click();
  const dialog = page.getByRole("dialog").filter({ hasText: "Regions" });
  await expect(dialog.getByRole("columnheader", { name: /Product/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await tile("Regions").getByRole("button", { name: "Actions of Regions" }).click();
  await page.getByRole("menuitem", { name: "Drill…" }).click();
  await page.getByRole("menuitem", { name: "Drill by…" }).click();
  await page.getByRole("menuitem", { name: "Product" }).click();
  await drawn(page);
  await expect.poll(async () => (await cells("Regions")).map((row) => row[0])).toEqual(before.map((row) => row[0]));

  // The panel edits it and leaves its SELECT.
  await open(page, `${server.url}/dashboards/${made.body.slug}`);
  await drawn(page);
  await tile("Months").getByRole("button", { name: "Actions of Months" }).click();
  await page.getByRole("menuitem", { name: "Edit chart" }).click();
  const panel = page.getByTestId("chart-panel");
  await expect(panel.getByTestId("available-columns").getByRole("button", { name: /^Product/ })).toBeVisible();
  await panel.getByTestId("available-columns").getByRole("button", { name: /^Product/ }).click();
  await saved(page);
  const now = await api(server, secret, "GET", `/dashboards/${made.body.slug}`);
  const months = now.body.layout.widgets.find((widget: { id: string }) => widget.id === "months");
  expect(months.data_source.sql).toBe(sql);
  expect(months.data_source.query.dimensions.map((d: { column: string }) => d.column)).toEqual(["date", "product"]);
});

test("who may not write SQL does not see it", async ({ browser }) => {
  const other = await startServer({ args: ["serve"] });
  try {
    for (const role of ["admin", "explorer"]) orrery(other, ["user", "add", role, "--role", role, "--password-stdin"], `${role} has a password\n`);
    for (const [name, sees] of [["explorer", false], ["admin", true]] as const) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await signIn(page, other, name, `${name} has a password`);
      await open(page, `${other.url}/explore`);
      const main = page.getByRole("navigation", { name: "Main" });
      await expect(main.getByRole("link", { name: "Explore" })).toBeVisible();
      await expect(page.getByRole("link", { name: "SQL", exact: true })).toHaveCount(sees ? 2 : 0);
      await page.keyboard.press("Control+k");
      await page.keyboard.type("SQL");
      await expect(page.getByRole("option", { name: /^SQL/ })).toHaveCount(sees ? 1 : 0);
      await open(page, `${other.url}/sql`);
      if (sees) await expect(page.getByTestId("sql-page")).toBeVisible();
      else await expect(page.getByRole("alert")).toContainText("you need the role creator");
      await context.close();
    }
  } finally {
    await other.stop();
  }
});

test("the page has no serious accessibility problems, light and dark, large and small", async ({ page }) => {
  test.setTimeout(60_000);
  await write(page);
  await put(page, "-- totals\nSELECT region, count(*) AS n, 'x' AS \"a b\" FROM sales WHERE amount > 10.5 GROUP BY ALL");
  await page.getByTestId("sql-run").click();
  await expect(meta(page)).toHaveText(/rows/);
  await page.getByTestId("sql-schema").getByRole("button", { name: "Columns of Sales Data" }).click();
  const check = async () => serious((await new AxeBuilder({ page }).analyze()).violations);
  expect(await check()).toEqual([]);
  await turnDark(page);
  expect(await check()).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByTestId("sql-explain").click();
  await expect(page.getByTestId("sql-plan")).toBeVisible();
  expect(await check()).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
