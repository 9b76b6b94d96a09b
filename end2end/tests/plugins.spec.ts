// Plug-in charts: an administrator adds a kind of chart as data, everybody draws by it, it talks to the
// other tiles, and tiles outlive it.

import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, open, panelOfFirst, saved, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "2000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

const template = (name: string) => JSON.parse(readFileSync(`../docs/plugin-charts/${name}.json`, "utf8"));

async function install(name: string): Promise<void> {
  const made = await api(server, secret, "POST", "/chart-plugins", template(name));
  expect([201, 409]).toContain(made.status);
}

async function dashboard(name: string, widgets: object[]): Promise<string> {
  const made = await api(server, secret, "POST", "/dashboards", { name, layout: { kind: "grid", widgets } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.slug;
}

const revenue = { agg: "sum", column: "amount", as: "revenue" };
const byRegion = { dataset: "sales", dimensions: [{ column: "region" }], measures: [revenue], order: [{ by: "region" }] };

test("an administrator adds, changes and removes a kind of chart", async ({ page }) => {
  test.setTimeout(60_000);
  await open(page, `${server.url}/admin?tab=charts`);
  await page.getByTestId("add-plugin").click();
  const form = page.getByTestId("plugin-form");
  await expect(form).toBeVisible();
  await form.getByLabel("Begin with").selectOption("Lollipop");
  await expect(form.locator(".plugin-picture canvas")).toBeVisible();
  const text = form.getByRole("textbox", { name: "Template" });
  const good = await text.inputValue();
  // What is wrong is told with its place, and cannot be kept.
  await text.fill(good.replace('"grid"', '"graphic"').replace('"type": "scatter"', '"type": "custom"'));
  const problems = form.getByTestId("plugin-problems");
  await expect(problems).toContainText("2 things are wrong");
  await expect(problems).toContainText("option.graphic");
  await expect(problems).toContainText("option.series[1].type");
  await expect(form.getByRole("button", { name: "Add kind of chart" })).toBeDisabled();
  const axe = await new AxeBuilder({ page }).include("dialog[open]").analyze();
  expect(serious(axe.violations)).toEqual([]);
  await text.fill(good.replace('"Lollipop"', '"Sticks"'));
  await form.getByRole("button", { name: "Add kind of chart" }).click();
  const row = page.locator("[data-plugin=sticks]");
  await expect(row).toContainText("One stick for each (category), Value (number)");
  // A file does as well.
  await page.getByTestId("add-plugin").click();
  await page.getByTestId("plugin-file").setInputFiles("../docs/plugin-charts/rose.json");
  await expect(form.locator(".plugin-picture canvas")).toBeVisible();
  await form.getByRole("button", { name: "Add kind of chart" }).click();
  await expect(page.locator("[data-plugin=rose]")).toBeVisible();
  await row.getByRole("button", { name: "Change Sticks" }).click();
  await expect(text).toHaveValue(/"Sticks"/);
  await text.fill((await text.inputValue()).replace('"Sticks"', '"Long sticks"'));
  await form.getByRole("button", { name: "Save template" }).click();
  await expect(row).toContainText("Long sticks");
  await turnDark(page);
  const dark = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
  expect(serious(dark.violations)).toEqual([]);
  await row.getByRole("button", { name: "Remove Long sticks" }).click();
  const dialog = page.getByRole("dialog", { name: /Remove the kind of chart/ });
  await expect(dialog).toContainText("No tile uses it.");
  await dialog.getByRole("button", { name: "Remove kind of chart" }).click();
  await expect(row).toHaveCount(0);
});

test("only administrators may", async () => {
  const reader = token(server, "demo", "read");
  const refused = await api(server, reader, "POST", "/chart-plugins", template("range"));
  expect(refused.status).toBe(403);
  const bad = await api(server, secret, "POST", "/chart-plugins", { ...template("range"), name: "Bad", option: { series: [{ type: "custom" }] } });
  expect([bad.status, bad.body.error.field]).toEqual([400, "option.series[0].type"]);
  const list = await api(server, reader, "GET", "/chart-plugins");
  expect(list.status).toBe(200);
});

test("the picker offers it, and its encodings are wells", async ({ page }) => {
  await install("range");
  const position = { x: 0, y: 0, w: 8, h: 8 };
  const slug = await dashboard("Spread", [{ type: "chart", chart_type: "bar", title: "Spread", position, data_source: { query: byRegion } }]);
  const panel = await panelOfFirst(page, `${server.url}/dashboards/${slug}`);
  const kind = panel.locator('[data-kind="plugin:range"]');
  await kind.click();
  await expect(kind).toHaveAttribute("aria-checked", "true");
  const well = (name: string) => panel.getByRole("region", { name, exact: true });
  await expect(well("Low")).toContainText("Amount");
  await expect(well("Low").getByRole("combobox").first()).toHaveValue("min");
  await expect(well("High").getByRole("combobox").first()).toHaveValue("max");
  await expect(panel.getByTestId("preview-report").locator("canvas")).toBeVisible();
  // Another aggregate stays in its well.
  await well("Middle").getByRole("combobox").first().selectOption("avg");
  await expect(panel.getByTestId("preview-report")).not.toHaveAttribute("aria-busy", "true");
  await expect(well("Middle").getByRole("combobox").first()).toHaveValue("avg");
  await saved(page);
  const stored = await api(server, secret, "GET", `/dashboards/${slug}`);
  const tile = stored.body.layout.widgets[0];
  expect(tile.chart_type).toBe("plugin:range");
  expect(tile.data_source.options).toEqual({ category: "region", low: "min_amount", middle: "avg_amount", high: "max_amount" });
  await page.keyboard.press("Escape");
  await page.reload();
  await drawn(page);
  await expect(page.getByTestId("tile").first()).toHaveAttribute("data-state", "ready");
  await expect(page.getByTestId("tile").first().locator("canvas")).toBeVisible();
});

test("it filters the other tiles, becomes a table, and outlives its template", async ({ page }) => {
  test.setTimeout(60_000);
  await install("rose");
  const slug = await dashboard("Petals", [
    { id: "rose", type: "chart", chart_type: "plugin:rose", title: "Petals", position: { x: 0, y: 0, w: 6, h: 7 }, data_source: { query: { ...byRegion, dimensions: [{ column: "region" }], limit: 1 } } },
    { id: "list", type: "table", title: "List", position: { x: 6, y: 0, w: 6, h: 7 }, data_source: { query: { dataset: "sales", dimensions: [{ column: "region" }], measures: [{ agg: "count" }] } } },
  ]);
  await open(page, `${server.url}/dashboards/${slug}`);
  await drawn(page);
  const rose = page.locator("[data-tile-id=rose]");
  const list = page.locator("[data-tile-id=list]");
  await expect(list.getByRole("row")).toHaveCount(5);
  // One petal: whatever is clicked in the ring is it.
  const canvas = rose.locator(".chart-canvas");
  const box = await canvas.boundingBox();
  if (!box) throw new Error("no chart");
  const reach = Math.min(box.width, box.height) * 0.2;
  await canvas.click({ position: { x: box.width / 2 + reach, y: box.height / 2 } });
  await expect(page.getByTestId("chosen")).toContainText("East");
  await expect(list.getByRole("row")).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect(list.getByRole("row")).toHaveCount(5);
  const picture = await fetch(`${server.url}/api/v1/dashboards/${slug}/thumbnail`, { headers: { Authorization: `Bearer ${secret}` } });
  expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/png"]);
  // The warning names the tile; afterwards the tile says what happened, and its rows are there.
  await open(page, `${server.url}/admin?tab=charts`);
  await page.locator("[data-plugin=rose]").getByRole("button", { name: "Remove Rose" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove the kind of chart “Rose”?" });
  await expect(dialog).toContainText("“Petals” on Petals");
  await dialog.getByRole("button", { name: "Remove kind of chart" }).click();
  await expect(page.locator("[data-plugin=rose]")).toHaveCount(0);
  await open(page, `${server.url}/dashboards/${slug}`);
  await drawn(page);
  await expect(rose).toContainText("This kind of chart was removed");
  await expect(rose).toHaveAttribute("data-state", "ready");
  await rose.hover();
  await rose.getByTestId("tile-menu").click();
  await page.getByRole("menuitem", { name: "View as table" }).click();
  await expect(rose.getByRole("gridcell", { name: "East" })).toBeVisible();
});

test("Explore draws by it, and says what it takes", async ({ page }) => {
  await install("lollipop");
  const query = encodeURIComponent(JSON.stringify(byRegion));
  await open(page, `${server.url}/explore?q=${query}&kind=plugin:lollipop`);
  const shown = page.getByTestId("explore-shown");
  await expect(shown).toHaveAttribute("data-kind", "plugin:lollipop");
  await expect(page.getByTestId("explore-chart").locator("canvas")).toBeVisible();
  await expect(page.getByTestId("explore-answer").getByRole("button", { name: "Lollipop" })).toBeVisible();
  await page.getByRole("button", { name: "Options of the chart" }).click();
  await page.getByLabel("Value", { exact: true }).selectOption({ label: "Revenue" });
  await expect(page).toHaveURL(/o=.*revenue/);
});
