// Metrics as people and programs use them: a past to look at, values from outside, members,
// failures, and the queue that keeps it all going.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, load, open, orrery, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "2000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

/** A time so many minutes ago. */
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

test("a metric of pushed values is made on its page and shows what programs send", async ({ page }) => {
  await open(page, `${server.url}/metrics?new=metric`);
  const form = page.getByTestId("metric-form");
  await form.getByLabel("Name").fill("Tank level");
  await form.getByLabel("Values come from").selectOption("push");
  await form.getByText("Gathering, comparison, breakdown and history").click();
  await form.getByLabel("Compare with").selectOption("hour");
  await form.getByRole("button", { name: "Make metric" }).click();
  await page.getByRole("link", { name: "Tank level" }).click();
  await expect(page.getByRole("button", { name: "Refresh now" })).toHaveCount(0);
  const list = [
    { value: 30, at: ago(10) },
    { value: 10, at: ago(90) },
    { value: 20, at: ago(3000) },
  ];
  expect((await api(server, secret, "POST", "/metrics/tank_level/values", list)).status).toBe(202);
  // It moves by itself.
  await expect(page.getByTestId("metric-value")).toHaveText("30");
  const past = page.getByTestId("metric-past");
  await expect(past.getByRole("img", { name: "Line of 2 points between 10 and 30" })).toBeVisible();
  await past.getByRole("radio", { name: "7 d" }).check();
  await expect(past.getByRole("img", { name: "Line of 3 points between 10 and 30" })).toBeVisible();
  await past.getByRole("radio", { name: "1 h", exact: true }).check();
  await expect(past).toContainText("The line appears after the second value");
  await expect(page.getByTestId("metric-trends")).toContainText("200.0 %");
  // A late value is not the newest.
  expect((await api(server, secret, "POST", "/metrics/tank_level/values", { value: 99, at: ago(20) })).status).toBe(202);
  await open(page, `${server.url}/metrics/tank_level`);
  await expect(past.getByRole("img", { name: "Line of 3 points between 10 and 99" })).toBeVisible();
  await expect(page.getByTestId("metric-value")).toHaveText("30");
  const read = await api(server, secret, "GET", "/metrics/tank_level");
  expect(read.body.query).toBeUndefined();
  const history = await api(server, secret, "GET", `/metrics/tank_level/history?from=${ago(4000)}&points=2`);
  expect(history.body.points.length).toBeLessThanOrEqual(2);
});

test("a metric by region shows its members, and says when it fails", async ({ page }) => {
  await load(server, secret, "shops", "region,amount\nNorth,5\nSouth,7\n");
  const made = await api(server, secret, "POST", "/metrics", {
    id: "takings",
    name: "Takings",
    query: { dataset: "shops", measures: [{ agg: "sum", column: "amount" }] },
    refresh_interval: 3600,
    breakdown: "region",
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  await open(page, `${server.url}/metrics/takings`);
  const members = page.getByTestId("metric-members");
  await expect(members.getByRole("row", { name: /South 7/ })).toBeVisible();
  await api(server, secret, "POST", "/datasets/shops/rows", [{ region: "North", amount: 15 }]);
  await expect(members.getByRole("row", { name: /North 20 Up 300.0 %/ })).toBeVisible({ timeout: 10_000 });
  await expect(members.getByRole("row").nth(1)).toContainText("North");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await turnDark(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, "the page scrolls sideways on a phone").toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  expect((await api(server, secret, "DELETE", "/datasets/shops")).status).toBe(204);
  await page.getByRole("button", { name: "Refresh now" }).click();
  await expect(page.getByTestId("metric-failing")).toContainText("No refresh has worked since");
  await expect(page.getByTestId("metric-failing")).toContainText("gone");
  await expect(page.getByTestId("metric-value")).toHaveText("27");
});

test("administrators see the queue on the page, in the API and on the command line", async ({ page }) => {
  await open(page, `${server.url}/admin?tab=jobs`);
  const table = page.getByTestId("jobs-table");
  await expect(table.getByRole("row", { name: /Thin history The server Succeeded/ })).toBeVisible();
  await page.getByLabel("Status").selectOption("queued");
  const next = table.getByRole("row", { name: /Clear jobs The server Queued/ });
  await expect(next).toBeVisible();
  const id = await next.getAttribute("data-job-id");
  await next.getByRole("button", { name: "Cancel" }).click();
  // Its next round comes in its place.
  await expect(table.locator(`[data-job-id="${id}"]`)).toHaveCount(0);
  await expect(next).toBeVisible();
  expect(orrery(server, ["jobs", "list", "--status", "cancelled"])).toContain(`${id}\tclear_jobs\tcancelled`);
  const all = await api(server, secret, "GET", "/jobs?status=succeeded");
  expect(all.body.items.map((job: { kind: string }) => job.kind)).toContain("thin_history");
  expect((await api(server, secret, "GET", "/jobs?status=lost")).status).toBe(400);
  expect((await api(server, secret, "POST", `/jobs/${id}/retry`)).status).toBe(409);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
});
