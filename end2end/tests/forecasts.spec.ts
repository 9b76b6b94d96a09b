// Forecasts: made in the wizard, kept, on a dashboard, and what would be if.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, load, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
  const season = [0, 3, 8, 12, 9, 4, -2, -8, -12, -9, -4, 1];
  const lines = ["day,region,amount,price"];
  for (let i = 0; i < 48; i++) {
    const day = `${2020 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}-01`;
    for (const [region, base] of [["North", 100], ["South", 40]] as const) {
      lines.push(`${day},${region},${base + i + season[i % 12]},${10 + (i % 5)}`);
    }
  }
  await load(server, secret, "orders", `${lines.join("\n")}\n`);
});
test.afterAll(() => server.stop());

test("the wizard proposes, tries all models, and keeps the forecast; it becomes a tile", async ({ page }) => {
  test.setTimeout(180_000);
  await open(page, `${server.url}/forecasts`);
  await page.getByTestId("new-forecast").click();
  await expect(page.getByTestId("forecast-wizard")).toBeVisible();
  await open(page, `${server.url}/forecasts/new?dataset=orders`);
  const what = page.getByTestId("forecast-what");
  await what.getByLabel("Calculation", { exact: true }).selectOption("sum");
  await what.getByLabel("Column", { exact: true }).selectOption("amount");
  await what.getByTestId("propose").click();
  await expect(page.getByTestId("forecast-proposal")).toContainText("48 values from 2020-01-01 to 2023-12-01");
  await expect(page.getByLabel("One value each")).toHaveValue("month");
  await expect(page.getByTestId("forecast-chart")).toHaveAttribute("data-drawn", "true", { timeout: 30_000 });
  await page.getByLabel("Steps ahead").fill("6");
  await page.getByTestId("update-preview").click();
  // All models side by side, the champion marked.
  await page.getByTestId("try-models").click();
  await expect(page.getByTestId("trial-row")).toHaveCount(9, { timeout: 90_000 });
  await expect(page.getByTestId("trial-row").filter({ hasText: "Champion" })).toHaveCount(1);
  const axe = await new AxeBuilder({ page }).analyze();
  expect(serious(axe.violations)).toEqual([]);
  await page.getByTestId("forecast-save").getByLabel("Name").fill("Orders ahead");
  await page.getByTestId("keep-forecast").click();
  await expect(page).toHaveURL(/\/forecasts\/[0-9a-f]+$/);
  await expect(page.getByRole("heading", { level: 1, name: "Orders ahead" })).toBeVisible();
  await expect(page.getByTestId("forecast-chart").first()).toHaveAttribute("data-drawn", "true", { timeout: 30_000 });
  for (const canvas of await page.getByTestId("forecast-chart").locator("canvas").all()) {
    expect((await canvas.boundingBox())?.height, "a chart that is drawn can be seen").toBeGreaterThan(100);
  }
  await expect(page.getByTestId("forecast-values").locator("tbody tr")).toHaveCount(6);
  await expect(page.getByTestId("forecast-parts")).toContainText("Trend");
  await expect(page.getByTestId("forecast-track")).toContainText("2023-12-01");
  // Another model than the champion.
  await page.getByTestId("trial-row").filter({ hasText: "Drift" }).getByRole("button", { name: /^Use/ }).click();
  await expect(page.getByTestId("forecast-metrics")).toContainText("Drift");
  const all = await new AxeBuilder({ page }).analyze();
  expect(serious(all.violations)).toEqual([]);
  await turnDark(page);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  // A tile of it.
  await page.getByTestId("add-to-dashboard").getByRole("button").click();
  const form = page.getByTestId("add-to-dashboard-form");
  await form.getByRole("button", { name: "Add chart" }).click();
  await page.getByRole("button", { name: "Open dashboard" }).click();
  await drawn(page);
  await expect(page.getByTestId("tile").first()).toHaveAttribute("data-state", "ready");
  await page.goto(`${server.url}/forecasts`);
  await expect(page.getByTestId("forecast-card").filter({ hasText: "Orders ahead" })).toContainText("Drift");
});

test("a scenario of a forecast and one of a dashboard show what would be, and their addresses lead there", async ({ page }) => {
  test.setTimeout(120_000);
  const def = { dataset: "orders", measure: { agg: "sum", column: "amount" }, time: "day", settings: { horizon: 6 } };
  const made = await api(server, secret, "POST", "/forecasts", { name: "Amounts ahead", def });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  await open(page, `${server.url}/forecasts/${made.body.id}`);
  await page.getByTestId("new-scenario").click();
  const form = page.getByTestId("scenario-form");
  await form.getByLabel("Name of the scenario").fill("Dearer");
  await form.getByLabel("Column that changes").selectOption("amount");
  await form.getByLabel("By", { exact: true }).fill("10");
  await form.getByTestId("keep-scenario").click();
  await expect(page).toHaveURL(/scenario=[0-9a-f]+/);
  await expect(page.getByTestId("scenario-words")).toContainText("amount +10 %");
  await expect(page.getByTestId("what-if-total")).toContainText(/\+(9|10)\.\d %/, { timeout: 30_000 });
  await page.reload();
  await expect(page.getByTestId("what-if-total")).toContainText("Over all steps", { timeout: 30_000 });

  const query = { dataset: "orders", dimensions: [{ column: "region" }], measures: [{ agg: "sum", column: "amount" }] };
  const widgets = [{ id: "by_region", type: "chart", chart_type: "bar", title: "By region", position: { x: 0, y: 0, w: 6, h: 4 }, data_source: { query } }];
  const board = await api(server, secret, "POST", "/dashboards", { name: "To vary", layout: { widgets } });
  expect(board.status, JSON.stringify(board.body)).toBe(201);
  await open(page, `${server.url}/dashboards/${board.body.slug}`);
  await page.getByTestId("board-menu").click();
  await page.getByRole("menuitem", { name: "What if…" }).click();
  await expect(page).toHaveURL(/\/what-if$/);
  await page.getByTestId("new-scenario").click();
  await form.getByLabel("Name of the scenario").fill("Five more");
  await form.getByLabel("Column that changes").selectOption("amount");
  await form.getByLabel("By", { exact: true }).fill("5");
  await form.getByTestId("keep-scenario").click();
  const tile = page.getByTestId("what-if-tile");
  await expect(tile.getByTestId("what-if-sums")).toContainText("+5.0 %", { timeout: 30_000 });
  await expect(tile.getByTestId("forecast-chart")).toHaveCount(3);
  for (const chart of await tile.getByTestId("forecast-chart").all()) {
    await expect(chart).toHaveAttribute("data-drawn", "true", { timeout: 30_000 });
  }
  const axe = await new AxeBuilder({ page }).analyze();
  expect(serious(axe.violations)).toEqual([]);
  await page.reload();
  await expect(tile.getByTestId("what-if-sums")).toContainText("+5.0 %", { timeout: 30_000 });
});
