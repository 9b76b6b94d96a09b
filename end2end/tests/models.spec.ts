// Models: a detector is trained and its threshold moved in sight of the rows, a model predicts, and the
// way back to a version is one click.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, load, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;

/** 240 rows around 100, and three far away. */
function orders(): string {
  const lines = ["day,region,amount,quantity,kind"];
  for (let i = 0; i < 240; i++) {
    const day = new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10);
    const amount = 90 + ((i * 37) % 21);
    lines.push(`${day},${["North", "South", "West"][i % 3]},${amount},${5 + ((i * 7) % 4)},${amount >= 100 ? "large" : "small"}`);
  }
  lines.push("2025-11-01,North,250,5,large", "2025-11-02,South,-50,5,small", "2025-11-03,West,300,5,large");
  return lines.join("\n");
}

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "2000"] });
  secret = token(server);
  await load(server, secret, "orders", orders());
});
test.afterAll(() => server.stop());

/** Makes a model over the API and waits for its first version. */
async function trained(name: string, spec: object): Promise<string> {
  const def = { source: { kind: "dataset", name: "orders" }, spec };
  const made = await api(server, secret, "POST", "/models", { name, def });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  expect(made.headers.get("location")).toBe(`/api/v1/models/${made.body.id}`);
  await finished(made.body.id);
  return made.body.id;
}

async function finished(id: string): Promise<void> {
  const model = async () => (await api(server, secret, "GET", `/models/${id}`)).body;
  await expect.poll(async () => { const m = await model(); return m.error ?? (m.job ? "training" : m.status); }, { timeout: 60_000 }).toBe("active");
}

async function looksWell(page: Page): Promise<void> {
  const axe = await new AxeBuilder({ page }).analyze();
  expect(serious(axe.violations)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await turnDark(page);
  const dark = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
  expect(serious(dark.violations)).toEqual([]);
}

test("a detector is trained, its threshold moved, an anomaly judged", async ({ page }) => {
  test.setTimeout(120_000);
  await open(page, `${server.url}/models`);
  await page.getByRole("main").getByRole("link", { name: "New model" }).click();
  await page.getByRole("combobox", { name: "Dataset" }).click();
  await page.getByRole("option", { name: "Orders" }).click();
  const features = page.getByTestId("features");
  const amount = features.getByRole("button", { name: "Amount" });
  await expect(amount).toHaveAttribute("aria-pressed", "true");
  await features.getByRole("button", { name: "Region" }).click();
  await expect(features.getByRole("button", { name: "Region" })).toHaveAttribute("aria-pressed", "true");
  await features.getByRole("button", { name: "Region" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Odd orders");
  await page.getByTestId("train").click();
  await expect(page).toHaveURL(/\/models\/[0-9a-f]{32}/);
  await expect(page.getByRole("heading", { level: 1, name: "Odd orders" })).toBeVisible();
  await expect(page.getByTestId("model-state")).toContainText("Active", { timeout: 60_000 });

  // Everything at 0, less and less above.
  const count = page.getByTestId("flagged-count");
  await expect(count).toContainText("of 243 rows");
  const flagged = async () => Number((await count.textContent())?.split(" ")[0]);
  const slider = page.getByTestId("threshold");
  await slider.fill("0");
  await expect.poll(flagged).toBe(243);
  await expect(page.getByTestId("save-threshold")).toBeEnabled();
  await slider.fill("1");
  await expect.poll(flagged).toBeLessThan(4);
  await page.reload();
  await expect.poll(flagged).toBeGreaterThan(2);
  const kept = await flagged();
  expect(kept).toBeLessThan(60);
  await expect(page.getByTestId("flagged-row").first()).toContainText(/250|300|-50/);
  await expect(page.getByTestId("model-card").locator("canvas").first()).toBeVisible();

  await page.getByRole("tab", { name: "Anomalies" }).click();
  const anomalies = page.getByTestId("anomaly");
  await expect(anomalies.filter({ hasText: "Amount 250" })).toHaveAttribute("data-status", "new");
  const one = anomalies.filter({ hasText: "Amount 300" });
  await one.getByRole("button", { name: "What to do" }).click();
  await page.getByRole("menuitem", { name: "Not an anomaly" }).click();
  await expect(one).toHaveAttribute("data-status", "dismissed");

  // Rows that come are looked at, and the owner is told.
  const id = page.url().split("/").pop()?.split("?")[0];
  const row = { day: "2025-12-01", region: "West", amount: 900, quantity: 5, kind: "large" };
  expect((await api(server, secret, "POST", "/datasets/orders/rows", [row])).status).toBe(200);
  const found = async () => (await api(server, secret, "GET", `/detectors/${id}/anomalies?status=new`)).body.items;
  await expect.poll(async () => (await found()).map((a: { data: { amount: number } }) => a.data.amount)).toContain(900);
  await open(page, `${server.url}/inbox`);
  await expect(page.getByText("Odd orders: 1 unusual row").first()).toBeVisible();
  await open(page, `${server.url}/models/${id}`);
  await expect(count).toBeVisible();
  await looksWell(page);
});

test("what a detector found is marked on a chart along its time", async ({ page }) => {
  await trained("Marks", { kind: "isolation_forest", features: ["amount"], parameters: { contamination: 0.02 } });
  const tile = {
    type: "chart",
    chart_type: "line",
    title: "Orders by day",
    position: { x: 0, y: 0, w: 12, h: 6 },
    data_source: { query: { dataset: "orders", dimensions: [{ column: "day", grain: "month" }], measures: [{ agg: "sum", column: "amount" }] } },
  };
  const board = await api(server, secret, "POST", "/dashboards", { name: "Orders", layout: { widgets: [tile] } });
  expect(board.status).toBe(201);
  await open(page, `${server.url}/dashboards/${board.body.slug}`);
  await expect(page.getByTestId("tile").getByRole("img", { name: /Found unusual/ })).toBeVisible({ timeout: 20_000 });
});

test("a model predicts a row and a dataset", async ({ page }) => {
  test.setTimeout(90_000);
  const id = await trained("Kinds", { kind: "logistic", features: ["amount", "quantity"], target: "kind" });
  await open(page, `${server.url}/models/${id}`);
  await expect(page.getByTestId("model-figures")).toContainText(/\d/);
  await page.getByRole("tab", { name: "Predict" }).click();
  const form = page.getByTestId("predict-form");
  await form.getByLabel("Amount").fill("109");
  await form.getByLabel("Quantity").fill("6");
  await form.getByRole("button", { name: "Predict" }).click();
  await expect(page.getByTestId("prediction")).toContainText("large");
  await form.getByLabel("Amount").fill("99999");
  await form.getByRole("button", { name: "Predict" }).click();
  await expect(page.getByTestId("prediction")).toContainText("far outside");
  const batch = page.getByTestId("batch-form");
  await batch.getByRole("combobox", { name: "Dataset" }).click();
  await page.getByRole("option", { name: "Orders", exact: true }).click();
  await expect(batch.getByLabel("Name of the new dataset")).toHaveValue("orders_predicted");
  await batch.getByRole("button", { name: "Predict all rows" }).click();
  await expect(page.getByTestId("batch-done")).toContainText("rows were predicted", { timeout: 30_000 });
  await looksWell(page);
  await page.getByRole("link", { name: "Open the dataset" }).click();
  await expect(page).toHaveURL(/\/data\/orders_predicted/);
});

test("an earlier version answers again after one click, and two stand side by side", async ({ page }) => {
  test.setTimeout(90_000);
  const id = await trained("Numbers", { kind: "ridge", features: ["quantity", "region"], target: "amount" });
  await open(page, `${server.url}/models/${id}`);
  await expect(page.getByTestId("model-state")).toContainText("Version 1");
  await page.getByTestId("retrain").click();
  await expect(page.getByTestId("model-state")).toContainText("Version 2", { timeout: 60_000 });
  await page.getByRole("tab", { name: "Versions" }).click();
  await expect(page.getByTestId("version")).toHaveCount(2);
  await page.getByTestId("compare").click();
  await expect(page.getByTestId("comparison")).toContainText("They say the same");
  await page.getByTestId("trial-form").getByRole("button", { name: "Begin the trial" }).click();
  await expect(page.getByTestId("model-state")).toContainText("Version 1 on 20 %");
  await page.getByRole("button", { name: "Use version 1" }).click();
  await expect(page.getByTestId("model-state")).toContainText("Version 1");
  await expect(page.locator("[data-testid=version][data-active=true]")).toContainText("1");
  const said = await api(server, secret, "POST", `/models/${id}/predict`, { rows: [{ quantity: 6, region: "North" }] });
  expect(said.body.predictions[0].version).toBe(1);
  await looksWell(page);
  await open(page, `${server.url}/models?type=regression`);
  await expect(page.getByTestId("model-row")).toHaveCount(1);
});
