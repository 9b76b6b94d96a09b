// Alerts: made from a tile with the past in sight, the threshold dragged, told in the inbox the moment
// rows arrive, acknowledged, and everything that happened listed.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, load, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;

const DAYS = 40;
const day = (n: number) => new Date(Date.now() - (DAYS - n) * 86_400_000).toISOString().slice(0, 10);
/** Ten a day, and 50 on each tenth. */
const COURSE = Array.from({ length: DAYS }, (_, n) => `${day(n)},${n % 10 === 9 ? 50 : 10}`).join("\n");

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "2000"] });
  secret = token(server);
  await load(server, secret, "orders", `day,amount\n${COURSE}\n`);
  const tile = {
    type: "chart",
    chart_type: "line",
    title: "Orders by day",
    position: { x: 0, y: 0, w: 12, h: 6 },
    data_source: {
      query: {
        dataset: "orders",
        dimensions: [{ column: "day", grain: "day" }],
        measures: [{ agg: "sum", column: "amount" }],
      },
    },
  };
  const board = await api(server, secret, "POST", "/dashboards", { name: "Orders", layout: { widgets: [tile] } });
  expect(board.status, JSON.stringify(board.body)).toBe(201);
  const metric = { id: "all_orders", name: "All orders", query: { dataset: "orders", measures: [{ agg: "sum", column: "amount" }] } };
  expect((await api(server, secret, "POST", "/metrics", metric)).status).toBe(201);
  // One that is always there, for the tests of how pages look.
  const quiet = { name: "Debts", subject: { type: "metric", id: "revenue" }, condition: { type: "below", value: -1 } };
  expect((await api(server, secret, "POST", "/alerts", quiet)).status).toBe(201);
});
test.afterAll(() => server.stop());

const count = (page: Page) => page.getByTestId("backtest-count");

test("an alert is made from a tile, its threshold dragged in sight of the past", async ({ page }) => {
  await open(page, `${server.url}/dashboards/orders`);
  await drawn(page);
  await page.getByTestId("tile").hover();
  await page.getByTestId("tile-menu").click();
  await page.getByRole("menuitem", { name: "Alert me" }).click();
  await expect(page).toHaveURL(/alerts\/new/);
  const form = page.getByTestId("alert-form");
  await expect(form.getByRole("combobox", { name: "Tile" })).toHaveValue(/.+/);
  // The past suggests a threshold; dragged below the usual days, it would fire; above all, never.
  const line = page.getByTestId("alert-threshold");
  await expect(line).toBeVisible();
  await expect(count(page)).toContainText("last 90 days");
  const drag = async (part: number) => {
    const plot = await page.getByTestId("alert-plot").locator(".alert-plot-area").boundingBox();
    const from = await line.boundingBox();
    if (!plot || !from) throw new Error("nothing to drag");
    await page.mouse.move(plot.x + plot.width / 2, from.y);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width / 2, plot.y + plot.height * part, { steps: 8 });
    await page.mouse.up();
  };
  await drag(0.5);
  await expect(count(page)).toHaveText("Would have fired 4 times in the last 90 days.");
  await drag(0.01);
  await expect(count(page)).toHaveText("Would not have fired in the last 90 days.");
  // With the keys, and as a number.
  await line.focus();
  const before = Number(await line.getAttribute("aria-valuenow"));
  await page.keyboard.press("PageDown");
  await expect.poll(async () => Number(await line.getAttribute("aria-valuenow"))).toBeLessThan(before);
  await form.getByRole("spinbutton", { name: "Value" }).fill("100");
  await form.getByRole("spinbutton", { name: "Value" }).press("Tab");
  await expect(line).toHaveAttribute("aria-valuenow", "100");
  await expect(count(page)).toHaveText("Would not have fired in the last 90 days.");
  const axe = await new AxeBuilder({ page }).analyze();
  expect(serious(axe.violations)).toEqual([]);
  await form.getByRole("textbox", { name: "Name" }).fill("Many orders");
  await form.getByRole("button", { name: "Make alert" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Many orders" })).toBeVisible();
  await expect(page.getByTestId("alert-now")).toHaveAttribute("data-status", "normal");
});

test("it fires the moment rows arrive, is acknowledged, recovers and says so", async ({ page }) => {
  await open(page, `${server.url}/alerts`);
  const row = page.getByTestId("alert-row").filter({ hasText: "Many orders" });
  await expect(row).toHaveAttribute("data-status", "normal");
  await row.getByRole("link", { name: "Many orders" }).click();
  const now = page.getByTestId("alert-now");
  await expect(now).toHaveAttribute("data-status", "normal");
  const rows = [{ day: day(DAYS), amount: 500 }];
  expect((await api(server, secret, "POST", "/datasets/orders/rows", rows)).status).toBe(200);
  await expect(now).toHaveAttribute("data-status", "firing", { timeout: 15_000 });
  const bell = page.getByTestId("bell");
  await expect(bell.getByTestId("unread")).toHaveText("1");
  await bell.getByRole("button", { name: /^Inbox/ }).click();
  await expect(page.getByTestId("notification").first()).toContainText("Many orders");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(now).toContainText("Acknowledged by demo");
  await expect(page.getByTestId("alert-event").filter({ hasText: "Fired" })).toHaveCount(1);
  // A day later all is as usual.
  const next = [{ day: day(DAYS + 1), amount: 10 }];
  await api(server, secret, "POST", "/datasets/orders/rows", next);
  await expect(now).toHaveAttribute("data-status", "normal", { timeout: 15_000 });
  await expect(page.getByTestId("alert-event").filter({ hasText: "Recovered" })).toHaveCount(1);
  await expect(bell.getByTestId("unread")).toHaveText("2");
});

test("a metric is watched, snoozed, paused, changed and let go", async ({ page }) => {
  await open(page, `${server.url}/metrics/all_orders`);
  await page.getByRole("link", { name: "Alert me" }).click();
  const form = page.getByTestId("alert-form");
  await expect(form.getByRole("combobox", { name: "Metric" })).toHaveValue("All orders");
  await form.getByRole("combobox", { name: "Condition" }).selectOption("below");
  await form.getByRole("spinbutton", { name: "Value" }).fill("1");
  await form.getByRole("textbox", { name: "E-mail addresses" }).fill("not an address");
  await form.getByRole("textbox", { name: "E-mail addresses" }).press("Enter");
  await expect(form).toContainText("An e-mail address has an @.");
  await form.getByRole("textbox", { name: "E-mail addresses" }).fill("ada@example.com");
  await form.getByRole("textbox", { name: "E-mail addresses" }).press("Enter");
  await expect(form.getByText("ada@example.com")).toBeVisible();
  await form.getByRole("button", { name: "Make alert" }).click();
  const now = page.getByTestId("alert-now");
  await expect(now).toContainText("All orders is below 1");
  await page.getByTestId("snooze").click();
  await page.getByRole("menuitem", { name: "For a day" }).click();
  await expect(now).toContainText("Snoozed until");
  await page.getByTestId("alert-menu").click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  await expect(now).toContainText("Paused");
  await page.getByRole("link", { name: "Edit" }).click();
  await form.getByRole("spinbutton", { name: "Value" }).fill("2");
  await form.getByRole("button", { name: "Save alert" }).click();
  await expect(now).toContainText("All orders is below 2");
  await page.getByTestId("alert-menu").click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete alert" }).click();
  await expect(page).toHaveURL(/\/alerts$/);
  await expect(page.getByTestId("alert-row").filter({ hasText: "All orders" })).toHaveCount(0);
});

test("the pages of alerts can be read by everyone, in light and dark", async ({ page }) => {
  const check = async () => expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await open(page, `${server.url}/alerts`);
  await check();
  await turnDark(page);
  await check();
  await page.getByTestId("alert-row").first().getByRole("link").first().click();
  await expect(page.getByTestId("alert-now")).toBeVisible();
  await expect(count(page)).toContainText("last 90 days");
  await check();
  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByTestId("alert-form")).toBeVisible();
  await check();
});
