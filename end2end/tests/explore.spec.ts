// A person who knows no SQL asks questions: groups of conditions, the largest ten and the others, a
// join; goes back and forward, keeps the answer on a dashboard. And the report builder, as a script
// with a real mouse drives it.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, hydrated, load, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
  await load(server, secret, "invoices", "invoice_id,city,total\n1,Oslo,100\n2,Oslo,50\n3,Rome,30\n");
  // Three positions of the first invoice: added up as rows of a join it would be 300.
  await load(server, secret, "positions", "invoice_id,article\n1,Pen\n1,Ink\n1,Paper\n2,Pen\n3,Ink\n");
});
test.afterAll(() => server.stop());

/** The question that the address holds. */
function question(page: Page) {
  return JSON.parse(new URL(page.url()).searchParams.get("q") ?? "null");
}

const step = (page: Page, name: string): Locator => page.getByTestId(`step-${name}`);

/** Folds a step out, if it is folded. */
async function unfold(page: Page, name: string): Promise<Locator> {
  const head = step(page, name).locator(".step-fold");
  if ((await head.getAttribute("aria-expanded")) === "false") await head.click();
  return step(page, name);
}

/** Opens Explore with a dataset; its first question has been answered. */
async function explore(page: Page, dataset: string): Promise<void> {
  await open(page, `${server.url}/explore`);
  await page.getByRole("combobox", { name: "Dataset", exact: true }).click();
  await page.getByRole("option", { name: new RegExp(`^${dataset}`) }).first().click();
  await answered(page);
}

/** Waits until the present question has its answer. */
async function answered(page: Page): Promise<void> {
  const shown = page.getByTestId("explore-shown");
  await expect(shown).not.toHaveAttribute("aria-busy", "true");
  await expect(page.getByTestId("explore-meta")).toContainText("row", { timeout: 20_000 });
}

/** Picks from a box that is searched. */
async function choose(box: Locator, text: string | RegExp): Promise<void> {
  await box.click();
  await box.page().getByRole("option", { name: text }).first().click();
}

/** Adds a field with a click. */
const add = (page: Page, field: string) =>
  page.getByTestId("available-columns").getByRole("button", { name: new RegExp(`^${field} ?, add`) }).click();

/** Rows of the table beside the chart, without its head. */
async function rows(page: Page): Promise<string[][]> {
  await answered(page);
  const grid = page.getByTestId("explore-table").or(page.getByTestId("explore-chart")).getByRole("grid");
  return grid.getByRole("row").evaluateAll((all) =>
    all
      .map((row) => [...row.querySelectorAll('[role="gridcell"]')].map((cell) => cell.textContent?.trim() ?? ""))
      .filter((cells) => cells.length > 0),
  );
}

test("groups of conditions, and groups filtered by their numbers", async ({ page }) => {
  test.setTimeout(60_000);
  await explore(page, "Sales Data");
  await expect(page.getByTestId("question-sentence")).toContainText("Number of rows by");
  await add(page, "Product");
  await add(page, "Amount");
  const summarise = step(page, "summarise");
  for (const field of ["Date", "Count"]) await summarise.getByRole("button", { name: new RegExp(`^Remove ${field}`) }).click();

  const filter = step(page, "filter");
  await choose(filter.getByRole("combobox", { name: "Add a filter" }), "Quantity");
  await filter.getByLabel("Condition").selectOption({ label: "≥" });
  await filter.getByRole("spinbutton", { name: "Value" }).fill("2");
  await filter.getByRole("spinbutton", { name: "Value" }).press("Tab");
  await filter.getByRole("button", { name: "Group", exact: true }).click();
  const group = filter.getByRole("group", { name: "Group of conditions" });
  await expect(group).toContainText("Any of");
  for (const [text, op] of [["pen", "contains"], ["desk", "starts with"]]) {
    await choose(group.getByRole("combobox", { name: "Add a filter" }), "Product");
    const row = group.locator(".filter-row").last();
    await row.getByLabel("Condition").selectOption({ label: op });
    await row.getByRole("textbox", { name: "Value" }).fill(text);
  }
  await expect.poll(() => question(page).filter).toEqual({
    and: [
      { column: "quantity", op: "gte", value: 2 },
      { or: [{ column: "product", op: "contains", value: "pen" }, { column: "product", op: "starts_with", value: "desk" }] },
    ],
  });

  const having = await unfold(page, "having");
  await choose(having.getByRole("combobox", { name: "Only groups where" }), /Amount/);
  await having.getByLabel("Condition").selectOption({ label: ">" });
  await having.getByRole("spinbutton", { name: "Value" }).fill("1");
  await having.getByRole("spinbutton", { name: "Value" }).press("Tab");
  await expect.poll(() => question(page).having).toEqual({ column: "sum_amount", op: "gt", value: 1 });

  // What is on the screen is what the question means to everybody else.
  const direct = await api(server, secret, "POST", "/query", question(page));
  expect(direct.status).toBe(200);
  expect(direct.body.row_count).toBeGreaterThan(0);
  await expect.poll(async () => (await rows(page)).map((row) => row[0]).sort()).toEqual(direct.body.rows.map((r: string[]) => r[0]).sort());
  for (const [product] of direct.body.rows) expect(product.toLowerCase()).toMatch(/pen|^desk/);
  await expect(page.getByTestId("question-sentence")).toHaveText(/^Total amount by product, quantity at least 2, .* only where total amount above 1$/);

  // Each step shows where it leads.
  await filter.getByRole("button", { name: "Preview after Filter" }).click();
  const preview = page.getByTestId("preview-filter");
  await expect(preview.getByRole("row")).toHaveCount(9);
  await expect(preview.getByRole("columnheader", { name: "Quantity" })).toBeVisible();
});

test("the largest ten and the others", async ({ page }) => {
  await explore(page, "NYC flights 2013");
  const summarise = step(page, "summarise");
  await summarise.getByRole("button", { name: /^Remove (?!Count)/ }).first().click();
  await choose(summarise.getByRole("combobox", { name: "Add to Group by" }), "Dest");
  const limit = await unfold(page, "limit");
  await limit.getByLabel("Largest only").selectOption({ label: "Dest" });
  await limit.getByLabel("Gather the rest as one").check();
  await expect.poll(() => question(page).filter).toEqual({
    column: "dest", op: "top_n", value: { n: 10, by: "count", others: true },
  });
  await expect.poll(async () => (await rows(page)).length).toBe(11);
  const shown = await rows(page);
  expect(shown[10][0]).toBe("Others");
  const all = await api(server, secret, "POST", "/query", { dataset: "flights", measures: [{ agg: "count" }] });
  const sum = shown.reduce((sum, row) => sum + Number(row[1].replaceAll(",", "")), 0);
  expect(sum).toBe(all.body.rows[0][0]);
});

test("a join that repeats rows adds nothing twice", async ({ page }) => {
  await explore(page, "Invoices");
  const join = await unfold(page, "join");
  await choose(join.getByRole("combobox", { name: "Join a dataset" }), "Positions");
  await expect.poll(() => question(page).joins).toEqual([{ dataset: "positions", on: [["invoice_id", "invoice_id"]], kind: "left" }]);
  await expect(page.getByTestId("available-columns")).toContainText("Article (Positions)");
  const summarise = step(page, "summarise");
  while (await summarise.getByRole("button", { name: /^Remove / }).count()) await summarise.getByRole("button", { name: /^Remove / }).first().click();
  await add(page, "Total");
  await expect.poll(() => rows(page)).toEqual([["180"]]);
  await add(page, "Article \\(Positions\\)");
  await expect.poll(async () => Object.fromEntries(await rows(page))).toEqual({ Pen: "150", Ink: "130", Paper: "100" });
  // Without the join its columns go, and nothing of them stays behind.
  await join.getByRole("button", { name: "Remove the join with Positions" }).click();
  await expect.poll(() => question(page)).toMatchObject({ measures: [{ agg: "sum", column: "total" }] });
  expect(question(page).dimensions ?? []).toEqual([]);
});

test("back, forward, undo and a link lead to the same question", async ({ page, context }) => {
  await explore(page, "Invoices");
  const first = question(page);
  await add(page, "Total");
  await expect.poll(() => question(page).measures.length).toBe(2);
  const limit = await unfold(page, "limit");
  await limit.getByRole("spinbutton", { name: "Rows at most" }).fill("2");
  await limit.getByRole("spinbutton", { name: "Rows at most" }).press("Tab");
  await expect.poll(() => question(page).limit).toBe(2);
  const last = question(page);
  const between = { ...last };
  delete between.limit;

  await page.goBack();
  await expect.poll(() => question(page).limit).toBeUndefined();
  await expect(limit.getByRole("spinbutton", { name: "Rows at most" })).toHaveValue("");
  await page.goBack();
  await expect.poll(() => question(page)).toEqual(first);
  await page.goForward();
  await page.goForward();
  await expect.poll(() => question(page)).toEqual(last);
  await expect(limit.getByRole("spinbutton", { name: "Rows at most" })).toHaveValue("2");

  // The field keeps its own undo; elsewhere the question goes back.
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("Control+z");
  await expect.poll(() => question(page)).toEqual(between);
  await page.keyboard.press("Control+Shift+Z");
  await expect.poll(() => question(page)).toEqual(last);

  const other = await context.newPage();
  await open(other, page.url());
  await answered(other);
  expect(await rows(other)).toEqual(await rows(page));
  await other.close();

  await page.getByRole("button", { name: "History" }).click();
  await expect(page.getByTestId("question-history").getByRole("link").first()).toContainText(/Number of rows/);
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("n");
  await expect(page).toHaveURL(/\/explore$/);
  await expect(page.getByTestId("explore-shown")).toContainText("Nothing asked yet");
});

test("an answer goes to a dashboard, and comes back from it", async ({ page }) => {
  await explore(page, "Invoices");
  await add(page, "Total");
  await expect.poll(() => question(page).measures.length).toBe(2);
  const asked = question(page);
  await page.getByRole("button", { name: "Add to dashboard…" }).click();
  const form = page.getByTestId("add-to-dashboard-form");
  await form.getByLabel("Title of the chart").fill("Invoices by city");
  await form.getByLabel("Name of the dashboard").fill("Kept answers");
  await form.getByRole("button", { name: "Add chart" }).click();
  await page.getByRole("button", { name: "Open dashboard" }).click();
  await expect(page).toHaveURL(/\/dashboards\/kept-answers$/);
  await hydrated(page);
  await drawn(page);
  const tile = page.getByRole("group", { name: "Invoices by city" });
  await expect(tile).toHaveAttribute("data-state", "ready");
  const kept = await api(server, secret, "GET", "/dashboards/kept-answers");
  expect(kept.body.layout.widgets[0].data_source.query).toEqual(asked);

  await tile.hover();
  await page.getByRole("button", { name: "Actions of Invoices by city" }).click();
  await page.getByRole("menuitem", { name: "Explore from here" }).click();
  await expect(page).toHaveURL(/\/explore\?/);
  await answered(page);
  expect(question(page)).toMatchObject(asked);

  // A second one lies beside the first.
  await page.getByRole("button", { name: "Add to dashboard…" }).click();
  await form.getByLabel("Title of the chart").fill("Again");
  await choose(form.getByRole("combobox", { name: "Dashboard", exact: true }), "Kept answers");
  await form.getByRole("button", { name: "Add chart" }).click();
  await expect(page.getByRole("button", { name: "Open dashboard" })).toBeVisible();
  const both = await api(server, secret, "GET", "/dashboards/kept-answers");
  expect(both.body.layout.widgets.map((w: { title: string }) => w.title).sort()).toEqual(["Again", "Invoices by city"]);
});

test("what the screen does not offer is kept while one edits", async ({ page }) => {
  const asked = {
    dataset: "sales",
    dimensions: [{ column: "date", grain: "month" }, { column: "region" }],
    measures: [
      { agg: "percentile", column: "amount", p: 99.5 },
      { agg: "ratio", numerator: { agg: "sum", column: "cost" }, denominator: { agg: "sum", column: "amount" }, as: "cost_share" },
      { agg: "sum", column: "amount", calc: { kind: "share", within: ["date"] } },
    ],
    filter: { or: [{ column: "region", op: "is_not_null" }, { and: [{ column: "quantity", op: "gt", value: 1 }, { column: "quantity", op: "lt", value: 9 }] }] },
    order: [{ by: "date" }, { by: "region", dir: "desc" }],
    offset: 1,
    timezone: "Europe/Berlin",
    week_start: 7,
    compare: { to: "previous_year", show: ["change"] },
  };
  await open(page, `${server.url}/explore?q=${encodeURIComponent(JSON.stringify(asked))}`);
  await answered(page);
  const limit = await unfold(page, "limit");
  await limit.getByRole("spinbutton", { name: "Rows at most" }).fill("50");
  await limit.getByRole("spinbutton", { name: "Rows at most" }).press("Tab");
  await expect.poll(() => question(page).limit).toBe(50);
  const now = question(page);
  const { limit: _, ...rest } = now;
  const normal = (await api(server, secret, "POST", "/query", asked)).status;
  expect(normal).toBe(200);
  expect(rest).toEqual({ ...asked, order: [{ by: "date", dir: "asc" }, { by: "region", dir: "desc" }] });
});

test("an error stands at the step it is about", async ({ page }) => {
  const asked = { dataset: "sales", measures: [{ agg: "count" }], filter: { column: "amount", op: "gt", value: "many" } };
  await open(page, `${server.url}/explore?q=${encodeURIComponent(JSON.stringify(asked))}`);
  await expect(step(page, "filter").getByTestId("step-error")).toBeVisible();
  await expect(step(page, "summarise").getByTestId("step-error")).toHaveCount(0);
  await open(page, `${server.url}/explore?q=%7B%22dataset`);
  await expect(page.getByTestId("explore-shown")).toContainText("cannot be read");
});

test("by keyboard alone, and in order on every screen", async ({ page }) => {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (line) => line.type() === "error" && problems.push(line.text()));
  await open(page, server.url);
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await expect(page).toHaveURL(/\/explore$/);
  await page.getByRole("combobox", { name: "Dataset", exact: true }).focus();
  await page.keyboard.type("invoi");
  await page.keyboard.press("Enter");
  await answered(page);
  await page.getByTestId("available-columns").getByRole("button", { name: /^Total/ }).focus();
  await expect(page.getByTestId("field-look")).toContainText("Median");
  await page.keyboard.press("Enter");
  await expect.poll(() => question(page).measures.length).toBe(2);
  await answered(page);
  const axe = await new AxeBuilder({ page }).analyze();
  expect(serious(axe.violations)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await turnDark(page);
  // No colour is half way any more.
  await expect.poll(ground).not.toBe(light);
  await expect.poll(() => page.evaluate(() => document.getAnimations().filter((a) => a.playState === "running").length)).toBe(0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, "the page scrolls sideways on a phone").toBeLessThanOrEqual(0);
  const dark = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
  expect(serious(dark.violations)).toEqual([]);
  // A phone shows the question or its answer.
  await expect(page.getByTestId("explore-answer")).toBeHidden();
  const part = page.getByRole("radiogroup", { name: "Part of the page" });
  await part.getByRole("radio", { name: "Answer" }).check();
  await expect(page.getByTestId("explore-chart").locator("canvas")).toBeVisible();
  await expect(step(page, "data")).toBeHidden();
  await part.getByRole("radio", { name: "Question" }).check();
  await expect(step(page, "data")).toBeVisible();
  expect(problems).toEqual([]);
});

test("a question that takes long is cancelled and asked again", async ({ page }) => {
  await explore(page, "Sales Data");
  const held: string[] = [];
  const ended: string[] = [];
  page.on("requestfailed", (request) => ended.push(request.url()));
  await page.route("**/preview_tile*", (route) => {
    held.push(route.request().url());
  });
  await page.getByTestId("available-columns").getByRole("button", { name: /^Product/ }).click();
  await page.getByTestId("cancel-question").click();
  await expect(page.getByTestId("explore-shown")).toContainText("cancelled");
  // The request is over, so the server stops as well.
  await expect.poll(() => held.length > 0 && ended.length === held.length).toBe(true);
  await page.unroute("**/preview_tile*");
  await page.getByTestId("explore-shown").getByRole("button", { name: "Try again" }).click();
  await answered(page);
});

test("the report builder, driven by a mouse", async ({ page }) => {
  await open(page, `${server.url}/analytics/report-builder`);
  await page.selectOption("select#data-source-select", { label: "Sales Data" });
  // As a script finds it: a div in the list whose text is exactly this.
  const column = page.locator('xpath=//*[@id="available-columns"]//div[text()="Date"]');
  const from = (await column.boundingBox())!;
  const to = (await page.locator("#report-columns").boundingBox())!;
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2);
  await page.mouse.up();
  await expect(page.locator('xpath=//*[@id="report-columns"]//div[text()="Date"]')).toBeVisible();
  await expect(column).toHaveCount(0);
  await page.click("button#add-filter-btn");
  await page.selectOption("select.filter-field", { label: "Date" });
  await page.selectOption("select.filter-operator", { label: "Last 30 days" });
  await page.click("button#preview-report");
  await expect(page.locator("table.report-data-table tbody tr").first()).toBeVisible({ timeout: 10_000 });
  const days = await page.locator("table.report-data-table tbody td:first-child").allTextContents();
  expect(days.length).toBeGreaterThan(10);
  const oldest = Math.min(...days.map((day) => Date.parse(`${day} UTC`)));
  expect(Date.now() - oldest).toBeLessThan(32 * 86_400_000);

  const axe = await new AxeBuilder({ page }).analyze();
  expect(serious(axe.violations)).toEqual([]);
  // The same by keyboard, and on to Explore.
  await page.locator('#available-columns [data-column="region"]').press("Enter");
  await page.getByRole("link", { name: "Open in Explore" }).click();
  await expect(page).toHaveURL(/\/explore\?/);
  expect(question(page)).toMatchObject({ dataset: "sales", columns: ["date", "region"] });
  await answered(page);
});
