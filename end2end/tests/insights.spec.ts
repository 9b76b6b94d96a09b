// Data says by itself what is worth knowing: findings whose numbers open, charts that become tiles, what a
// chart says, what changed, thumbs, and news of what was there in no former version.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, load, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;
let board: string;

const day = (n: number) => new Date(Date.UTC(2024, 0, 1 + n)).toISOString().slice(0, 10);

/** Visits that rise by one a day; the shop in Rome has three times as many as the others. */
function visits(days: number, more = false): string {
  const lines = [more ? "day,city,visits,orders" : "day,city,visits"];
  for (let n = 0; n < days; n += 1) {
    ["Bonn", "Oslo", "Rome"].forEach((city, at) => {
      const count = (100 + n + ((n * 7 + at * 3) % 5)) * (city === "Rome" ? 3 : 1);
      lines.push([day(n), city, count, ...(more ? [Math.round(count / 2) + (n % 3)] : [])].join(","));
    });
  }
  return `${lines.join("\n")}\n`;
}

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
  await load(server, secret, "visits", visits(200));
  const made = await api(server, secret, "POST", "/dashboards", {
    name: "Shops",
    layout: {
      widgets: [
        {
          id: "days",
          type: "chart",
          chart_type: "line",
          title: "Visits a day",
          position: { x: 0, y: 0, w: 8, h: 5 },
          data_source: {
            query: { dataset: "visits", dimensions: [{ column: "day", grain: "day" }], measures: [{ agg: "sum", column: "visits" }] },
          },
        },
      ],
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  board = `${server.url}/dashboards/${made.body.slug}`;
});
test.afterAll(() => server.stop());

/** Opens the insights of a dataset, once they are there. */
async function insights(page: Page, dataset = "visits"): Promise<Locator> {
  await open(page, `${server.url}/data/${dataset}?tab=insights`);
  const all = page.getByTestId("findings").getByTestId("finding");
  await expect(all.first()).toBeVisible({ timeout: 20_000 });
  return all;
}

test("a finding says what it stands on, and its numbers open that", async ({ page }) => {
  const all = await insights(page);
  await expect(page.getByTestId("looked")).toContainText("All 600 rows were looked at");
  const tested = all.filter({ hasText: /Trend|Higher than the others/ }).first();
  await expect(tested.getByTestId("why-shown")).toContainText("correction");
  await expect(tested.getByTestId("arithmetic")).toHaveCount(0);
  await tested.getByTestId("insight-number").first().click();
  await expect(tested.getByTestId("arithmetic")).toContainText("p-value, corrected");
  await expect(tested.getByTestId("p-corrected")).toContainText("that were tried");
  await expect(tested.getByTestId("arithmetic")).toContainText("Threshold");
  await expect(tested.getByTestId("insight-picture").locator(".chart-canvas")).toBeVisible();
  const said = await tested.getByTestId("finding-sentence").innerText();
  await expect(tested.getByTestId("insight-picture")).toHaveAttribute("aria-label", said.trim());
  await expect.poll(async () => serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await turnDark(page);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await tested.getByRole("button", { name: "Open in Explore" }).click();
  await expect(page).toHaveURL(/\/explore\?q=/);
  await expect(page.getByTestId("explore-meta")).toContainText("row", { timeout: 20_000 });
});

test("the sentences on top lead to the findings that they are about", async ({ page }) => {
  await insights(page);
  await page.getByTestId("insight-narrative").first().getByTestId("insight-number").first().click();
  await expect(page.getByTestId("arithmetic")).toHaveCount(1);
});

test("an insight becomes a tile, on a new dashboard and on one that is there", async ({ page }) => {
  const all = await insights(page);
  const card = all.filter({ has: page.getByRole("button", { name: "Add to dashboard" }) }).first();
  await card.getByRole("button", { name: "Add to dashboard" }).click();
  const form = page.getByTestId("add-to-dashboard-form");
  await form.getByLabel("Name of the dashboard").fill("Found");
  await form.getByRole("button", { name: "Add chart" }).click();
  await page.getByRole("button", { name: "Open dashboard" }).click();
  await expect(page).toHaveURL(/\/dashboards\/found/);
  await drawn(page);
  await expect(page.getByTestId("tile")).toHaveCount(1);
  await expect(page.getByTestId("tile")).toHaveAttribute("data-state", "ready");

  await insights(page);
  const addable = page.getByRole("button", { name: /^Add to / });
  const recommended = page.getByTestId("recommendation").filter({ has: addable }).first();
  await recommended.getByRole("button", { name: "Add to dashboard" }).click();
  await form.getByRole("combobox", { name: "Dashboard", exact: true }).click();
  await page.getByRole("option", { name: "Found" }).click();
  await form.getByRole("button", { name: "Add chart" }).click();
  await expect(form).toHaveCount(0);
  // From now on it takes one click.
  await recommended.getByRole("button", { name: "Add to Found" }).click();
  await page.getByRole("button", { name: "Open dashboard" }).last().click();
  await drawn(page);
  await expect(page.getByTestId("tile")).toHaveCount(3);
});

test("a chart is explained, on a dashboard and in Explore", async ({ page }) => {
  await open(page, board);
  await drawn(page);
  await page.getByTestId("tile").first().hover();
  await page.getByTestId("tile-menu").first().click();
  await page.getByRole("menuitem", { name: "Explain this" }).click();
  const panel = page.getByTestId("insight-panel");
  await expect(panel).toHaveAttribute("aria-label", "What Visits a day says");
  await expect(panel.getByTestId("finding-sentence").first()).not.toBeEmpty({ timeout: 20_000 });
  const trend = panel.locator('[data-testid="finding"][data-kind="trend"]').first();
  await trend.getByRole("button", { name: "How this was found" }).click();
  await expect(trend.getByTestId("arithmetic")).toContainText("Threshold");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);

  const query = { dataset: "visits", dimensions: [{ column: "city" }], measures: [{ agg: "sum", column: "visits" }] };
  await open(page, `${server.url}/explore?q=${encodeURIComponent(JSON.stringify(query))}`);
  await expect(page.getByTestId("explore-meta")).toContainText("3 rows", { timeout: 20_000 });
  await page.getByRole("button", { name: "Explain this" }).click();
  await expect(page.getByTestId("explanation")).toContainText(/Rome|Nothing stands out/, { timeout: 20_000 });
});

test("a dashboard says what changed, and who carried it", async ({ page }) => {
  await open(page, board);
  await drawn(page);
  await page.getByTestId("board-menu").click();
  await page.getByRole("menuitem", { name: "What changed" }).click();
  const panel = page.getByTestId("insight-panel");
  await expect(panel.getByTestId("change").first()).toBeVisible({ timeout: 20_000 });
  await expect(panel.getByTestId("change").first()).toContainText("+");
  await expect(panel).toContainText("Rome");
  await panel.getByRole("combobox", { name: "Compared" }).selectOption("Last 28 days");
  await expect(panel.getByTestId("change").first()).toContainText("+", { timeout: 20_000 });
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
});

test("a thumb down hides a finding until it is taken back", async ({ page }) => {
  const all = await insights(page);
  const id = (await all.first().getAttribute("data-finding")) ?? "";
  const card = page.locator(`[data-finding="${id}"]`);
  await card.getByRole("button", { name: "Not helpful: hide it" }).click();
  await expect(card).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(card).toBeVisible();
  await card.getByRole("button", { name: "Not helpful: hide it" }).click();
  await expect(card).toHaveCount(0);
  await insights(page);
  await expect(card).toHaveCount(0);
  await page.getByRole("button", { name: "Show 1 hidden" }).click();
  await expect(card.getByRole("button", { name: "Not helpful: hide it" })).toHaveAttribute("aria-pressed", "true");
  await card.getByRole("button", { name: "Not helpful: hide it" }).click();
  await insights(page);
  await expect(card).toBeVisible();
  await card.getByRole("button", { name: "Helpful: show more of this kind" }).click();
  await expect(card.getByRole("button", { name: "Helpful: show more of this kind" })).toHaveAttribute("aria-pressed", "true");
  await insights(page);
  await expect(card.getByTestId("why-shown")).toContainText("You liked others of its kind");
});

test("whoever wants is told of what is new, once, and it stands among the news", async ({ page }) => {
  await load(server, secret, "shops", visits(120));
  await insights(page, "shops");
  const telling = page.getByTestId("insight-subscription").getByRole("combobox");
  await telling.selectOption("Tell me of all new findings");
  await expect(page.getByText("You will be told what is new in Shops").first()).toBeVisible();

  const form = new FormData();
  form.set("file", new Blob([visits(120, true)]), "shops.csv");
  form.set("name", "shops");
  const headers = { Authorization: `Bearer ${secret}` };
  const replaced = await fetch(`${server.url}/api/v1/datasets?mode=replace`, { method: "POST", headers, body: form });
  expect(replaced.status, await replaced.text()).toBeLessThan(300);

  // The job looks by itself, and the bell counts without a reload.
  await expect(page.getByTestId("bell").getByTestId("unread")).toHaveText("1", { timeout: 60_000 });
  const notices = await api(server, secret, "GET", "/notifications");
  expect(JSON.stringify(notices.body)).toContain("insight");

  await open(page, `${server.url}/insights`);
  const fresh = page.getByTestId("finding").filter({ hasText: "Shops" });
  await expect(fresh.first()).toBeVisible({ timeout: 20_000 });
  await expect(fresh.first()).toContainText("New");
  await expect(page.getByTestId("finding").filter({ hasText: /orders/i }).first()).toBeVisible();
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});

test("the API answers in the shape that was promised", async () => {
  for (const answer of [
    await api(server, secret, "GET", "/insights?dataset=visits"),
    await api(server, secret, "POST", "/insights", { dataset: "visits" }),
  ]) {
    expect(answer.status).toBe(200);
    for (const part of ["summary_stats", "trends", "anomalies", "correlations", "recommendations", "narrative"]) {
      expect(answer.body).toHaveProperty(part);
    }
    expect(answer.body.trends.some((t: { column: string; direction: string }) => t.column === "visits" && t.direction === "increasing")).toBe(true);
  }
  const job = await api(server, secret, "POST", "/insights", { dataset: "visits", background: true });
  expect(job.status).toBe(202);
  await expect.poll(async () => (await api(server, secret, "GET", `/jobs/${job.body.id}`)).body.status).toBe("succeeded");
  expect((await api(server, secret, "GET", "/insights?dataset=nothing")).status).toBe(404);
  expect((await api(server, secret, "GET", "/insights")).status).toBe(400);
});
